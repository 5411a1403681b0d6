"""Is a scenario small enough to be simulated? Refused with an estimate before anything is built."""

import math
from collections.abc import Iterator

from simulator.mechanisms.incidents.demand import Surge
from simulator.mechanisms.traffic.clients import nominal_rates_rps
from simulator.mechanisms.traffic.config import Workload
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import Scenario
from simulator.scenario.quality import recorded_classes
from simulator.scenario.region_facts import languages_of

MAX_ACTIONS = 5e9
MAX_STREAMS = 512
MAX_WINDOW_S = 366 * 86400.0
MAX_QUESTIONS = 50_000_000
MAX_GUARDS = 2_000_000  # what the callers of routes know of stations, 350 bytes each
MAX_RECORDED = 40_000_000  # counters over time, 8 bytes each
_COUNTERS = 12  # per time bucket, stream and station
_SHORTEST_BUCKET_S = 60.0  # unless the warm-up, which is a whole number of time buckets, is shorter


def check_size(scenario: Scenario) -> list[Finding]:
    """Findings about the length of the window, the number of actions, streams and questions."""
    return list(_findings(scenario))


def _findings(scenario: Scenario) -> Iterator[Finding]:
    window = scenario.window
    warmup_s = window.known_warmup_s
    length_s = window.duration + warmup_s
    if warmup_s < 0.0 or (window.start != "peak" and window.start < 0.0):
        yield Finding(("window",), "times must not be negative")
    if length_s > MAX_WINDOW_S:
        yield Finding(
            ("window", "duration"), f"{length_s / 86400:,.0f} days; at most {MAX_WINDOW_S / 86400:.0f}"
        )
    n_streams = sum(
        len(one.tenant_names) * len(recorded_classes(scenario, one)) for one in scenario.workloads
    ) * sum(len(region.languages or [1]) for region in scenario.regions.values())
    if n_streams > MAX_STREAMS:
        what = "workloads, their tenants and classes of complexity by regions and their languages"
        yield Finding(("workloads",), f"{n_streams} streams ({what}); at most {MAX_STREAMS}")
    n_targets = len(scenario.services) + len(scenario.model_list) + len(scenario.teams)
    n_counters = _COUNTERS * n_streams * max(1, n_targets * len(scenario.regions))
    shortest_s = min(_SHORTEST_BUCKET_S, length_s * n_counters / MAX_RECORDED)
    if 0.0 < warmup_s < shortest_s:
        yield Finding(
            ("window", "warmup"),
            f"{warmup_s:g} s is too short in a run of {length_s:g} s, which is recorded in pieces of the warm-up",
            f"give 0 s or at least {math.ceil(shortest_s)} s",
        )
    n_guards = (
        n_targets * len(scenario.regions) ** 2 * sum(route.is_guarded for route in scenario.routes.values())
    )
    if n_guards > MAX_GUARDS:
        yield Finding(
            ("routes",),
            f"{n_guards:,} breakers and limits (routes by targets and pairs of regions); at most {MAX_GUARDS:,}",
            "protect fewer routes",
        )
    n_actions = mean_rate_rps(scenario) * length_s * _mean_surge(scenario, length_s)
    if n_actions > MAX_ACTIONS:
        yield Finding(
            ("window", "duration"),
            f"about {n_actions:.2g} turns of actions in one run; at most {MAX_ACTIONS:.0e}",
            "shorten the window",
        )
    n_languages = max(1, len(languages_of(scenario)))
    n_questions = n_languages * sum(
        workload.popularity.items * workload.popularity.phrasings * len(scenario.regions)
        for workload in scenario.workloads
        if workload.popularity is not None
    )
    if n_questions > MAX_QUESTIONS:
        yield Finding(("workloads",), f"{n_questions:,} questions over all caches; at most {MAX_QUESTIONS:,}")


def _mean_surge(scenario: Scenario, length_s: float) -> float:
    """Factor on the demand of a run by its surges, at most."""
    factor = 1.0
    for incident in scenario.incidents:
        if isinstance(incident, Surge) and incident.factor > 1.0:
            time_s = incident.duration if incident.start is not None else length_s
            share = 1.0 if time_s is None else min(1.0, time_s / length_s)
            factor *= 1.0 + (incident.factor - 1.0) * share
    return factor


def mean_rate_rps(scenario: Scenario) -> float:
    """Turns per second at full exposure, averaged over the week; replayed traces are left out."""
    return sum(
        sum((rates_rps(workload, scenario) or {}).values()) * (workload.turns.mean if workload.turns else 1.0)
        for workload in scenario.workloads
    )


def rates_rps(workload: Workload, scenario: Scenario) -> dict[str, float] | None:
    """Mean actions per second of a workload by region; None if only its trace knows."""
    if workload.users is not None and workload.actions_per_user is not None:
        rate = workload.actions_per_user
        per_user_rps = rate if isinstance(rate, float) else rate.per_workday / 86_400.0  # fewer at weekends
        return {region: n_users * per_user_rps for region, n_users in workload.users.items()}
    if workload.clients is not None:
        return nominal_rates_rps(workload, list(scenario.regions))
    if isinstance(workload.arrival_rate, dict):
        return dict(workload.arrival_rate)
    if workload.arrival_rate is not None:
        return dict.fromkeys(scenario.regions, workload.arrival_rate)
    return None
