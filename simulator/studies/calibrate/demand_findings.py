"""What a log says of a workload's demand, in the scenario's keys: rate, users, course of the week, burstiness, turns."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from simulator.scenario.write.edit import Edit
from simulator.studies.calibrate.actions import Actions
from simulator.studies.calibrate.estimators import demand
from simulator.studies.calibrate.estimators.forms import moments
from simulator.studies.calibrate.estimators.users import Users, users
from simulator.studies.calibrate.estimators.window import DAY_S, Coverage
from simulator.studies.calibrate.finding import LogFinding, Number, dotted
from simulator.studies.calibrate.scope import Scope
from simulator.studies.calibrate.wander_findings import FoundWander, wander_findings
from simulator.theory.estimate import Estimate

FloatArray = NDArray[np.float64]

_WANDERS = 3.0  # times the dispersion that burstiness alone gives
_LEAST_USERS = 5
_LEAST_ACTIONS = 30  # of which a rate is known to a third


def demand_findings(
    actions: Actions,
    span: Coverage,
    scope: Scope,
    weights: FloatArray | None,
    sampled: float,
    *,
    has_stages: bool,
) -> Iterator[LogFinding]:
    """Everything about demand.

    Parameters
    ----------
    weights : requests that each time stands for; None: one
    sampled : share of the requests that the log holds
    has_stages : whether the scenario's users are more than those of the log
    """
    name, times_s = scope.workload.name, np.sort(actions.start_s)
    count = int(weights.sum()) if weights is not None else times_s.size
    if count < _LEAST_ACTIONS:
        why = f"{count} action{'s are' if count != 1 else ' is'} too few: its demand"
        yield LogFinding(kept=[(f"workloads.{name}", why)])
        return
    found = demand.course(times_s, span, scope.stated_week, weights)
    week = found.week if found.differs else scope.stated_week
    wander = None
    if weights is None:
        wander = wander_findings(times_s, span, scope, week, is_fitted=found.differs)
        if found.differs and wander.explains(times_s, span, scope.stated_week):
            found, week = replace(found, differs=False), scope.stated_week
            wander = wander_findings(times_s, span, scope, week, is_fitted=False)
    factors = scope.factors(span, week)
    yield _course(found, name)
    n = None if weights is None else float(weights.sum())
    rate = _scaled(demand.rate(times_s, span, factors, n), 1.0 / sampled)
    if wander is not None:
        rate = wander.of_the_mean(rate, count, span)
    yield from _volume(
        rate, count, actions, scope, sampled, has_stages=has_stages, is_bucketed=weights is not None
    )
    if wander is not None:
        yield wander.finding
        yield _burstiness(times_s, span, factors, name, sampled, wander)
    else:
        yield LogFinding(kept=[(f"workloads.{name}.wander", "the export counts requests by bucket")])
    if actions.has_turns:
        yield _turns(actions, name)


def _scaled(estimate: Estimate, factor: float) -> Estimate:
    return Estimate(estimate.value * factor, estimate.low * factor, estimate.high * factor)


def _course(found: demand.Course, name: str) -> LogFinding:
    path = ("workloads", name, "profile")
    if found.why_not:
        return LogFinding(
            kept=[
                (
                    dotted(*path),
                    f"{found.why_not}; the stated course says how the hours of the log compare with the week",
                )
            ]
        )
    if not found.differs:
        return LogFinding(kept=[(dotted(*path), "the log does not speak against it")])
    table = [[round(float(hour), 4) for hour in day] for day in found.week]
    notes = (
        [f"profile: {found.unseen} not in the log; their level is as it was stated"] if found.unseen else []
    )
    return LogFinding(edits=[Edit(path, table)], notes=notes)


def _volume(
    rate: Estimate,
    n: int,
    actions: Actions,
    scope: Scope,
    sampled: float,
    *,
    has_stages: bool,
    is_bucketed: bool,
) -> Iterator[LogFinding]:
    workload = scope.workload
    name = workload.name
    yield LogFinding([Number(f"actions of {name}, mean of the week", rate, "rate", n)])
    if workload.users is not None:
        yield from _per_user(rate, n, actions, scope, sampled, has_stages=has_stages, is_bucketed=is_bucketed)
        return
    if workload.arrival_rate is None:
        key = "trace" if workload.trace is not None else "clients"
        why = (
            "arrivals are replayed from it: name the log itself there, or state `arrival_rate`"
            if key == "trace"
            else "how many there are cannot be seen in what they ask"
        )
        yield LogFinding(kept=[(dotted("workloads", name, key), why)])
        return
    path = ("workloads", name, "arrival_rate")
    exposed = [(region, weight / scope.regions[region]) for region, weight in scope.weights.items()]
    if isinstance(workload.arrival_rate, dict):
        numbers = [
            Number(
                dotted(*path, region),
                _scaled(rate, factor),
                "rate",
                n,
                "at full exposure" if scope.regions[region] < 1 else "",
            )
            for region, factor in exposed
        ]
        edits = [Edit((*path, region), _rps(rate.value * factor)) for region, factor in exposed]
    else:
        factor = exposed[0][1]
        numbers = [Number(dotted(*path), _scaled(rate, factor), "rate", n)]
        edits = [Edit(path, _rps(rate.value * factor))]
    yield LogFinding(numbers, edits)


def _rps(value: float) -> str:
    return f"{value:.5g} rps" if value >= 1e-4 else f"{value * 3600.0:.5g} per hour"


def _per_user(
    rate: Estimate,
    n: int,
    actions: Actions,
    scope: Scope,
    sampled: float,
    *,
    has_stages: bool,
    is_bucketed: bool,
) -> Iterator[LogFinding]:
    """Actions of a user: by ids where there are any, else by the users whom the feature reaches."""
    workload = scope.workload
    stated = workload.users or {}
    path = ("workloads", workload.name, "actions_per_user")
    found = None if is_bucketed or sampled < 1.0 else users(actions.user)
    if found is not None and found.seen >= _LEAST_USERS and found.actions >= 0.9 * actions.start_s.size:
        per_day = _scaled(_over(rate, found.active), DAY_S)
        numbers = [
            Number("users in the log", Estimate.exact(float(found.seen)), "count", n),
            Number("active users, with those who were not seen", found.active, "count", n),
            Number(dotted(*path), _scaled(per_day, 1.0 / DAY_S), "rate", n, "of active users"),
        ]
        edits = [Edit(path, f"{per_day.value:.5g} per day")]
        kept, more = _user_counts(found, scope, has_stages=has_stages)
        yield LogFinding(numbers, [*edits, *more], kept)
        return
    exposed = sum(stated.get(region, 0) * share for region, share in scope.regions.items())
    if exposed <= 0.0:
        yield LogFinding(kept=[(dotted(*path), "no users are stated where the log is of")])
        return
    per_user = _scaled(rate, 1.0 / exposed)
    yield LogFinding(
        [
            Number(
                dotted(*path),
                per_user,
                "rate",
                n,
                f"of {exposed:,.0f} users as stated: the log has no user ids",
            )
        ],
        [Edit(path, f"{per_user.value * DAY_S:.5g} per day")],
        [(dotted("workloads", workload.name, "users"), "the log has no user ids")],
    )


def _user_counts(found: Users, scope: Scope, *, has_stages: bool) -> tuple[list[tuple[str, str]], list[Edit]]:
    path = ("workloads", scope.workload.name, "users")
    if has_stages or len(scope.regions) > 1:
        return [
            (dotted(*path), f"they are those to come; the log has {found.active.value:,.0f} active ones")
        ], []
    [region] = scope.regions
    return [], [Edit((*path, region), max(1, round(found.active.value)))]


def _over(rate: Estimate, people: Estimate) -> Estimate:
    """Rate of one: relative errors of both, as if independent."""
    value = rate.value / people.value
    spread = np.hypot(
        (rate.high - rate.low) / 2.0 / max(rate.value, 1e-300), people.half_width / people.value
    )
    return Estimate(value, max(0.0, value * (1.0 - float(spread))), value * (1.0 + float(spread)))


def _burstiness(
    times_s: FloatArray, span: Coverage, factors: FloatArray, name: str, sampled: float, wander: FoundWander
) -> LogFinding:
    path = ("workloads", name, "burstiness")
    found = demand.burstiness(times_s, span, factors)
    if sampled < 1.0:
        return LogFinding(kept=[(dotted(*path), "a sampled log has other gaps than all requests")])
    if found is None:
        return LogFinding(kept=[(dotted(*path), "too few arrivals, or a clock too coarse to tell gaps")])
    found, gaps = wander.of_single_gaps(found), found
    notes = []
    spread, n_blocks = demand.dispersion(times_s, span, factors)
    if wander.cv is None and n_blocks and spread > _WANDERS * max(1.0, gaps.value**2):
        notes.append(
            f"the rate wanders: counts of {span.span_s / n_blocks / 60.0:.3g} min vary {spread:.3g} times as much as "
            f"chance, and burstiness gives {found.value**2:.2g}: peaks are higher than a scenario with this course shows"
        )
    if not 0.0 < found.value <= 20.0:
        return LogFinding(
            kept=[(dotted(*path), f"{found.value:.3g} is beyond what a scenario may say (20)")], notes=notes
        )
    return LogFinding(
        [
            Number(
                dotted(*path),
                found,
                "number",
                times_s.size - 1,
                "" if wander.cv is None else f"{gaps.value:.3g} with the wandering rate in it",
            )
        ],
        [Edit(path, round(found.value, 3))],
        notes=notes,
    )


def _turns(actions: Actions, name: str) -> LogFinding:
    path = ("workloads", name, "turns")
    mean, _ = moments(actions.turns)
    value: dict[str, object] = {"distribution": "geometric", "mean": round(mean.value, 4)}
    numbers = [Number(dotted(*path, "mean"), mean, "number", actions.turns.size)]
    if actions.think_s.size >= 2 and float(actions.think_s.mean()) > 0.0:
        think, _ = moments(actions.think_s)
        value["think_time"] = f"{think.value:.4g}s"
        numbers.append(Number(dotted(*path, "think_time"), think, "time", actions.think_s.size))
    return LogFinding(numbers, [Edit(path, value)])
