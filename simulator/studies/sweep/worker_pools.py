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
from typing import Any, TypeVar

from simulator.errors import ExitCode, RolloutError
from simulator.studies.sweep.parameters import SweepError

THREADS, PROCESSES, DASK = "threads", "processes", "dask://"
CONNECT_TIMEOUT_S = 10.0
_POLL_S = 0.1
_AHEAD = 2  # tasks in flight per worker: the next one is there when a worker is done
_RETRIES = 3  # of a task whose worker was lost

_Task = TypeVar("_Task")
_Result = TypeVar("_Result")


class WorkersLostError(RolloutError):
    """The workers, or the way to them, are gone; the message says what to do."""

    exit_code = ExitCode.ENGINE_ERROR
    prefix = "error: "
    suffix = "; finished points are kept"


@dataclass(frozen=True)
class WorkerPool:
    """An executor, how many tasks it runs at a time, and whether its workers share this process's memory."""

    executor: Executor
    n_workers: Callable[[], int]
    is_here: bool


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
        pool: Executor = ThreadPoolExecutor(n_workers, thread_name_prefix="point")
        with _closing(pool, cancel):
            yield WorkerPool(pool, lambda: n_workers, is_here=True)
    elif where == PROCESSES:
        context = multiprocessing.get_context("spawn")  # a fork would copy locks of running threads
        pool = ProcessPoolExecutor(n_workers, mp_context=context, initializer=_start_worker)
        with _closing(pool, cancel):
            yield WorkerPool(pool, lambda: n_workers, is_here=False)
    elif where.startswith(DASK) and len(where) > len(DASK):
        with _dask_pool(where.removeprefix(DASK), timeout_s) as cluster:
            yield cluster
    else:
        raise SweepError(f"no executor `{where[:60]}`; there are: {THREADS}, {PROCESSES}, {DASK}HOST:PORT")


def complete(
    tasks: Iterable[_Task], work: Callable[[_Task], _Result], pool: WorkerPool, cancel: threading.Event
) -> Iterator[tuple[_Task, _Result]]:
    """Run tasks and yield each with its result as it is done, until all are, or `cancel` is set.

    Only a few tasks per worker are in flight at a time, so that a design may be long. An error of a task ends it all.

    Raises
    ------
    WorkersLostError
        If workers died that the pool cannot replace.
    """
    waiting = iter(tasks)
    running: dict[Future[_Result], _Task] = {}
    is_more = True
    try:
        while not cancel.is_set():
            while is_more and len(running) < _AHEAD * max(1, pool.n_workers()):
                task = next(waiting, None)
                if task is None:
                    is_more = False
                else:
                    running[pool.executor.submit(work, task)] = task
            if not running:
                return
            done, _ = wait(running, timeout=_POLL_S, return_when=FIRST_COMPLETED)
            for future in done:
                yield running.pop(future), future.result()
    except (BrokenExecutor, CancelledError) as error:
        raise WorkersLostError(f"the workers are gone ({error or type(error).__name__})") from error
    finally:
        for future in running:
            future.cancel()


@contextmanager
def _closing(pool: Executor, cancel: threading.Event) -> Iterator[None]:
    try:
        yield
    except BaseException:
        cancel.set()
        raise
    finally:
        workers = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=not cancel.is_set(), cancel_futures=True)
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
        executor = client.get_executor(pure=False, retries=_RETRIES)
        yield WorkerPool(executor, lambda: sum(client.ncores().values()), is_here=False)
    finally:
        with suppress(Exception):  # a scheduler that is gone cannot be told good-bye
            client.close(timeout=1.0)
