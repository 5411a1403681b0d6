"""Work that can be interrupted: Ctrl-C is answered at once, and what was finished is not lost.

The kernel runs outside Python for a fraction of a second at a time, and is compiled for longer than that. The
work therefore runs in a thread of its own while the main thread waits for it, or for a signal. Once told to stop, the
work may need some seconds to make tables of thousands of runs that are finished: it is waited for, and a second Ctrl-C
drops them. Nothing is waited for while the compiler works, which cannot be stopped and before which nothing was finished.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

from simulator.errors import InterruptedEarlyError
from simulator.numerics.jit import is_compiling

_Result = TypeVar("_Result")

GRACE_S = 1.0  # for the work to hand over what it has, before the user sees what is waited for
_POLL_S = 0.1


class InterruptionError(InterruptedEarlyError):
    """The user interrupted the work before it had anything to show."""


def run_interruptible(
    work: Callable[[threading.Event], _Result],
    say_waiting: Callable[[], None] | None = None,
    grace_s: float = GRACE_S,
) -> tuple[_Result, bool]:
    """Return the work's result, and whether it was cut short.

    Parameters
    ----------
    work : is given the event that tells it to stop; may then return what it has, or raise
    say_waiting : called once if handing over takes longer than `grace_s` seconds
    grace_s : see there

    Raises
    ------
    InterruptionError
        If there was a KeyboardInterrupt and the work had nothing to hand over, or there was another before it had.
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
        if not wait([future], timeout=grace_s).done and say_waiting is not None:
            say_waiting()
        while not wait([future], timeout=_POLL_S).done:
            if is_compiling():
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
