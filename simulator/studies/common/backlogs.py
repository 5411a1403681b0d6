"""Where work piles up, for people: how much more waits at the end of a window, in hours of work and in money."""

from collections.abc import Mapping, Sequence
from math import isnan

from simulator.economics.price_book import PriceBook
from simulator.mechanisms.codes import Station
from simulator.mechanisms.distribution_means import mean_of
from simulator.render.numbers import estimate
from simulator.results.backlog import Growth, growths
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.record import Interval, Record
from simulator.theory.estimate import Estimate

WORKERS: Mapping[str, str] = {"team": "people's", "model": "replicas'", "service": "servers'"}


class Backlog(Record):
    """A target to which more work comes in a window than it does.

    Attributes
    ----------
    kind : `team`, `service` or `model`
    more : requests that wait at the end beyond those at the beginning of a window of `window_s`
    work_h : hours of people's, servers' or replicas' time in them
    cost : of doing that work, USD; it is in no other cost of the window
    """

    target: str
    region: str
    kind: str
    window_s: float
    more: Interval
    work_h: Interval
    cost: Interval

    @property
    def message(self) -> str:
        """One line for people."""
        return (
            f"backlog at {self.target} in {self.region}: more work comes than is done. In {self.window_s / 60.0:.4g} min "
            f"{estimate(self.more, 'count').line} more wait, {estimate(self.work_h, 'number').line} h of "
            f"{WORKERS[self.kind]} work, which costs {estimate(self.cost, 'money').line} more"
        )


class StageBacklog(Backlog):
    """A backlog at the window of a stage; None: at full exposure."""

    stage: str | None


def backlogs_of(scenario: Scenario, book: PriceBook, results: Sequence[RunResult]) -> tuple[Backlog, ...]:
    """Every queue that grows beyond chance in replications of a window."""
    return tuple(_backlog(scenario, book, results[0].duration_s, found) for found in growths(results))


def work_usd(book: PriceBook, station: Station, replicas_per_server: float) -> float:
    """What an hour of a server's, or a person's, work costs; of a model on GPUs on demand."""
    if station.kind == "team":
        return book.person_hour_usd(station.target, station.region)
    if station.kind == "service":
        return replicas_per_server * book.services[station.target].replica_hour_usd
    return book.pools[station.target].replica_hour_usd if station.target in book.pools else 0.0


def _backlog(scenario: Scenario, book: PriceBook, window_s: float, found: Growth) -> Backlog:
    station, work_h = found.station, found.work_h
    if isnan(found.service_s):  # nobody was served
        work_h = _times(found.more, _expected_s(scenario, station) / 3600.0)
    cost = _times(work_h, work_usd(book, station, found.replicas_per_server))
    if station.kind == "service":
        by_call = _times(found.more, book.services[station.target].call_usd)
        cost = Estimate(cost.value + by_call.value, cost.low + by_call.low, cost.high + by_call.high)
    return Backlog(
        target=station.target,
        region=station.region,
        kind=station.kind,
        window_s=window_s,
        more=found.more,
        work_h=work_h,
        cost=cost,
    )


def _expected_s(scenario: Scenario, station: Station) -> float:
    if station.kind == "team":
        return mean_of(scenario.teams[station.target].handle_time)
    if station.kind == "service":
        return mean_of(scenario.services[station.target].service_time)
    return 0.0


def _times(found: Estimate, factor: float) -> Estimate:
    return Estimate(found.value * factor, found.low * factor, found.high * factor)
