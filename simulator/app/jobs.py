"""Long work beside the pages: a thread for each job, its progress, and a way to end it.

A board holds the places of one server. A job waits for a place, works, and ends by itself, when it is cancelled, or when
nobody is there any more to see its result. Nothing here knows streamlit.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from simulator.engine import Cancelled, Runner
from simulator.errors import explain
from simulator.studies.report import Report

State = Literal["waiting", "running", "done", "cancelled", "failed"]
Kept = TypeVar("Kept")
Work = Callable[[Runner], Report]

_LOOK_S = 0.2
UNWATCHED_S = 10.0  # a browser that lost its connection is given so long to come back


@dataclass
class Job:
    """One piece of work.

    Attributes
    ----------
    label : what it does, in words
    key : tells results apart
    state, message : how it is, and what went wrong
    done, total, step : progress
    is_quiet : work that nobody asked for by a button: the page that wants it shows it
    document : the result; of a cancelled job what was finished, if anything was
    """

    label: str
    key: str
    state: State = "waiting"
    message: str = ""
    done: float = 0
    total: int = 0
    step: str = ""
    document: Report | None = None
    is_quiet: bool = False
    cancelled: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        """Tell it to end; what is finished is kept."""
        self.cancelled.set()

    def tell(self, done: float, total: int, step: str) -> None:
        """Note progress; what jobs call."""
        self.done, self.total, self.step = done, total, step


class JobBoard:
    """The jobs of one server, so many at a time.

    Parameters
    ----------
    n_places : jobs that work at the same time; others wait for their turn
    unwatched_s : how long a job goes on with nobody there
    """

    def __init__(self, n_places: int = 2, unwatched_s: float = UNWATCHED_S) -> None:
        self._places = threading.BoundedSemaphore(n_places)
        self._unwatched_s = unwatched_s

    def start(
        self, label: str, key: str, work: Work, is_watched: Callable[[], bool], *, is_quiet: bool = False
    ) -> Job:
        """Start a job.

        Parameters
        ----------
        work : is given the runner by which it reports progress and can be cancelled
        is_watched : whether somebody is still there to see the result
        """
        job = Job(label, key, is_quiet=is_quiet)
        for target, args in ((self._run, (job, work)), (self._watch, (job, is_watched))):
            threading.Thread(target=target, args=args, daemon=True).start()
        return job

    def _run(self, job: Job, work: Work) -> None:
        try:
            if self._is_given_a_place(job):
                try:
                    job.state = "running"
                    job.document = work(Runner(progress=job.tell, cancel=job.cancelled))
                finally:
                    self._places.release()
            is_whole = job.document is not None and not job.document.interrupted
            job.state = "done" if is_whole else "cancelled"
        except Cancelled:
            job.state = "cancelled"
        except Exception as error:  # told to the user by the page
            job.message = explain(error)[1]
            job.state = "failed"
        finally:
            job.ended.set()

    def _is_given_a_place(self, job: Job) -> bool:
        while not self._places.acquire(timeout=_LOOK_S):
            if job.cancelled.is_set():
                return False
        if job.cancelled.is_set():
            self._places.release()
            return False
        return True

    def _watch(self, job: Job, is_watched: Callable[[], bool]) -> None:
        """End a job whose tab was closed."""
        last_seen_s = time.monotonic()
        while not job.ended.wait(min(_LOOK_S, self._unwatched_s)):
            now_s = time.monotonic()
            if is_watched():
                last_seen_s = now_s
            elif now_s - last_seen_s > self._unwatched_s:
                job.cancel()
                return


class Results(Generic[Kept]):
    """What was found, by key, for everybody at the server; the oldest go when there are too many."""

    def __init__(self, n_kept: int = 64) -> None:
        self._n_kept = n_kept
        self._found: dict[str, Kept] = {}
        self._lock = threading.Lock()

    def keep(self, key: str, found: Kept) -> None:
        """Keep what was found."""
        with self._lock:
            self._found.pop(key, None)
            self._found[key] = found
            while len(self._found) > self._n_kept:
                del self._found[next(iter(self._found))]

    def find(self, key: str) -> Kept | None:
        """What was found under a key; None: nothing."""
        with self._lock:
            return self._found.get(key)
