"""SimPy: a process per request, ``Resource`` for servers, a condition for the race between turn and deadline.

Service, network and back-off times are known when they begin, so a try waits for the earlier of the event and
its deadline with one ``timeout``; only the wait in the queue, whose end is unknown, needs a condition. That
is half as fast again as a condition for each race (measured here), and just as plain to read.
"""

from collections.abc import Generator
from dataclasses import dataclass
from random import Random
from time import perf_counter
from typing import Any

import simpy

from benchmarks.models import MM8, Model, Pipeline, Tiers
from benchmarks.peer import Outcome, Peer, Replication

Process = Generator[simpy.Event, Any, Any]


@dataclass
class Tally:
    """What a replication counts."""

    completed: int = 0
    failed: int = 0
    latency_sum_s: float = 0.0

    def complete(self, latency_s: float) -> None:
        """Count a completed request."""
        self.completed += 1
        self.latency_sum_s += latency_s


def _mm8(env: simpy.Environment, model: MM8, draws: Random, tally: Tally) -> None:
    desk = simpy.Resource(env, capacity=model.n_servers)

    def customer() -> Process:
        arrived_s = env.now
        with desk.request() as turn:
            yield turn
            yield env.timeout(draws.expovariate(1.0 / model.service_mean_s))
        tally.complete(env.now - arrived_s)

    def source() -> Process:
        while True:
            yield env.timeout(draws.expovariate(model.arrival_rps))
            env.process(customer())

    env.process(source())


def _served(env: simpy.Environment, servers: simpy.Resource, service_s: float, deadline_s: float) -> Process:
    """Queue and be served; give up at the deadline. Return whether the service finished."""
    with servers.request() as turn:
        if not turn.triggered:
            yield turn | env.timeout(deadline_s - env.now)
            if not turn.triggered:
                return False
        finished = env.now + service_s < deadline_s
        yield env.timeout(service_s if finished else deadline_s - env.now)
    return finished


def _tiers(env: simpy.Environment, model: Tiers, draws: Random, tally: Tally) -> None:
    tiers = [(simpy.Resource(env, capacity=n), mean_s) for n, mean_s in model.tiers]

    def call(servers: simpy.Resource, mean_s: float) -> Process:
        for wait_s in (0.0, *model.backoff_s):
            if wait_s:
                yield env.timeout(wait_s)
            service_s = draws.expovariate(1.0 / mean_s)
            if (yield from _served(env, servers, service_s, env.now + model.timeout_s)):
                return True
        return False

    def request() -> Process:
        arrived_s = env.now
        for servers, mean_s in tiers:
            if not (yield from call(servers, mean_s)):
                tally.failed += 1
                return
        tally.complete(env.now - arrived_s)

    def source() -> Process:
        while True:
            yield env.timeout(draws.expovariate(model.arrival_rps))
            env.process(request())

    env.process(source())


def _pipeline(env: simpy.Environment, model: Pipeline, draws: Random, tally: Tally) -> None:
    regions = [
        [simpy.Resource(env, capacity=model.pool_servers) for _ in range(model.n_pools)]
        for _ in range(model.n_regions)
    ]

    def in_system(pool: simpy.Resource) -> int:
        return int(pool.count + len(pool.queue))

    def attempt(pools: list[simpy.Resource], way_s: float, timeout_s: float) -> Process:
        deadline_s = env.now + timeout_s
        one = pools[int(model.n_pools * draws.random())]
        other = pools[int(model.n_pools * draws.random())]
        pool = other if in_system(other) < in_system(one) else one
        yield env.timeout(way_s)
        if not (yield from _served(env, pool, draws.expovariate(1.0 / model.service_mean_s), deadline_s)):
            return False
        in_time = env.now + way_s < deadline_s
        yield env.timeout(way_s if in_time else deadline_s - env.now)
        return in_time

    def request(home: int, timeout_s: float) -> Process:
        arrived_s = env.now
        yield env.timeout(model.cache_s)
        if draws.random() < model.hit_probability:
            tally.complete(env.now - arrived_s)
            return
        near, far = regions[home], regions[(home + 1) % model.n_regions]
        first_s, second_s = model.backoff_s
        for pools, way_s, wait_s in (
            (near, model.near_s, 0.0),
            (near, model.near_s, first_s),
            (far, model.far_s, second_s),
        ):
            if wait_s:
                yield env.timeout(wait_s)
            if (yield from attempt(pools, way_s, timeout_s)):
                tally.complete(env.now - arrived_s)
                return
        tally.failed += 1

    def source(home: int, rate_rps: float, timeout_s: float) -> Process:
        while True:
            yield env.timeout(draws.expovariate(rate_rps))
            env.process(request(home, timeout_s))

    for home in range(model.n_regions):
        for rate_rps, timeout_s in zip(model.arrival_rps, model.timeout_s, strict=True):
            env.process(source(home, rate_rps, timeout_s))


def run(model: Model, horizon_s: float, n_replications: int, seed: int) -> Outcome:
    """Run the model; one ``Environment`` for each replication."""
    replications = []
    start_s = perf_counter()
    for replication in range(n_replications):
        env, draws, tally = simpy.Environment(), Random(f"{seed}/{replication}"), Tally()
        if isinstance(model, MM8):
            _mm8(env, model, draws, tally)
        elif isinstance(model, Tiers):
            _tiers(env, model, draws, tally)
        else:
            _pipeline(env, model, draws, tally)
        env.run(until=horizon_s)
        replications.append(
            Replication(tally.completed, tally.failed, tally.latency_sum_s / max(tally.completed, 1))
        )
    return Outcome(tuple(replications), perf_counter() - start_s)


def peers() -> tuple[Peer, ...]:
    """The one peer of this module."""
    return (Peer("SimPy", simpy.__version__, frozenset({"mm8", "tiers", "pipeline"}), 40e3, run),)
