"""cimba: its C engine running processes that numba compiles.

A replication is one trial, and trials run on one worker. The observation window opens at the horizon, as in
cimba's own benchmark: entity statistics that nobody reads are then not recorded, which makes it faster.
"""

from time import perf_counter

import cimba as cb

from benchmarks.models import MM8, Model, Pipeline, Tiers
from benchmarks.peer import Outcome, Peer, Replication
from benchmarks.peers.cimba_models import (
    STREAM_CREW,
    TIERS_CREW,
    MM8Model,
    PipelineModel,
    Servers,
    Stream,
    TiersModel,
)

_NO_TIME_S = 1e-9


def _mm8(model: MM8) -> MM8Model:
    if model.n_servers != 8:
        raise NotImplementedError("cimba fixes the number of process copies when the class is defined: eight")
    desk = MM8Model()
    desk.gap_mean_s = 1.0 / model.arrival_rps
    desk.service_mean_s = model.service_mean_s
    return desk


def _tiers(model: Tiers) -> TiersModel:
    root = TiersModel()
    root.gap_mean_s = 1.0 / model.arrival_rps
    root.timeout_s = model.timeout_s
    root.first_backoff_s, root.second_backoff_s = model.backoff_s
    root.web = Servers(model.web_servers, model.web_mean_s)
    root.db = Servers(model.db_servers, model.db_mean_s)
    return root


def _pipeline(model: Pipeline) -> PipelineModel:
    root = PipelineModel()
    root.cache_s, root.hit_probability, root.n_pools = model.cache_s, model.hit_probability, model.n_pools
    root.near_s, root.far_s = model.near_s, model.far_s
    root.first_backoff_s, root.second_backoff_s = model.backoff_s
    root.pools = [
        Servers(model.pool_servers, model.service_mean_s) for _ in range(model.n_regions * model.n_pools)
    ]
    streams = []
    for home in range(model.n_regions):
        for rate_rps, timeout_s in zip(model.arrival_rps, model.timeout_s, strict=True):
            stream = Stream()
            stream.root, stream.gap_mean_s, stream.timeout_s = root, 1.0 / rate_rps, timeout_s
            stream.near_first_pool = home * model.n_pools
            stream.far_first_pool = (home + 1) % model.n_regions * model.n_pools
            streams.append(stream)
    root.streams = streams
    return root


def run(model: Model, horizon_s: float, n_replications: int, seed: int) -> Outcome:
    """Run the model; compiled classes are kept by cimba for the life of the process."""
    root: MM8Model | TiersModel | PipelineModel
    if isinstance(model, MM8):
        root = _mm8(model)
    elif isinstance(model, Tiers):
        root = _tiers(model)
    else:
        root = _pipeline(model)
    window = cb.Window(warmup=horizon_s, duration=_NO_TIME_S)
    start_s = perf_counter()
    results = cb.Experiment(root, replications=n_replications, window=window, seed=seed).run(workers=1)
    wall_s = perf_counter() - start_s
    if results.failed.any():
        raise RuntimeError(f"cimba trials failed: {set(results.failure_reasons.ravel())}")
    outputs = results[root]
    if not isinstance(root, MM8Model):
        crew = TIERS_CREW if isinstance(root, TiersModel) else STREAM_CREW
        if outputs.peak_busy.values.max() >= crew:
            raise RuntimeError(f"a crew of {crew} processes was too small: requests waited for a process")
    columns = (outputs.completed, outputs.failed, outputs.latency_sum_s)
    rows = zip(*(column.values.ravel() for column in columns), strict=True)
    replications = tuple(Replication(int(c), int(f), float(total) / max(int(c), 1)) for c, f, total in rows)
    return Outcome(replications, wall_s)


def prepare(model: Model) -> None:
    """Compile the model's classes."""
    run(model, 0.1, 1, seed=0)


def peers() -> tuple[Peer, ...]:
    """The one peer of this module."""
    return (Peer("cimba", cb.__version__, frozenset({"mm8", "tiers", "pipeline"}), 500e3, run, prepare),)
