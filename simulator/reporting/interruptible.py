"""Work that can be interrupted: Ctrl-C is answered at once, and what was finished is not lost.

The kernel runs outside Python for a fraction of a second at a time, and is compiled for longer than that. The
work therefore runs in a thread of its own while the main thread waits for it, or for a signal.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

_Result = TypeVar("_Result")

GRACE_S = 1.0  # for the work to hand over what it has
_POLL_S = 0.1


class InterruptionError(Exception):
    """The user interrupted the work before it had anything to show."""


def run_interruptible(
    work: Callable[[threading.Event], _Result], grace_s: float = GRACE_S
) -> tuple[_Result, bool]:
    """Return the work's result, and whether it was cut short.

    Parameters
    ----------
    work : is given the event that tells it to stop; may then return what it has, or raise
    grace_s : how long to wait for that

    Raises
    ------
    InterruptionError
        If there was a KeyboardInterrupt and the work handed over nothing in time.
    """
    cancel = threading.Event()
    future: Future[_Result] = Future()
    threading.Thread(target=_run, args=(work, cancel, future), daemon=True).start()
    try:
        while not wait(
            [future], timeout=_POLL_S
        ).done:  # a signal may wake another thread: look up now and then
            pass
        return future.result(), False
    except KeyboardInterrupt:
        cancel.set()
    try:
        if not wait([future], timeout=grace_s).done:
            raise InterruptionError
        return future.result(), True
    except (Exception, KeyboardInterrupt) as error:  # however it ends when told to stop, it was interrupted
        raise InterruptionError from error


def _run(
    work: Callable[[threading.Event], _Result], cancel: threading.Event, future: Future[_Result]
) -> None:
    try:
        future.set_result(work(cancel))
    except BaseException as error:  # handed to the main thread, which raises it
        future.set_exception(error)
