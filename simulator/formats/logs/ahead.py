"""Read the next batch while this one is worked on: Arrow and files wait outside of Python."""

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Found = TypeVar("Found")
_AHEAD = 1  # batches; each holds memory
_WAIT_S = 0.1
_END = object()


def ahead(items: Iterator[Found]) -> Iterator[Found]:
    """The same items in their order, made in a thread of their own; its exceptions are raised here."""
    queue: Queue[object] = Queue(_AHEAD)
    stop = Event()

    def put(item: object) -> None:
        while not stop.is_set():
            try:
                queue.put(item, timeout=_WAIT_S)
            except Full:
                continue
            return

    def work() -> None:
        try:
            for item in items:
                put(item)
                if stop.is_set():
                    return
            put(_END)
        except BaseException as error:
            put(error)

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        while (item := queue.get()) is not _END:
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc]
    finally:
        stop.set()
        thread.join()
