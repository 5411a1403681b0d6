"""What work do the targets of a forecast never get to? It is paid in no month, and somebody must do it.

Work and hours are added up from one part of a month to the next: what is left of one waits for the next, and what is left
at the end is undone. Within a part nothing is lost: what comes at night is done in the morning.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator.economics.currency import Currency
from simulator.economics.month import WeightedWindow
from simulator.economics.price_book import PriceBook
from simulator.metrics.columns import AreaColumn
from simulator.render.numbers import EstimateText, in_currency, quantity
from simulator.scenario.model import Scenario
from simulator.studies.capacity.week.people_week import people_weeks
from simulator.studies.common.backlogs import WORKERS, backlogs_of
from simulator.studies.record import Record

_CHANCE = 0.02  # of all work: what is less may be chance, or the last weekend


class OfferedWork(NamedTuple):
    """Work and the hours there are for it, of one target in one region in a part of a month.

    Attributes
    ----------
    work_h : that comes and does not leave the queue, in hours of a server, a replica or a person
    capacity_h : of servers, replicas or people
    hour_usd : what an hour of the work that waits costs; None: none waits
    """

    target: str
    region: str
    kind: str
    work_h: float
    capacity_h: float
    hour_usd: float | None


class UndoneWork(Record):
    """Of one target in one region, at the end of the forecast.

    Attributes
    ----------
    kind : `team`, `service` or `model`
    undone_h : hours of people's, servers' or replicas' work that wait
    cost : of doing it, in the currency of the report; it is in no month
    """

    target: str
    region: str
    kind: str
    undone_h: float
    cost: float

    def message(self, currency: str) -> str:
        """One line for people."""
        cost = in_currency(EstimateText(quantity(self.cost, "money"), ""), currency).value
        help_ = "more people on shift" if self.kind == "team" else "more capacity"
        return (
            f"work left undone at the end: {self.undone_h:,.0f} h of {WORKERS[self.kind]} work at {self.target} in "
            f"{self.region}, {cost}, which is in no month; {help_} would do it"
        )


def offered_work(
    scenario: Scenario, book: PriceBook, windows: Sequence[WeightedWindow]
) -> tuple[OfferedWork, ...]:
    """Work and capacity of every target with servers or people of its own, in the windows of a part."""
    return (*_of_people(scenario, windows), *_of_servers(scenario, book, windows))


def _of_people(scenario: Scenario, windows: Sequence[WeightedWindow]) -> Iterator[OfferedWork]:
    for week in people_weeks(scenario, windows):
        yield OfferedWork(week.team, week.region, "team", week.work_h, week.people_h, week.hour_usd)


def _of_servers(
    scenario: Scenario, book: PriceBook, windows: Sequence[WeightedWindow]
) -> Iterator[OfferedWork]:
    """Work of services and pools, with what piles up in windows in which it does, and the servers that others leave idle.

    A target that scales is taken to have in every hour the most servers that it has in one.
    """
    piled = [
        {(one.target, one.region): one for one in backlogs_of(scenario, book, window.results)}
        for window in windows
    ]
    for number, station in enumerate(windows[0].results[0].stations):
        servers = [_mean(window, number, AreaColumn.SERVERS_S) for window in windows]
        if station.kind == "team" or not any(servers):
            continue
        if _scales(scenario, station.target):
            servers = [max(servers)] * len(servers)
        work_h = capacity_h = waiting_h = waiting_usd = 0.0
        for window, found, there in zip(windows, piled, servers, strict=True):
            busy_h = window.weight_h * _mean(window, number, AreaColumn.BUSY_S)
            growing = found.get((station.target, station.region))
            if growing is None:
                work_h, capacity_h = work_h + busy_h, capacity_h + window.weight_h * there
                continue
            windows_h = window.weight_h * 3600.0 / growing.window_s
            more_h, more_usd = windows_h * growing.work_h.value, windows_h * growing.cost.value
            work_h, capacity_h = work_h + busy_h + more_h, capacity_h + busy_h
            waiting_h, waiting_usd = waiting_h + more_h, waiting_usd + more_usd
        hour_usd = waiting_usd / waiting_h if waiting_h > 0.0 else None
        yield OfferedWork(station.target, station.region, station.kind, work_h, capacity_h, hour_usd)


def _mean(window: WeightedWindow, station_id: int, column: AreaColumn) -> float:
    """Mean of an integral over the time of a window, e.g. of busy servers."""
    duration_s = sum(run.duration_s for run in window.results)
    return sum(float(run.areas[station_id, column]) for run in window.results) / duration_s


def _scales(scenario: Scenario, target: str) -> bool:
    if target in scenario.services:
        return scenario.services[target].autoscaling is not None
    pool = next((model.pool for model in scenario.model_list if model.model_name == target), None)
    return pool is not None and pool.autoscaling is not None


def undone_work(parts: Sequence[Sequence[OfferedWork]], currency: Currency) -> tuple[UndoneWork, ...]:
    """What is left at the end of some parts of months, in their order."""
    left_h: dict[tuple[str, str, str], float] = {}
    work_h: dict[tuple[str, str, str], float] = {}
    hour_usd: dict[tuple[str, str, str], float] = {}
    for part in parts:
        for one in part:
            place = one.target, one.region, one.kind
            left_h[place] = max(0.0, left_h.get(place, 0.0) + one.work_h - one.capacity_h)
            work_h[place] = work_h.get(place, 0.0) + one.work_h
            if one.hour_usd is not None:
                hour_usd[place] = one.hour_usd
    return tuple(
        UndoneWork(
            target=place[0],
            region=place[1],
            kind=place[2],
            undone_h=hours,
            cost=currency.of(hours * hour_usd[place]),
        )
        for place, hours in left_h.items()
        if hours > _CHANCE * work_h[place]
    )
