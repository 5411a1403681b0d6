"""What a peer looks like to the harness, and what it hands back.

A run is a number of independent replications of one model over the same horizon, each from empty. Equal
horizons make the replications of all peers samples of one distribution, so that means may be compared
without a warm-up; faster peers simply run more of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from benchmarks.models import Model


@dataclass(frozen=True)
class Replication:
    """Counts and mean latency of one replication."""

    completed: int
    failed: int
    mean_latency_s: float


@dataclass(frozen=True)
class Outcome:
    """One measured run: its replications and the seconds it took, import and compilation excluded."""

    replications: tuple[Replication, ...]
    wall_s: float

    @property
    def requests(self) -> int:
        """Requests that ended, completed or failed, over all replications."""
        return sum(r.completed + r.failed for r in self.replications)

    @property
    def requests_per_s(self) -> float:
        """Requests that ended per second of wall time."""
        return self.requests / self.wall_s


class Run(Protocol):
    """Run ``n_replications`` of a model up to ``horizon_s`` each; equal seeds give equal results."""

    def __call__(self, model: Model, horizon_s: float, n_replications: int, seed: int) -> Outcome: ...


@dataclass(frozen=True)
class Peer:
    """A simulator under measurement.

    ``expresses`` names the models it can state; ``prepare`` compiles what must be compiled before the clock
    starts. ``speed_rps`` is a rough guess of its requests per second, used only to size its runs.
    """

    name: str
    version: str
    expresses: frozenset[str]
    speed_rps: float
    run: Run
    prepare: Callable[[Model], None] = lambda _model: None
