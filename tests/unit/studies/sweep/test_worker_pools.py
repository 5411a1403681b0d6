"""A point that always fails is one failed point: in threads, in processes, and when it kills its worker."""

import os
import signal
import threading
from pathlib import Path

import pytest

from simulator.errors import RolloutError
from simulator.studies.sweep.worker_pools import TaskFailed, complete, open_pool

POISON = 3


def _raises(task: int) -> int:
    if task == POISON:
        raise MemoryError("no more")
    return task * task


def _kills_its_worker(task: int) -> int:
    if task == POISON:
        os.kill(os.getpid(), signal.SIGKILL)
    return task * task


def _fails_once(task: tuple[int, str]) -> int:
    number, folder = task
    mark = Path(folder) / str(number)
    if not mark.exists():
        mark.touch()
        raise OSError("a moment")
    return number


def _says_no(task: int) -> int:
    raise RolloutError(f"no such thing: {task}")


@pytest.mark.parametrize("where", ["threads", pytest.param("processes", marks=pytest.mark.slow)])
def test_a_task_that_raises_is_one_failed_task(where: str) -> None:
    cancel = threading.Event()
    with open_pool(where, 2, cancel) as pool:
        found = dict(complete(range(8), _raises, pool, cancel))
    assert found == {n: n * n if n != POISON else TaskFailed("MemoryError: no more") for n in range(8)}


@pytest.mark.slow
def test_a_task_that_kills_its_worker_takes_no_other_with_it() -> None:
    cancel = threading.Event()
    with open_pool("processes", 2, cancel) as pool:
        found = dict(complete(range(8), _kills_its_worker, pool, cancel))
    failed = found.pop(POISON)
    assert isinstance(failed, TaskFailed)
    assert "killed" in failed.reason
    assert found == {n: n * n for n in range(8) if n != POISON}


def test_what_fails_once_is_tried_again_and_a_message_is_not(tmp_path: Path) -> None:
    cancel = threading.Event()
    with open_pool("threads", 2, cancel) as pool:
        tasks = [(n, str(tmp_path)) for n in range(5)]
        assert dict(complete(tasks, _fails_once, pool, cancel)) == {task: task[0] for task in tasks}
        assert dict(complete([1], _says_no, pool, cancel)) == {1: TaskFailed("no such thing: 1")}
