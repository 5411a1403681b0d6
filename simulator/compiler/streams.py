"""Who asks? Streams: a workload asked from a region, by one of its tenants, at a mean rate."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.profiles import local_week
from simulator.mechanisms.local_time import DAY_S
from simulator.mechanisms.releases.config import STABLE
from simulator.mechanisms.traffic.clients import nominal_rates_rps
from simulator.mechanisms.traffic.config import Workload
from simulator.mechanisms.traffic.languages import UNNAMED, spoken_in
from simulator.mechanisms.traffic.log_file import LogFileError
from simulator.mechanisms.traffic.trace import load_trace
from simulator.scenario.model import Scenario
from simulator.scenario.quality import recorded_classes
from simulator.units import WorkdayRate

N_WORKDAYS = 5  # Monday to Friday


class Stream(NamedTuple):
    """One workload asked from one region by one tenant: the unit in which arrivals are drawn and results are kept.

    Without tenants there is one, whose name is empty. Results are kept apart by the users' language, where a region names
    some, by complexity, where there are several classes, and where a canary is rehearsed by the version an action had.
    """

    workload: str
    region: str
    release: str = STABLE
    language: str = UNNAMED
    tenant: str = ""
    complexity: str = UNNAMED


def streams(scenario: Scenario) -> tuple[Stream, ...]:
    """Every workload x region x tenant with demand, workload by workload, regions in the scenario's order."""
    found = []
    for workload in scenario.workloads:
        rates = mean_rates_rps(workload, scenario, base_dir=None)
        found += [
            Stream(workload.name, region, tenant=tenant)
            for region in scenario.regions
            if rates.get(region, 0.0) > 0
            for tenant in workload.tenant_names
        ]
    return tuple(found)


def closed_streams(scenario: Scenario) -> NDArray[np.bool_]:
    """Whose rates are nominal, because clients ask when they have their answer; bool[stream]."""
    closed = {workload.name for workload in scenario.workloads if workload.is_closed}
    return np.array([stream.workload in closed for stream in streams(scenario)], dtype=np.bool_)


def recorded_streams(scenario: Scenario, found: Sequence[Stream], release: str | None) -> tuple[Stream, ...]:
    """Under which names results are kept: streams by language and class, as they are, with a new release, and copied."""
    classes = {workload.name: recorded_classes(scenario, workload) for workload in scenario.workloads}
    told_apart = [
        stream._replace(language=language, complexity=complexity)
        for stream in found
        for language in spoken_in(scenario.regions[stream.region].languages)
        for complexity in classes[stream.workload]
    ]
    if release is None:
        return tuple(told_apart)
    names = (STABLE, release, mirrored(release))
    return tuple(stream._replace(release=name) for name in names for stream in told_apart)


def mirrored(release: str) -> str:
    """What actions that are copied to a release are called."""
    return f"{release}, mirrored"


def mean_rates_rps(workload: Workload, scenario: Scenario, base_dir: Path | None) -> dict[str, float]:
    """Mean rate of a workload by region, of clients the nominal one; a replayed trace has rate 1 if `base_dir` is None
    (not read).
    """
    if workload.users is not None and workload.actions_per_user is not None:
        per_user_rps = _per_user_rps(workload.actions_per_user, workload, base_dir)
        return {region: n_users * per_user_rps for region, n_users in workload.users.items()}
    if workload.clients is not None:
        nominal_rps = nominal_rates_rps(workload, list(scenario.regions))
        most = 1.0 if base_dir is None else float(local_week(workload.profile, base_dir).max())
        return {region: rate_rps / most for region, rate_rps in nominal_rps.items()}
    if isinstance(workload.arrival_rate, dict):
        return dict(workload.arrival_rate)
    if workload.arrival_rate is not None:
        return dict.fromkeys(scenario.regions, workload.arrival_rate)
    assert workload.trace is not None  # the model asks for one of the four
    if base_dir is None:
        return dict.fromkeys(scenario.regions, 1.0)
    recorded_rps = load_trace(workload.trace, base_dir).rate_rps
    if recorded_rps is None:
        raise LogFileError(
            f"trace {workload.trace.file}: `replay: arrivals` needs a column of times (key `time`)"
        )
    return dict.fromkeys(scenario.regions, recorded_rps * workload.trace.scale)


def _per_user_rps(rate: float | WorkdayRate, workload: Workload, base_dir: Path | None) -> float:
    """Actions per second of a user, on average over the week; without its files as if all days were alike."""
    if isinstance(rate, float):
        return rate
    of_workday = (
        1.0 if base_dir is None else float(local_week(workload.profile, base_dir)[:N_WORKDAYS].mean())
    )
    return rate.per_workday / DAY_S / of_workday if of_workday > 0.0 else 0.0
