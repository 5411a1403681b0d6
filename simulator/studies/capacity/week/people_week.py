"""Do people get through the work of a week? What comes at all hours against the hours that they are on shift.

A team that is large enough for the busiest hour may still fall behind: a case that comes while nobody is on shift waits for
the next one, and adds to the work of the day. Where the work is more than the hours, the queue grows without end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from simulator.economics.categories import Floats
from simulator.economics.month import WeightedWindow, in_proportion
from simulator.mechanisms.distribution_means import mean_of
from simulator.metrics.columns import AreaColumn, UsageColumn
from simulator.render.numbers import quantity
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.capacity.knobs import Amounts
from simulator.studies.record import Record

_ROUNDING = 1e-9


class PeopleWeek(Record):
    """Work and people of one team in one region, in some hours, e.g. those of a month of 730 h.

    Attributes
    ----------
    work_h : to handle what comes and does not leave the queue
    people_h : of people on shift
    hour_usd : what an hour of theirs costs
    """

    team: str
    region: str
    work_h: float
    people_h: float
    hour_usd: float

    @property
    def falls_behind(self) -> bool:
        """Whether more work comes than they can do."""
        return self.work_h > self.people_h

    @property
    def message(self) -> str:
        """What is wrong, for people; only where they fall behind."""
        return (
            f"{self.team} in {self.region}: {self.work_h:,.0f} h of work a month for {self.people_h:,.0f} h on shift, "
            f"so that {self.work_h - self.people_h:,.0f} h more wait every month, work of "
            f"{quantity(self.hour_usd * (self.work_h - self.people_h), 'money')} that is in no cost"
        )


@dataclass(frozen=True)
class _Place:
    team: str
    region: str


def people_weeks(scenario: Scenario, windows: Sequence[WeightedWindow]) -> tuple[PeopleWeek, ...]:
    """Work and hours of every team that anything came to in some windows, in the scenario's order."""
    work_h: dict[_Place, float] = {}
    people_h: dict[_Place, float] = {}
    handle_s = _handle_s(scenario, windows)
    for window, factors in zip(windows, _by_arrival(windows), strict=True):
        runs = window.results
        for place, station_id in _teams(runs[0]).items():
            hours = sum(run.duration_s for run in runs) / 3600.0
            came = sum(_kept(run, station_id, by) for run, by in zip(runs, factors, strict=True)) / hours
            on_shift = sum(run.areas[station_id, AreaColumn.SERVERS_S] for run in runs) / (3600.0 * hours)
            work_h[place] = (
                work_h.get(place, 0.0) + window.weight_h * came * handle_s.get(place, 0.0) / 3600.0
            )
            people_h[place] = people_h.get(place, 0.0) + window.weight_h * float(on_shift)
    places = [_Place(team, region) for team in scenario.teams for region in scenario.regions]
    return tuple(
        PeopleWeek(
            team=place.team,
            region=place.region,
            work_h=work_h[place],
            people_h=people_h[place],
            hour_usd=scenario.teams[place.team].cost_in(place.region),
        )
        for place in places
        if work_h.get(place, 0.0) > 0.0
    )


def staff_needed(
    scenario: Scenario, weeks: Sequence[PeopleWeek], amounts: Amounts
) -> dict[tuple[str, str], float]:
    """Staff with which teams that may be staffed get through the week's work with headroom, where they do not now."""
    found = {}
    for week in weeks:
        staff = amounts.get(f"teams.{week.team}.staff", {}).get(week.region)
        if staff is None or (staff > 0.0 and week.people_h <= 0.0):
            continue
        if staff == 0.0:  # how many are needed is known once somebody is there
            found[week.team, week.region] = 1.0
            continue
        needed = ceil(staff * week.work_h * (1.0 + scenario.capacity.headroom) / week.people_h - _ROUNDING)
        if needed > staff:
            found[week.team, week.region] = float(needed)
    return found


def _handle_s(scenario: Scenario, windows: Sequence[WeightedWindow]) -> dict[_Place, float]:
    """Mean time to handle a case, over all windows, s; where nobody was handled, as the scenario has it."""
    busy_s: dict[_Place, float] = {}
    served: dict[_Place, float] = {}
    for window in windows:
        for place, station_id in _teams(window.results[0]).items():
            for run in window.results:
                usage = run.measured_usage[:, station_id].sum(axis=0)
                busy_s[place] = busy_s.get(place, 0.0) + float(usage[UsageColumn.BUSY_S])
                served[place] = served.get(place, 0.0) + float(usage[UsageColumn.SUCCEEDED])
    return {
        place: busy_s[place] / number if number > 0.0 else mean_of(scenario.teams[place.team].handle_time)
        for place, number in served.items()
    }


def _by_arrival(windows: Sequence[WeightedWindow]) -> list[Floats]:
    """Factors on what came, so that it is as much as the calendar offers, float64[seed, stream] for each window."""
    found = in_proportion(windows)
    if found is None:
        return [np.ones((len(window.results), len(window.results[0].streams))) for window in windows]
    return [volume.by_arrival for volume in found]


def _kept(run: RunResult, station_id: int, by_arrival: Floats) -> float:
    """Cases that came and did not leave the queue, as many as the calendar offers for those that were drawn."""
    usage = run.measured_usage[:, station_id]
    kept = usage[:, UsageColumn.ATTEMPTS] - usage[:, UsageColumn.ABANDONED]
    return float(kept @ by_arrival)


def _teams(run: RunResult) -> dict[_Place, int]:
    return {
        _Place(station.target, station.region): number
        for number, station in enumerate(run.stations)
        if station.kind == "team"
    }
