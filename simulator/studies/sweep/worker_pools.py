"""Where points are simulated: threads, processes or a Dask cluster, all behind `concurrent.futures.Executor`.

A pool of threads shares the kernels' machine code and stops within a moment. Processes and clusters need what they
run to be importable, and the result to be sent back. No pool changes a result.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from simulator.engine import Cancelled
from simulator.errors import ExitCode, RolloutError
from simulator.studies.sweep.parameters import SweepError

THREADS, PROCESSES, DASK = "threads", "processes", "dask://"
CONNECT_TIMEOUT_S = 10.0
_POLL_S = 0.1
_AHEAD = 2  # tasks in flight per worker: the next one is there when a worker is done
_TRIES = 3  # of a task that fails, or whose worker is lost

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class WorkersLostError(RolloutError):
    """The workers, or the way to them, are gone; the message says what to do."""

    exit_code = ExitCode.ENGINE_ERROR
    prefix = "error: "
    suffix = "; finished points are kept"


@dataclass(frozen=True)
class TaskFailed:
    """Why a task failed the last time it was tried."""

    reason: str


@dataclass
class WorkerPool:
    """Workers, how many tasks they run at a time, and whether they share this process's memory.

    Attributes
    ----------
    renew : makes an executor in place of one whose workers died; None: it replaces them itself
    tries_itself : what fails has been tried as often as it should
    """

    executor: Executor
    n_workers: Callable[[], int]
    is_here: bool
    renew: Callable[[], Executor] | None = None
    tries_itself: bool = False


@contextmanager
def open_pool(
    where: str, n_workers: int, cancel: threading.Event, timeout_s: float = CONNECT_TIMEOUT_S
) -> Iterator[WorkerPool]:
    """Open a pool: `threads`, `processes` or `dask://HOST:PORT`; what still runs at the end is given up.

    Parameters
    ----------
    where : as given to `--executor`
    n_workers : threads or processes; a cluster has its own
    cancel : once set, nothing is waited for at the end
    timeout_s : for a cluster to answer, and to have a worker

    Raises
    ------
    SweepError
        If there is no such pool, or what it takes is not installed.
    WorkersLostError
        If the scheduler cannot be reached, or has no workers.
    """
    if where == THREADS:
        threads = ThreadPoolExecutor(n_workers, thread_name_prefix="point")
        workers = WorkerPool(threads, lambda: n_workers, is_here=True)
        with _closing(workers, cancel):
            yield workers
    elif where == PROCESSES:
        context = multiprocessing.get_context("spawn")  # a fork would copy locks of running threads

        def processes() -> Executor:
            return ProcessPoolExecutor(n_workers, mp_context=context, initializer=_start_worker)

        workers = WorkerPool(processes(), lambda: n_workers, is_here=False, renew=processes)
        with _closing(workers, cancel):
            yield workers
    elif where.startswith(DASK) and len(where) > len(DASK):
        with _dask_pool(where.removeprefix(DASK), timeout_s) as cluster:
            yield cluster
    else:
        raise SweepError(f"no executor `{where[:60]}`; there are: {THREADS}, {PROCESSES}, {DASK}HOST:PORT")


def complete(
    tasks: Iterable[_Task], work: Callable[[_Task], _Result], pool: WorkerPool, cancel: threading.Event
) -> Iterator[tuple[_Task, _Result | TaskFailed]]:
    """Run tasks and yield each with its result as it is done, or why it failed, until all are, or `cancel` is set.

    Only a few tasks per worker are in flight at a time, so that a design may be long. A task that raises, or whose worker
    dies, is tried three times. When workers die nobody knows of which task: those that were in flight are then tried
    one by one, so that one that always kills its worker takes no other with it.

    Raises
    ------
    WorkersLostError
        If workers died that the pool cannot replace.
    """
    queue = _Queue(iter(tasks), pool, work)
    try:
        while not cancel.is_set():
            queue.submit()
            if not queue.running:
                return
            done, _ = wait(queue.running, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            for future in done:
                if future in queue.running:
                    yield from queue.taken(future)
    finally:
        for future in queue.running:
            future.cancel()


class _Queue(Generic[_Task, _Result]):
    """Tasks that wait, run, and are tried again."""

    def __init__(self, waiting: Iterator[_Task], pool: WorkerPool, work: Callable[[_Task], _Result]) -> None:
        self._waiting = waiting
        self._pool = pool
        self._work = work
        self._again: list[tuple[_Task, int]] = []  # with the times that they were tried
        self._suspects: list[tuple[_Task, int]] = []  # in flight when workers died: one at a time
        self._is_alone = False
        self.running: dict[Future[_Result], tuple[_Task, int]] = {}

    def submit(self) -> None:
        """Give the workers as much as they take."""
        if self._suspects or self._is_alone:
            if not self.running and self._suspects:
                self._start(*self._suspects.pop())
                self._is_alone = True
            return
        while len(self.running) < _AHEAD * max(1, self._pool.n_workers()):
            if self._again:
                self._start(*self._again.pop())
                continue
            task = next(self._waiting, None)
            if task is None:
                return
            self._start(task, 0)

    def taken(self, future: Future[_Result]) -> Iterator[tuple[_Task, _Result | TaskFailed]]:
        """What came of a task that has ended; nothing, if it is tried again."""
        task, n_tries = self.running.pop(future)
        try:
            result = future.result()
        except (BrokenExecutor, CancelledError) as error:
            yield from self._lost(task, n_tries, error)
        except Cancelled:
            raise
        except RolloutError as error:  # says the same however often it is tried
            yield task, TaskFailed(str(error))
        except Exception as error:
            n_now = _TRIES if self._pool.tries_itself else n_tries + 1
            yield from self._failed(task, n_now, f"{type(error).__name__}: {error}", self._again)
        else:
            yield task, result
        if not self.running:
            self._is_alone = False

    def _start(self, task: _Task, n_tries: int) -> None:
        try:
            self.running[self._pool.executor.submit(self._work, task)] = task, n_tries
        except BrokenExecutor as error:
            self._renewed(error)
            self.running[self._pool.executor.submit(self._work, task)] = task, n_tries

    def _lost(
        self, task: _Task, n_tries: int, error: BaseException
    ) -> Iterator[tuple[_Task, _Result | TaskFailed]]:
        """Workers died: who was alone has done it; all that were in flight are tried again, one by one."""
        was_alone = self._is_alone
        lost = [(task, n_tries), *self.running.values()]
        self.running.clear()
        self._renewed(error)
        for one, tried in lost:
            n_now = tried + 1 if was_alone else tried
            yield from self._failed(one, n_now, "its worker was killed, or ran out of memory", self._suspects)

    def _failed(
        self, task: _Task, n_tries: int, reason: str, again: list[tuple[_Task, int]]
    ) -> Iterator[tuple[_Task, _Result | TaskFailed]]:
        if n_tries >= _TRIES:
            yield task, TaskFailed(reason)
        else:
            again.append((task, n_tries))

    def _renewed(self, error: BaseException) -> None:
        if self._pool.renew is None:
            raise WorkersLostError(f"the workers are gone ({error or type(error).__name__})") from error
        self._pool.executor.shutdown(wait=False, cancel_futures=True)
        self._pool.executor = self._pool.renew()


@contextmanager
def _closing(pool: WorkerPool, cancel: threading.Event) -> Iterator[None]:
    try:
        yield
    except BaseException:
        cancel.set()
        raise
    finally:
        workers = list((getattr(pool.executor, "_processes", None) or {}).values())
        pool.executor.shutdown(wait=not cancel.is_set(), cancel_futures=True)
        if cancel.is_set():
            for worker in workers:
                worker.terminate()


def _start_worker() -> None:
    """A worker leaves Ctrl-C to its parent, and ends when the parent does, however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: Any) -> None:
    parent.join()
    os._exit(1)


@contextmanager
def _dask_pool(address: str, timeout_s: float) -> Iterator[WorkerPool]:
    try:
        from distributed import Client  # an extra, and slow to import
    except ImportError as error:
        raise SweepError("a Dask cluster takes the extra `cluster`: pip install '.[cluster]'") from error
    try:
        client = Client(address, timeout=timeout_s, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise WorkersLostError(f"no Dask scheduler answers at {address} ({error})") from error
    try:
        try:
            client.wait_for_workers(1, timeout=timeout_s)
        except TimeoutError as error:
            raise WorkersLostError(f"the Dask scheduler at {address} has no workers") from error
        executor = client.get_executor(pure=False, retries=_TRIES - 1)
        yield WorkerPool(executor, lambda: sum(client.ncores().values()), is_here=False, tries_itself=True)
    finally:
        with suppress(Exception):  # a scheduler that is gone cannot be told good-bye
            client.close(timeout=1.0)
