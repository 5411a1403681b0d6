import signal
import threading
import time

import pytest

from simulator.reporting.interruptible import InterruptionError, run_interruptible


def _interrupt_soon() -> None:
    """Send this process Ctrl-C a moment from now, as a terminal does."""
    threading.Timer(0.2, signal.raise_signal, [signal.SIGINT]).start()


def test_the_result_comes_back() -> None:
    assert run_interruptible(lambda _: 42) == (42, False)


def test_an_error_comes_back_as_it_is() -> None:
    def fail(_: threading.Event) -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        run_interruptible(fail)


def test_what_was_finished_is_handed_over() -> None:
    def work(cancel: threading.Event) -> list[int]:
        done = [1, 2]
        cancel.wait(10.0)
        return done

    _interrupt_soon()
    assert run_interruptible(work) == ([1, 2], True)


def test_work_that_does_not_listen_is_left_behind() -> None:
    _interrupt_soon()
    begin = time.perf_counter()
    with pytest.raises(InterruptionError):
        run_interruptible(lambda _: time.sleep(5.0), grace_s=0.2)
    assert time.perf_counter() - begin < 2.0


def test_work_that_ends_with_an_error_when_told_to_stop_is_interrupted() -> None:
    def work(cancel: threading.Event) -> None:
        cancel.wait(10.0)
        raise RuntimeError("stopped")

    _interrupt_soon()
    with pytest.raises(InterruptionError):
        run_interruptible(work)
