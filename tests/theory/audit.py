"""Is the decision of a plan right? Random small stages, decided by `plan` and by playing them whole, minute by minute.

`python -m tests.theory.audit 0 200` draws so many: services, endpoints with a rate limit and teams with shifts, in one or
two regions, with a course of the week, and an objective on a percentile or a share. Half the stages that can ask for
capacity, the others judge what is written. The demand at which a stage begins to miss is found by playing it; a quarter
lies well below it, a quarter well above, half within 20 %. A stage truly holds if everybody who asks in its busiest
half-hours, the users of a region in theirs, and everybody in the whole stage are served as the objective says.
"""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import exp, inf, log
from typing import Any

import numpy as np

from simulator.engine import Runner
from simulator.mechanisms.review.config import Shift
from simulator.scenario.model import Scenario
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.studies.plan.report import StagePlan
from tests.reference.minutes import demand_factor, minutes, share_on_duty
from tests.reference.whole_stage import CONSTANT, EXPONENTIAL, LOGNORMAL, Asked, Desk, Flags, Floats, play

KINDS = ("service", "impatient", "team", "endpoint")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Adelaide")
TIE = 0.01  # of the demand: nearer to the border nobody can tell
_OFFICE = Shift(days=[0, 1, 2, 3, 4], start_hour=8, end_hour=18)
_ENOUGH = 60_000  # who ask in the half-hours that are looked at
_MOST_PLAYED = 300
_STEPS = 9  # of the search for the border
_TIMES = {EXPONENTIAL: "exponential", LOGNORMAL: "lognormal", CONSTANT: "constant"}


@dataclass(frozen=True, eq=False)
class Place:
    """A region: its users' rate minute by minute, when somebody serves, and what serves.

    Attributes
    ----------
    mean_rps : over an ordinary week
    """

    timezone: str
    mean_rps: float
    rates_rps: Floats
    is_open: Flags
    desk: Desk

    def played(self, demand: float, limit_s: float, of_waits: bool, seed: int) -> Asked:
        """The stage, as often as it takes to know its busiest half-hours."""
        found: Asked | None = None
        for number in range(_MOST_PLAYED):
            once = play(self.desk, demand * self.rates_rps, self.is_open, limit_s, of_waits, seed + number)
            found = once if found is None else found + once
            if found.asked[busiest(self.rates_rps)].sum() >= _ENOUGH:
                break
        assert found is not None
        return found


@dataclass(frozen=True, eq=False)
class Case:
    """A stage, and how its demand lies to the border.

    Attributes
    ----------
    limit_s : of the objective; infinite: to be answered at all
    level : share of those who ask that must be within it
    demand : times the rates of the places
    nearness : demand over that at which the stage begins to miss
    """

    kind: str
    start: datetime
    days: int
    week: tuple[tuple[float, ...], ...]
    is_office: bool
    places: Mapping[str, Place]
    limit_s: float
    level: float
    is_planned: bool
    demand: float = 1.0
    nearness: float = 1.0

    def holds(self, demand: float, seed: int = 0) -> bool:
        """Whether everybody is served as the objective says."""
        of_waits = self.kind == "service"
        parts = [
            (place.played(demand, self.limit_s, of_waits, seed), place.rates_rps)
            for place in self.places.values()
        ]
        shares = [_worst_share(asked, rates_rps) for asked, rates_rps in parts]
        if len(parts) > 1:
            # as often as each was played, its users count the same
            weighed = [asked.scaled(demand * 1800.0 * _by_slot(rates_rps)) for asked, rates_rps in parts]
            shares.append(_worst_share(weighed[0] + weighed[1], parts[0][1] + parts[1][1]))
        return min(shares) >= self.level

    def with_servers(self, servers: Mapping[str, int]) -> "Case":
        """The same with another capacity."""
        places = {
            name: replace(place, desk=replace(place.desk, servers=servers[name]))
            for name, place in self.places.items()
        }
        return replace(self, places=places)

    @property
    def text(self) -> str:
        """A line for people."""
        desks = "; ".join(
            f"{place.timezone} {place.desk.servers} x {place.desk.mean_s:.3g} s"
            for place in self.places.values()
        )
        planned = "planned" if self.is_planned else "written"
        return (
            f"{self.kind}, {planned}, {desks}, {self.level:.4g} within {self.limit_s:.4g} s, "
            f"at {self.nearness:.3f} of the border"
        )


def busiest(rates_rps: Floats) -> Flags:
    """The last hour of every stretch with the most demand, when what remembers is full, bool[half-hour]."""
    by_slot = _by_slot(rates_rps)
    is_most = by_slot >= by_slot.max() * (1.0 - 1e-9)
    is_last = is_most & ~np.append(is_most[1:], False)
    return is_most & (is_last | np.append(is_last[1:], False))


def _by_slot(rates_rps: Floats) -> Floats:
    found: Floats = rates_rps.reshape(-1, 30).mean(axis=1)
    return found


def _worst_share(asked: Asked, rates_rps: Floats) -> float:
    slots = busiest(rates_rps)
    return min(asked.share(slots), asked.share(np.ones_like(slots)))


def cases(first: int, last: int, seed: int = 1) -> Iterator[Case]:
    """Random stages number `first` to `last` - 1; of four, two near the border, one well below and one well above it."""
    for number in range(first, last):
        yield _case(number, np.random.default_rng((seed, number)))


def _case(number: int, generator: np.random.Generator) -> Case:
    border = None
    while border is None:
        case = _drawn(generator, KINDS[number % len(KINDS)])
        border = _border(case)
    side = (number // len(KINDS)) % 4
    low, high = ((0.8, 1.2), (0.4, 0.8), (0.8, 1.2), (1.2, 2.0))[side]
    nearness = float(generator.uniform(low, high))
    return replace(case, demand=nearness * border, nearness=nearness)


def _border(case: Case) -> float | None:
    """Demand at which a stage begins to miss; None: it does at any, or at none."""
    low, high = 0.05, 2.0
    if not case.holds(low) or case.holds(high):
        return None
    for _ in range(_STEPS):
        middle = (low * high) ** 0.5
        low, high = (middle, high) if case.holds(middle) else (low, middle)
    return (low * high) ** 0.5


def _drawn(generator: np.random.Generator, kind: str) -> Case:
    def between(low: float, high: float) -> float:
        return exp(generator.uniform(log(low), log(high)))

    is_office = kind == "team" and generator.random() < 0.6
    week = _week(generator, is_office=is_office)
    start = datetime(2027, 1, 4, tzinfo=UTC) + timedelta(days=int(generator.integers(0, 300)))
    days = 7 if is_office else int(generator.choice([2, 3, 7]))
    shape = EXPONENTIAL if kind == "team" else int(generator.choice([EXPONENTIAL, LOGNORMAL, CONSTANT]))
    mean_s = between(60.0, 600.0) if kind == "team" else between(0.3, 20.0)
    servers = int(generator.integers(2, 13))
    desk = Desk(servers, shape, mean_s, cv=between(0.5, 1.5) if shape == LOGNORMAL else 1.0)
    level, limit_s = float(generator.choice([0.95, 0.99])), mean_s * between(0.1, 2.0)
    if kind == "team":
        limit_s += 3.0 * mean_s if level == 0.95 else 4.7 * mean_s
    if kind == "impatient":
        desk = replace(desk, patience_s=mean_s * between(0.3, 3.0))
        level, limit_s = float(generator.choice([0.95, 0.98, 0.99])), inf
    if kind == "endpoint":
        limit_rps = between(0.1, 2.0)
        desk = replace(desk, servers=0, limit_rps=limit_rps, burst=float(generator.integers(2, 61)))
        level, limit_s = float(generator.choice([0.95, 0.99, 0.999])), inf
    names = ("eu", "us")[: int(generator.integers(1, 3))]
    peak = max(max(day) for day in week) / (sum(map(sum, week)) / 168.0)
    places = {}
    for name in names:
        timezone = str(generator.choice(ZONES))
        most_rps = desk.limit_rps if kind == "endpoint" else servers / mean_s
        mean_rps = most_rps / peak * float(generator.uniform(0.7, 1.0))
        factors, is_open = _clock(start, days, timezone, week, is_office=is_office)
        places[name] = Place(timezone, mean_rps, mean_rps * factors, is_open, desk)
    is_planned = kind != "endpoint" and bool(generator.random() < 0.5)
    return Case(kind, start, days, week, is_office, places, limit_s, level, is_planned)


def _week(generator: np.random.Generator, *, is_office: bool) -> tuple[tuple[float, ...], ...]:
    """A busy middle of the day of some hours; nothing outside of it where an office is closed."""
    first = int(generator.integers(9, 12))
    last = first + int(generator.integers(3, 6))
    day = [
        1.0
        if first <= hour < last
        else 0.0
        if is_office and not 8 <= hour < 17
        else float(generator.uniform(0.2, 0.8))
        for hour in range(24)
    ]
    weekend = 0.0 if is_office else float(generator.uniform(0.2, 0.9))
    return tuple(tuple(hour * (weekend if weekday > 4 else 1.0) for hour in day) for weekday in range(7))


def _clock(
    start: datetime, days: int, timezone: str, week: tuple[tuple[float, ...], ...], *, is_office: bool
) -> tuple[Floats, Flags]:
    """Factor of demand, and whether somebody serves, minute by minute."""
    span = list(minutes(start, start + timedelta(days=days)))
    factors = np.array([demand_factor(minute, timezone, week) for minute in span])
    if not is_office:
        return factors, np.ones(len(span), dtype=np.bool_)
    return factors, np.array([share_on_duty(minute, timezone, [_OFFICE]) > 0.0 for minute in span])


def scenario_of(case: Case) -> Scenario:
    """The stage as a user writes it."""
    desk = next(iter(case.places.values())).desk
    work = {"distribution": _TIMES[desk.shape]}
    work |= {"value": desk.mean_s} if desk.shape == CONSTANT else {"mean": desk.mean_s}  # type: ignore[dict-item]
    if desk.shape == LOGNORMAL:
        work["cv"] = desk.cv  # type: ignore[assignment]
    count = {name: place.desk.servers for name, place in case.places.items()}
    if case.kind == "team":
        shifts = [_OFFICE.model_dump()] if case.is_office else "always"
        parts: dict[str, Any] = {
            "services": {
                "desk": {"service_time": {"distribution": "constant", "value": 1e-5}, "error_rate": 1.0}
            },
            "teams": {"people": {"staff": count, "handle_time": work, "shifts": shifts}},
        }
        more = [{"review": {"team": "people", "when": ["exhausted"]}}]
        path, indicator = "teams.people.staff", "resolution"
    else:
        service: dict[str, Any] = {"service_time": work}
        if case.kind == "endpoint":
            service |= {"rate_limit": desk.limit_rps, "burst": int(desk.burst)}
        else:
            service |= {"replicas": count, "max_ongoing_requests": 1}
        if desk.patience_s < inf:
            service["patience"] = {"distribution": "exponential", "mean": desk.patience_s}
        parts, more = {"services": {"desk": service}}, []
        path, indicator = "services.desk.replicas", "queue_wait"
    objective = f"p{100.0 * case.level:g} <= {case.limit_s!r}s"
    if case.limit_s == inf:
        indicator, objective = "availability", f">= {100.0 * case.level:g}%"
    ask = {
        "name": "ask",
        "arrival_rate": {name: case.demand * place.mean_rps for name, place in case.places.items()},
        "profile": [list(day) for day in case.week],
        "steps": [{"call": "desk"}, *more],
    }
    knob = {"path": path, "min": 1, "max": max(count.values())}
    return Scenario.model_validate(
        {
            "metadata": {"name": "audit"},
            "start": case.start.date().isoformat(),
            "regions": {name: {"timezone": place.timezone} for name, place in case.places.items()},
            "workloads": [ask],
            "slos": [{"name": "limit", "indicator": indicator, "objective": objective}],
            "stages": [{"name": "all", "duration": 86400.0 * case.days, "exposure": 1.0}],
            "capacity": {"knobs": [knob] if case.is_planned else []},
            **parts,
        }
    )


@dataclass(frozen=True)
class Outcome:
    """What was decided, and what is true.

    Attributes
    ----------
    holds : with the capacity as written, or with the most that may be bought
    bought_holds : with what was bought; None: nothing was
    """

    case: Case
    planned: StagePlan
    holds: bool
    bought_holds: bool | None

    @property
    def is_wrong(self) -> bool:
        """GO where it does not hold, or NO-GO where it does."""
        if self.planned.decision == "GO":
            return not (self.holds and self.bought_holds is not False)
        return self.planned.decision == "NO-GO" and self.holds

    @property
    def text(self) -> str:
        """A line for people."""
        [found] = self.planned.verdicts
        verdict = "wrong" if self.is_wrong else "right"
        if self.planned.decision == "UNDECIDED":
            verdict = "open"
        return (
            f"{self.planned.decision} {verdict}; holds: {self.holds}, bought: {self.bought_holds}; {self.case.text}; "
            f"{found.estimate}, {self.planned.capacity}"
        )


def audit(case: Case) -> Outcome:
    """Plan a stage, and play it with a demand that makes the decision look better, by a tie, if it is near the border."""
    planned = plan(scenario_of(case), PlanOptions(), Runner()).stages[0]
    kinder = 1.0 - TIE if planned.decision == "GO" else 1.0 + TIE
    holds = case.holds(kinder * case.demand, seed=10_000)
    bought_holds: bool | None = None
    if case.is_planned and planned.decision == "GO":
        [amounts] = planned.capacity.values()
        bought = case.with_servers({name: int(amounts[name]) for name in case.places})
        bought_holds = bought.holds(kinder * case.demand, seed=10_000)
    return Outcome(case, planned, holds, bought_holds)


def main(first: int, last: int, seed: int) -> None:
    """Audit stages; print each and how many were decided wrongly or not at all."""
    begin = time.perf_counter()
    outcomes = []
    for number, case in enumerate(cases(first, last, seed), start=first):
        outcome = audit(case)
        outcomes.append(outcome)
        print(number, outcome.text, flush=True)
    print(_counted(outcomes), f"{(time.perf_counter() - begin) / len(outcomes):.1f} s each")


def _counted(outcomes: list[Outcome]) -> str:
    def counted(is_one: Callable[[Outcome], bool]) -> int:
        return sum(map(is_one, outcomes))

    parts = [
        f"{counted(lambda one, of=word: one.planned.decision == of)} {word}, "  # type: ignore[misc]
        f"{counted(lambda one, of=word: one.planned.decision == of and one.is_wrong)} wrong"  # type: ignore[misc]
        for word in ("GO", "NO-GO")
    ]
    undecided = counted(lambda one: one.planned.decision == "UNDECIDED")
    near = counted(lambda one: abs(one.case.nearness - 1.0) <= 0.2)
    true = counted(lambda one: one.holds)
    return f"of {len(outcomes)}, {near} near the border, {true} that hold: {'; '.join(parts)}; {undecided} UNDECIDED;"


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
