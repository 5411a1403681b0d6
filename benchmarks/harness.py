"""Runs peers side by side on one core, in interleaved rounds: a drift of the machine meets all alike."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter

from benchmarks.models import Model, arrivals_per_s
from benchmarks.peer import Outcome, Peer
from benchmarks.registry import load


@dataclass(frozen=True)
class Size:
    """How much to run. Horizons are those of one replication, equal for all peers."""

    horizon_s: dict[str, float]  # [model]
    wall_s: float  # aim for a run of one peer
    n_rounds: int
    min_replications: int = 2


FULL = Size({"mm8": 10_000.0, "tiers": 500.0, "pipeline": 50.0}, wall_s=2.0, n_rounds=5)
QUICK = Size({"mm8": 1_000.0, "tiers": 50.0, "pipeline": 5.0}, wall_s=0.3, n_rounds=3)


@dataclass
class Measurement:
    """All rounds of one model: an outcome per peer and round, and the time to a first result."""

    model: Model
    versions: dict[str, str] = field(default_factory=dict)  # [peer]
    outcomes: dict[str, list[Outcome]] = field(default_factory=dict)  # [peer][round]
    cold_s: dict[str, float] = field(default_factory=dict)  # [peer]


def first_result_s(peer: str, model: str) -> float:
    """Wall seconds of a fresh process that imports, compiles and runs a tiny replication."""
    start_s = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "benchmarks", "--first-result", peer, "--model", model],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return perf_counter() - start_s


def n_replications(peer: Peer, model: Model, size: Size) -> int:
    """Replications that keep the peer busy for about ``size.wall_s``."""
    requests = arrivals_per_s(model) * size.horizon_s[model.name]
    return max(size.min_replications, round(size.wall_s * peer.speed_rps / requests))


def measure(model: Model, peer_names: Sequence[str], size: Size, seed: int, cold: bool = True) -> Measurement:
    """Run every peer that can express the model, ``size.n_rounds`` times in turn.

    Each run has a seed of its own, so that all replications are independent.
    """
    measurement = Measurement(model)
    able = [peer for name in peer_names if (peer := load(name)) is not None and model.name in peer.expresses]
    for peer in able:
        measurement.versions[peer.name] = peer.version
        measurement.outcomes[peer.name] = []
        if cold:
            measurement.cold_s[peer.name] = first_result_s(peer.name, model.name)
        peer.prepare(model)
    for round_id in range(size.n_rounds):
        for peer_id, peer in enumerate(able):
            run_seed = seed + 100 * round_id + peer_id
            outcome = peer.run(model, size.horizon_s[model.name], n_replications(peer, model, size), run_seed)
            measurement.outcomes[peer.name].append(outcome)
    return measurement
