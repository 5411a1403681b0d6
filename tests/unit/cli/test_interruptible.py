import signal
import threading
import time

import pytest
from numba.core.compiler_lock import global_compiler_lock

from simulator.cli.interruptible import InterruptionError, run_interruptible


def _interrupt_after(wait_s: float) -> None:
    """Send this process Ctrl-C a moment from now, as a terminal does."""
    threading.Timer(wait_s, signal.raise_signal, [signal.SIGINT]).start()


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

    _interrupt_after(0.2)
    assert run_interruptible(work) == ([1, 2], True)


def test_work_that_takes_its_time_to_hand_over_is_waited_for_and_told() -> None:
    told: list[str] = []

    def work(cancel: threading.Event) -> list[int]:
        cancel.wait(10.0)
        time.sleep(0.6)
        return [1, 2]

    _interrupt_after(0.2)
    assert run_interruptible(work, lambda: told.append("waiting"), grace_s=0.1) == ([1, 2], True)
    assert told == ["waiting"]


def test_a_second_interrupt_leaves_the_work_behind() -> None:
    _interrupt_after(0.2)
    _interrupt_after(0.6)
    begin = time.perf_counter()
    with pytest.raises(InterruptionError):
        run_interruptible(lambda _: time.sleep(5.0), grace_s=0.1)
    assert time.perf_counter() - begin < 2.0


def test_the_compiler_is_not_waited_for() -> None:
    def work(_: threading.Event) -> None:
        with global_compiler_lock:
            time.sleep(5.0)

    _interrupt_after(0.2)
    begin = time.perf_counter()
    with pytest.raises(InterruptionError):
        run_interruptible(work, grace_s=0.1)
    assert time.perf_counter() - begin < 2.0


def test_work_that_ends_with_an_error_when_told_to_stop_is_interrupted() -> None:
    def work(cancel: threading.Event) -> None:
        cancel.wait(10.0)
        raise RuntimeError("stopped")

    _interrupt_after(0.2)
    with pytest.raises(InterruptionError):
        run_interruptible(work)
