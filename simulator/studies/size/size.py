"""How many requests, and users, does one replica carry? The largest loads that meet every limit, by bisection."""

import time
from collections.abc import Sequence
from dataclasses import replace
from math import ceil

import numpy as np

from simulator.engine import Runner
from simulator.errors import OptionError
from simulator.mechanisms.replicas.catalog import load_profile
from simulator.mechanisms.replicas.throughput import saturation
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.dimensions import Selection
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.scenario.check.pools import MAX_REPLICAS
from simulator.scenario.model import Scenario
from simulator.studies.common.step_times import step_times
from simulator.studies.report import about
from simulator.studies.size.loads import Loads, TriedLoad, fewest
from simulator.studies.size.report import Carried, SizeReport
from simulator.studies.size.setting import TARGET, asked_by_users, pool_of, with_replicas
from simulator.studies.size.study import SizeStudy

_MOST_REPLICAS = 4  # times as many as one replica's users suggest; with more nothing changes
_MARGIN = 1.05  # over what a replica can do at most by its profile alone


def study_size(scenario: Scenario, options: SizeStudy, runner: Runner) -> SizeReport:
    """Search both loads of a replica and, for a number of users, the replicas.

    Raises
    ------
    Cancelled
        If it was cancelled: half a search is none.
    """
    begin = time.perf_counter()
    full_rps = _full_rps(scenario, options, runner)
    alone_s = _alone_s(scenario, options, runner)
    loads = Loads(
        scenario, options.limits, options.percentile, options.replications, runner, full_rps, alone_s
    )
    at_random, beyond = loads.most(_MARGIN * full_rps, is_whole=False)
    found = _carried(scenario, options, at_random, beyond, 1)
    users = replace(
        loads,
        scenario=asked_by_users(scenario, options.think_time),
        memory_s=alone_s + options.think_time,
        seen={},
    )
    by_users, beyond = users.most(float(max(1, found.users)), is_whole=True)
    each = _carried(users.scenario, options, by_users, beyond, 1)
    return SizeReport(
        **about(scenario),
        profiles=step_times(scenario, runner.base_dir),
        seed=scenario.seed,
        n_runs=options.replications,
        **pool_of(scenario).batch_limits._asdict(),
        limits_s=options.limits,
        percentile=options.percentile,
        think_time_s=options.think_time,
        at_random=found,
        by_users=each,
        users=options.users,
        for_users=None if options.users is None else _for_users(users, options, each),
        wall_s=time.perf_counter() - begin,
    )


def _full_rps(scenario: Scenario, options: SizeStudy, runner: Runner) -> float:
    pool = pool_of(scenario)
    prompt = float(options.prefix + options.input_tokens)
    hit = float(options.prefix if pool.prefix_caching else 0)
    profile = load_profile(pool, runner.base_dir)
    return saturation(pool, profile, prompt, float(options.output_tokens), hit).requests_per_s


def _alone_s(scenario: Scenario, options: SizeStudy, runner: Runner) -> float:
    """Time of the tokens of an answer where nobody else asks."""
    profile = load_profile(pool_of(scenario), runner.base_dir)
    return options.output_tokens * profile.step_time_s(0.0, 1.0, float(options.input_tokens))


def _for_users(one: Loads, options: SizeStudy, each: Carried) -> Carried | None:
    """The fewest replicas that so many users need; None: not even one user is served as wanted by one of them."""
    assert options.users is not None
    if each.users == 0:
        return None
    n_users = float(options.users)
    guess = ceil(options.users / each.users)
    if guess > MAX_REPLICAS:
        raise OptionError(
            f"{options.users:,} users need about {guess:,} replicas; at most {MAX_REPLICAS:,} are simulated: give fewer",
            "--users",
        )
    seen: dict[int, TriedLoad] = {}

    def look(replicas: int) -> TriedLoad:
        if replicas not in seen:
            more = with_replicas(one.scenario, replicas)
            at = replace(one, scenario=more, full_rps=replicas * one.full_rps, seen={})
            seen[replicas] = at.look(n_users)
        return seen[replicas]

    most = min(_MOST_REPLICAS * guess, MAX_REPLICAS)
    found = fewest(lambda replicas: not look(replicas).missed, guess, most)
    if found is None:
        return None
    fewer = seen.get(found - 1)
    return _carried(with_replicas(one.scenario, found), options, seen[found], fewer, found)


def _carried(
    scenario: Scenario, options: SizeStudy, load: TriedLoad, beyond: TriedLoad | None, replicas: int
) -> Carried:
    results = load.results
    is_carried = not load.missed
    [workload] = scenario.workloads
    rate_rps = _per_s(results, CountColumn.ARRIVED) if workload.is_closed else load.amount
    latency = estimate(results, "latency")
    latency_s = 0.0 if latency is None else latency.value
    users = int(load.amount) if workload.is_closed else int(rate_rps * (options.think_time + latency_s))
    tokens_per_s = [
        sum(float(run.measured_usage[:, :, column].sum()) for run in results) / _span_s(results)
        for column in (UsageColumn.INPUT_TOKENS, UsageColumn.OUTPUT_TOKENS)
    ]
    pool = pool_of(scenario)
    usd_per_hour = replicas * pool.tensor_parallel * pool.price if options.price is not None else None
    per_mtok = [_per_mtok(usd_per_hour, rate) for rate in (sum(tokens_per_s), tokens_per_s[1])]
    return Carried(
        replicas=replicas,
        requests_per_s=rate_rps if is_carried else 0.0,
        users=users if is_carried else 0,
        times=load.times,
        mean_latency_s=latency_s,
        output_tokens_per_s=tokens_per_s[1] / replicas,
        batch=_of_target(results, "batch_size"),
        kv_usage=_of_target(results, "kv_usage"),
        usd_per_hour=usd_per_hour,
        usd_per_mtok=per_mtok[0],
        usd_per_mtok_output=per_mtok[1],
        binds="" if beyond is None else beyond.missed,
    )


def _per_s(results: Sequence[RunResult], column: CountColumn) -> float:
    return float(sum(run.measured_counts[:, column].sum() for run in results)) / _span_s(results)


def _span_s(results: Sequence[RunResult]) -> float:
    return float(np.sum([run.duration_s for run in results]))


def _of_target(results: Sequence[RunResult], indicator: str) -> float:
    found = estimate(results, indicator, None, Selection(target=TARGET))
    return 0.0 if found is None else found.value


def _per_mtok(usd_per_hour: float | None, tokens_per_s: float) -> float | None:
    return (
        None if usd_per_hour is None or tokens_per_s <= 0.0 else usd_per_hour / (tokens_per_s * 3600.0) * 1e6
    )
