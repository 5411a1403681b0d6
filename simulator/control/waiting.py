"""Who waits for an answer at a moment of a run, for how long so far, and who of them for too long."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.kernel.codes import Mark, Phase
from simulator.kernel.memory import is_action
from simulator.kernel.state import World
from simulator.metrics.columns import Metric
from simulator.numerics.sketch import N_BINS, bins_of

_CHANCE = (
    4.0  # standard deviations by which the number in a steady queue hardly ever differs between two moments
)


@dataclass(frozen=True, eq=False)
class Waiting:
    """Who waits at a moment; or at the end of a span, and at its beginning with the opposite sign.

    Attributes
    ----------
    questions : int64[entry, (stream, `Metric`, bin of the time waited so far, number)]
    overdue : int64[stream], actions whose workload's limit is exceeded
    """

    questions: NDArray[np.int64]
    overdue: NDArray[np.int64]

    @classmethod
    def at(cls, world: World, now_s: float, limits_s: NDArray[np.float64], n_streams: int) -> "Waiting":
        """Who waits now; `limits_s`: [2, workload], without an answer and with people, nan: no limit."""
        return cls(waiting_questions(world, now_s), overdue_actions(world, now_s, limits_s, n_streams))

    def since(self, before: "Waiting") -> "Waiting":
        """What a span changed that ends now; more are overdue where there are more than chance brings."""
        gone = before.questions * np.array([1, 1, 1, -1])
        more = np.maximum(0, self.overdue - before.overdue)
        is_chance = more.sum() <= _CHANCE * np.sqrt(float((self.overdue + before.overdue).sum()))
        return Waiting(np.concatenate([self.questions, gone]), np.zeros_like(more) if is_chance else more)


def waiting_questions(world: World, now_s: float) -> NDArray[np.int64]:
    """Who waits for an answer, int64[entry, (stream, `Metric`, bin of the time waited so far, number)]."""
    requests = world.requests
    marks = requests["marks"]
    arrived = is_action(requests)
    # a copy for a new release, which begins within a millisecond, has no turn yet
    waits = (
        arrived & ((marks & int(Mark.ANSWERED)) == 0) & (requests["turn_start_s"] >= requests["arrival_s"])
    )
    asked_s = now_s - requests["turn_start_s"]
    queued_s = requests["queue_wait_s"] + np.where(
        requests["phase"] == Phase.QUEUED, now_s - requests["reach_s"], 0.0
    )
    generates = world.traffic.workloads["generates"][requests["workload"]] == 1
    is_of = {
        Metric.LATENCY: (waits, asked_s),
        Metric.TTFT: (waits & generates & (requests["ttft_s"] < 0.0), asked_s),
        Metric.QUEUE_WAIT: (waits, queued_s),
        Metric.RESOLUTION: (arrived, now_s - requests["arrival_s"]),
    }
    places = [
        (requests["stream"][of].astype(np.int64) * len(Metric) + int(metric)) * N_BINS
        + bins_of(np.maximum(ages_s[of], 0.0))
        for metric, (of, ages_s) in is_of.items()
    ]
    found, numbers = np.unique(np.concatenate(places), return_counts=True)
    stream_and_metric, bins = np.divmod(found, N_BINS)
    streams, metrics = np.divmod(stream_and_metric, len(Metric))
    return np.column_stack([streams, metrics, bins, numbers]).astype(np.int64)


def overdue_actions(
    world: World, now_s: float, limits_s: NDArray[np.float64], n_streams: int
) -> NDArray[np.int64]:
    """Actions without an answer, or with people, for longer than their workload's limit, int64[stream].

    Parameters
    ----------
    limits_s : float64[2, workload] since the question, without an answer and with people; nan: no limit
    """
    requests = world.requests
    is_answered = (requests["marks"] & int(Mark.ANSWERED)) != 0  # also by the word that people take over
    thinks = (requests["phase"] == Phase.BETWEEN) & is_answered
    is_late = now_s - requests["turn_start_s"] > limits_s[is_answered.astype(np.int64), requests["workload"]]
    has_begun = requests["turn_start_s"] >= requests["arrival_s"]
    is_overdue = is_action(requests) & ~thinks & has_begun & is_late
    return np.bincount(requests["stream"][is_overdue], minlength=n_streams).astype(np.int64)
