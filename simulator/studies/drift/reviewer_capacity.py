"""Have reviewers time for what they are given? Work of a month against the hours that people are there.

Whoever is short of hours by day may catch up at night, so that work and hours of a whole month are compared, not those of a
peak. What is handed to people comes first: its user waits. Reviews stay in their region, and that other regions may help
with what is handed over there is left out.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from simulator.compiler.demand import DemandWindow
from simulator.economics.capacity_cost import person_hours_per_month
from simulator.mechanisms.review.build import staff_in
from simulator.mechanisms.traffic.config import ReviewRule
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario

_Hours = dict[str, float]  # of a month, by region of the people


def reviewed_shares(
    scenario: Scenario,
    rules: Mapping[str, ReviewRule],
    windows: Sequence[DemandWindow],
    results: Sequence[Sequence[RunResult]],
) -> dict[str, float]:
    """Share of the answers of each workload that people find the time to review, at most its sample.

    Parameters
    ----------
    rules : review of each workload that has one
    windows : that stand for a month
    results : of each window, simulated with every answer reviewed by people who are never short
    """
    reviews: dict[str, _Hours] = {name: defaultdict(float) for name in rules}
    handed: dict[str, _Hours] = {team: defaultdict(float) for team in scenario.teams}
    for window, runs in zip(windows, results, strict=True):
        for run in runs:
            scale = window.weight_h / window.duration_s / len(runs)
            _add_work(run, scale, reviews, handed)
    there = _hours_there(scenario)
    found = {}
    for name, rule in rules.items():
        team = rule.team
        wanted: _Hours = defaultdict(float)
        for other, own in rules.items():
            if own.team == team:
                for region, hours in reviews[other].items():
                    wanted[region] += own.sample * hours
        in_time = {
            region: min(max(there[team][region] - handed[team][region], 0.0) / hours, 1.0)
            for region, hours in wanted.items()
            if hours > 0.0
        }
        if all(share == 1.0 for share in in_time.values()):
            found[name] = rule.sample
            continue
        total = sum(reviews[name].values())
        done = sum(in_time.get(region, 0.0) * hours for region, hours in reviews[name].items())
        found[name] = rule.sample * done / total if total > 0.0 else 0.0
    return found


def _add_work(run: RunResult, scale: float, reviews: dict[str, _Hours], handed: dict[str, _Hours]) -> None:
    """Add the hours of people in a run, told apart by what they were asked for; in place."""
    for number, stream in enumerate(run.streams):
        counts = run.measured_counts[number]
        n_reviewed = float(counts[CountColumn.REVIEWED])
        n_handed = float(counts[CountColumn.HANDED_OFF])
        share = n_reviewed / (n_reviewed + n_handed) if n_reviewed > 0.0 else 0.0
        for station_id, station in enumerate(run.stations):
            hours = scale * float(run.measured_usage[number, station_id, UsageColumn.BUSY_S])
            if station.kind == "team" and hours > 0.0:
                if stream.workload in reviews:
                    reviews[stream.workload][station.region] += share * hours
                handed[station.target][station.region] += (1.0 - share) * hours


def _hours_there(scenario: Scenario) -> dict[str, _Hours]:
    """Hours of a month of ordinary weeks that people of each team are on shift."""
    return {
        name: {
            region: person_hours_per_month(team, staff_in(team, region) or 0) for region in scenario.regions
        }
        for name, team in scenario.teams.items()
    }
