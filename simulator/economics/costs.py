"""What did one run cost, and on whose account? Arrays of quantities and dollars, the core of every view.

A *line* is something that is paid for: a station in one category, or the platform. Each line's quantity is
split over the streams (workload x users' region), so every dollar stands in exactly one place:

- tokens: billed tokens of each stream's attempts; wasted are those whose answer was not used. What provisioned
  throughput carried is paid by its hours (`simulator.economics.token_lines`);
- calls: attempts that a service answered, or that were broken off by a time-out or because another
  try was answered first (these are wasted). Not
  billed: errors (as for models), and attempts refused (429, full queue) or given up in the queue;
- hours of replicas and of people on shift: `replica_s` times the price. The busy part, the station's
  utilization over the span, is split by the server-seconds each stream used (counted when the attempt ends;
  by arrivals if none ended). The idle part is spread evenly over time, and over the streams that may ask the target, those
  of the station's region if there are any, by their share of the arrivals; if nobody arrived, equally over workloads,
  regions and tenants, however finely results tell them apart; over all streams if none may ask;
  Replicas without a limit on ongoing requests count as busy if anyone used them. People who finish a case
  after their shift are not paid extra;
- hours of a pool's replicas: the same; replicas that are reserved, and those on spot, have a price, and lines, of their own;
- egress: data between users and stations of other regions (`simulator.mechanisms.regions.egress`), and logs kept in one;
- rework: every action that ended without a right answer; wrong answers: those that reached a user;
- logs: what every action writes down, and its storage until it is deleted (`log_storage` pays it as it lies there);
- platform: its price per month of 730 h, spread evenly over time and over all streams by arrivals.

What is missing of a spend commitment is known of a month only: `simulator.economics.month` adds it. Not in it:
taxes, and whatever `simulator.mechanisms.providers.prices` leaves out.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.stage_shares import HOURS_PER_MONTH
from simulator.compiler.streams import Stream
from simulator.economics.categories import ANSWERED, ENDED, Category, Floats, Line
from simulator.economics.price_book import PoolPrices, PriceBook
from simulator.economics.token_lines import token_lines
from simulator.mechanisms.codes import Station
from simulator.mechanisms.regions.config import Egress
from simulator.mechanisms.regions.egress import egress_gb
from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.telemetry import Telemetry

_SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True, eq=False)
class Costs:
    """Quantities and dollars of the measured span of one run; what costs nothing has no line."""

    streams: tuple[Stream, ...]
    lines: tuple[Line, ...]
    quantity: Floats  # [bucket, stream, line] in the line's unit
    wasted_quantity: Floats  # [bucket, stream, line] part of `quantity` that bought nothing

    @cached_property
    def unit_prices_usd(self) -> Floats:
        """Price per unit, float64[line] in US dollars."""
        return np.array([line.unit_price_usd for line in self.lines], dtype=np.float64)

    @cached_property
    def cost_usd(self) -> Floats:
        """Quantity times price, float64[bucket, stream, line] in US dollars."""
        return self.quantity * self.unit_prices_usd

    @cached_property
    def wasted_usd(self) -> Floats:
        """Part of `cost_usd` that bought nothing, float64[bucket, stream, line] in US dollars."""
        return self.wasted_quantity * self.unit_prices_usd

    @property
    def total_usd(self) -> float:
        """Everything, in US dollars."""
        return float(self.cost_usd.sum())


def costs(result: RunResult, book: PriceBook, *, by_bucket: bool = False) -> Costs:
    """Price what a run used.

    Parameters
    ----------
    result : one run; only its measured span counts
    book : prices of its scenario
    by_bucket : one entry per measured time bucket; else one for the whole span (much less work, same sums)

    Raises
    ------
    ValueError
        If the run has no streams: there would be nobody to put the cost on.
    """
    if not result.streams:
        raise ValueError("a run without demand has nobody to put its cost on")
    return _Pricing(result, book, by_bucket).costs()


class _Pricing:
    """Collects the lines of one run."""

    def __init__(self, result: RunResult, book: PriceBook, by_bucket: bool) -> None:
        self._result = result
        self._book = book
        self._by_bucket = by_bucket
        if by_bucket:
            self._usage = result.usage[result.n_warmup_buckets :]
            self._counts = result.counts[result.n_warmup_buckets :]
            lengths_s = result.measured_bucket_s
        else:
            self._usage = result.measured_usage[np.newaxis]
            self._counts = result.measured_counts[np.newaxis]
            lengths_s = np.array([result.duration_s])
        self._time_share = (lengths_s / result.duration_s)[:, np.newaxis]  # [bucket, 1]
        self._arrived = result.measured_counts[:, CountColumn.ARRIVED].astype(np.float64)
        askers = [(stream.workload, stream.region, stream.tenant) for stream in result.streams]
        n_parts = Counter(askers)
        self._part_of_asker = np.array([1.0 / n_parts[asker] for asker in askers])
        self._lines: list[Line] = []
        self._quantities: list[Floats] = []  # [bucket, stream] each
        self._wasted: list[Floats] = []

    def costs(self) -> Costs:
        for station_id, station in enumerate(self._result.stations):
            if station.target in self._book.pools:
                self._replicas(station_id, station, self._book.pools[station.target])
            elif station.kind == "model":
                for line, quantity, wasted in token_lines(
                    self._result, self._book, station_id, self._by_bucket
                ):
                    self._add(line, quantity, wasted)
            elif station.kind == "service":
                prices = self._book.services[station.target]
                self._calls(station_id, station, prices.call_usd)
                categories = (Category.SERVICE_HOURS, Category.SERVICE_IDLE_HOURS)
                self._hours(station_id, station, prices.replica_hour_usd, categories)
            else:
                categories = (Category.HUMAN_HOURS, Category.HUMAN_IDLE_HOURS)
                hour_usd = self._book.person_hour_usd(station.target, station.region)
                self._hours(station_id, station, hour_usd, categories)
            if self._book.egress is not None:
                self._egress(station_id, station, self._book.egress)
        self._outcomes()
        n_months = self._result.duration_s / _SECONDS_PER_HOUR / HOURS_PER_MONTH
        everyone = np.ones(len(self._result.streams), dtype=np.bool_)
        line = Line(None, Category.PLATFORM, "month", self._book.platform_month_usd)
        self._add(line, n_months * self._evenly(everyone))
        shape = (len(self._time_share), len(self._result.streams), len(self._lines))
        return Costs(
            self._result.streams,
            tuple(self._lines),
            np.stack(self._quantities, axis=2) if self._lines else np.zeros(shape),
            np.stack(self._wasted, axis=2) if self._lines else np.zeros(shape),
        )

    def _add(self, line: Line, quantity: Floats, wasted: Floats | None = None) -> None:
        if line.unit_price_usd > 0.0:
            self._lines.append(line)
            self._quantities.append(quantity)
            self._wasted.append(np.zeros_like(quantity) if wasted is None else wasted)

    def _used(self, station_id: int, column: UsageColumn) -> Floats:
        """Usage of a station, float64[bucket, stream]."""
        used: Floats = self._usage[:, :, station_id, column]
        return used

    def _outcomes(self) -> None:
        """Actions that must be done over, and wrong answers that reached users."""
        counts = self._counts.astype(np.float64)  # [bucket, stream, CountColumn]
        correct = counts[..., CountColumn.CORRECT]
        rework = Line(None, Category.REWORK, "action", self._book.rework_usd)
        self._add(rework, counts[..., ENDED].sum(axis=-1) - correct)
        wrong = Line(None, Category.WRONG_ANSWERS, "action", self._book.wrong_answer_usd)
        self._add(wrong, counts[..., ANSWERED].sum(axis=-1) - correct)
        if self._book.telemetry is not None:
            self._logs(self._book.telemetry, counts[..., ENDED].sum(axis=-1))

    def _logs(self, telemetry: Telemetry, n_ended: Floats) -> None:
        """What is written of actions, its way to where it is kept, and its storage until it is deleted."""
        written_gb = telemetry.gb_per_action * n_ended
        self._add(Line(None, Category.LOG_INGESTION, "GB", telemetry.ingestion), written_gb)
        kept = Line(None, Category.LOG_STORAGE, "GB-month", telemetry.storage)
        self._add(kept, written_gb * telemetry.retention_months)
        if self._book.egress is not None and telemetry.region is not None:
            leaves = np.array([stream.region != telemetry.region for stream in self._result.streams])
            self._add(Line(None, Category.EGRESS, "GB", self._book.egress.price), written_gb * leaves)

    def _calls(self, station_id: int, station: Station, call_usd: float) -> None:
        broken_off = self._used(station_id, UsageColumn.TIMED_OUT) + self._used(
            station_id, UsageColumn.CANCELLED
        )
        billed = self._used(station_id, UsageColumn.SUCCEEDED) + broken_off
        self._add(Line(station, Category.SERVICE_CALLS, "call", call_usd), billed, broken_off)

    def _egress(self, station_id: int, station: Station, egress: Egress) -> None:
        leaves = np.array([stream.region != station.region for stream in self._result.streams])
        usage = np.where(leaves[:, np.newaxis], self._usage[:, :, station_id], 0.0)
        line = Line(station, Category.EGRESS, "GB", egress.price)
        self._add(line, *egress_gb(usage, station.kind == "model", egress))

    def _replicas(self, station_id: int, station: Station, prices: PoolPrices) -> None:
        """Hours of a pool's replicas: those that are reserved, which run all the time, those on spot, and the others."""
        categories = (Category.GPU_HOURS, Category.GPU_IDLE_HOURS)
        spot_h = float(self._result.areas[station_id, AreaColumn.SPOT_S]) / _SECONDS_PER_HOUR
        if prices.spot_hour_usd > 0.0:
            on_spot = (Category.SPOT_GPU_HOURS, Category.SPOT_GPU_IDLE_HOURS)
            self._split(station_id, station, spot_h, prices.spot_hour_usd, on_spot)
        paid_h = float(self._result.replica_s[station_id]) / _SECONDS_PER_HOUR - spot_h
        reserved_h = prices.reserved.get(station.region, 0) * self._result.duration_s / _SECONDS_PER_HOUR
        if reserved_h > 0.0:
            self._split(
                station_id, station, reserved_h, prices.reserved_hour_usd, categories, is_committed=True
            )
        on_demand_h = max(0.0, paid_h - reserved_h)
        self._split(station_id, station, on_demand_h, prices.replica_hour_usd, categories)

    def _hours(
        self, station_id: int, station: Station, hour_usd: float, categories: tuple[Category, Category]
    ) -> None:
        paid_h = float(self._result.replica_s[station_id]) / _SECONDS_PER_HOUR
        self._split(station_id, station, paid_h, hour_usd, categories)

    def _split(
        self,
        station_id: int,
        station: Station,
        paid_h: float,
        hour_usd: float,
        categories: tuple[Category, Category],
        *,
        is_committed: bool = False,
    ) -> None:
        """Book paid hours: busy ones by use, idle ones evenly."""
        evenly = self._evenly(self._users(station))
        used_s = self._used(station_id, UsageColumn.BUSY_S)
        total_used_s = float(used_s.sum())
        by_use = used_s / total_used_s if total_used_s > 0.0 else evenly
        busy_h = paid_h * self._busy_share(station_id, total_used_s)
        busy, idle = categories
        line = Line(station, busy, "hour", hour_usd, is_committed=is_committed)
        self._add(line, busy_h * by_use)
        self._add(line._replace(category=idle), (paid_h - busy_h) * evenly)

    def _users(self, station: Station) -> NDArray[np.bool_]:
        """Streams that pay for idle hours: those that may ask the target, of its region if there are any; bool[stream]."""
        ask = self._book.asks(self._result.streams, [station.target])
        near = ask & np.array([stream.region == station.region for stream in self._result.streams])
        return near if near.any() else ask

    def _busy_share(self, station_id: int, total_used_s: float) -> float:
        """Utilization of a station over the span, 0 … 1."""
        busy_s = float(self._result.areas[station_id, AreaColumn.BUSY_S])
        servers_s = float(self._result.areas[station_id, AreaColumn.SERVERS_S])
        if servers_s > 0.0:
            return min(busy_s / servers_s, 1.0)
        return 1.0 if max(busy_s, total_used_s) > 0.0 else 0.0

    def _evenly(self, among: NDArray[np.bool_]) -> Floats:
        """Shares that add up to 1: even over time, by arrivals over some streams; float64[bucket, stream]."""
        arrived = np.where(among, self._arrived, 0.0)
        if arrived.sum() <= 0.0:
            arrived = among * self._part_of_asker
        shares: Floats = self._time_share * (arrived / arrived.sum())
        return shares
