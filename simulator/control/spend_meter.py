"""What have streams spent in a run so far? The bill as the ledger would write it at this moment.

Tokens, calls, and data that leaves its user's region; the hours of provisioned units where a budget asks for them. What
nobody has asked for yet is nobody's.
"""

from collections.abc import Sequence

import numpy as np

from simulator.compiler.blueprint import Blueprint
from simulator.compiler.model_prices import paid_prices
from simulator.control.data_plane import DataPlane
from simulator.mechanisms.providers.config import Provisioned
from simulator.mechanisms.providers.metering import Floats, carried_share, token_usd, weighted_tokens
from simulator.mechanisms.regions.egress import egress_gb
from simulator.mechanisms.traffic.config import Workload
from simulator.metrics.columns import UsageColumn

_BILLED_CALLS = (UsageColumn.SUCCEEDED, UsageColumn.TIMED_OUT, UsageColumn.CANCELLED)


class SpendMeter:
    """Meters streams of one workload."""

    def __init__(
        self, plane: DataPlane, blueprint: Blueprint, workload: Workload, *, bills_hours: bool = False
    ) -> None:
        scenario = blueprint.scenario
        self._bills_hours = bills_hours
        self._egress = scenario.network.egress
        self._plane = plane
        self._bucket_s = blueprint.bucket_s
        stations = blueprint.targets.station_names
        self._is_model = [station.kind == "model" for station in stations]
        self._leaves = np.array(
            [[stream.region != station.region for station in stations] for stream in blueprint.recorded]
        ).reshape(len(blueprint.recorded), len(stations))
        self._prices = np.zeros((len(stations), len(UsageColumn)))  # US dollars for one of each column
        self._held: dict[
            int, tuple[Provisioned, float]
        ] = {}  # what is provisioned at a station, and how many units
        models = {model.model_name: model for model in scenario.model_list}
        is_batch = workload.priority == "batch"
        for number, station in enumerate(stations):
            if station.kind == "service":
                self._prices[number, list(_BILLED_CALLS)] = scenario.services[station.target].cost
            elif station.kind == "model" and models[station.target].pool is None:
                model = models[station.target]
                self._prices[number] = token_usd(paid_prices(scenario, model), is_batch=is_batch)
                held = model.provisioned
                units = 0.0 if held is None else held.units_in(station.region)
                if held is not None and units > 0.0:
                    self._held[number] = held, units

    def spent_usd(self, streams: Sequence[int], now_s: float) -> float:
        """Spent by some streams since the start of the run."""
        usage = self._plane.world.recording.usage  # [bucket, stream, station, UsageColumn]
        usd = (usage[:, streams].sum(axis=1) * self._prices).sum(axis=2)  # [bucket, station]
        hours_usd = 0.0
        for station, (held, units) in self._held.items():
            carried = self._carried(usage[:, :, station], held, units, now_s)
            usd[:, station] *= 1.0 - carried
            if self._bills_hours:
                hours_usd += self._hours_usd(usage[:, :, station], streams, held, units, carried, now_s)
        return float(usd.sum()) + hours_usd + self._egress_usd(usage, streams)

    def _egress_usd(self, usage: Floats, streams: Sequence[int]) -> float:
        """Paid for data between users and stations of other regions."""
        if self._egress is None or self._egress.price == 0.0:
            return 0.0
        used = usage[:, streams].sum(axis=0) * self._leaves[streams][:, :, None]  # [stream, station, column]
        return self._egress.price * float(
            sum(
                egress_gb(used[:, station], is_model, self._egress)[0].sum()
                for station, is_model in enumerate(self._is_model)
            )
        )

    def _hours_usd(
        self,
        usage: Floats,
        streams: Sequence[int],
        held: Provisioned,
        units: float,
        carried: Floats,
        now_s: float,
    ) -> float:
        """Part of the hours of units that these streams pay for: busy ones by tokens carried, idle ones by all so far."""
        tokens = weighted_tokens(usage, held.output_weight) * carried[:, None]  # [bucket, stream]
        load = tokens.sum(axis=1)
        if load.sum() <= 0.0:
            return 0.0
        lengths_s = self._lengths_s(len(usage), now_s)
        room = units * held.tpm_per_unit / 60.0 * lengths_s
        busy = np.divide(np.minimum(load, room), room, out=np.zeros(len(load)), where=room > 0.0)
        mine = tokens[:, streams].sum(axis=1)
        evenly = mine.sum() / load.sum()
        split = np.divide(mine, load, out=np.full(len(load), evenly), where=load > 0.0)
        hours = units * lengths_s / 3600.0
        return held.price * float((hours * (busy * split + (1.0 - busy) * evenly)).sum())

    def _lengths_s(self, n_buckets: int, now_s: float) -> Floats:
        """How much of each bucket is over."""
        return np.asarray(np.clip(now_s - self._bucket_s * np.arange(n_buckets), 0.0, self._bucket_s))

    def _carried(self, usage: Floats, held: Provisioned, units: float, now_s: float) -> Floats:
        """Share of the tokens of each bucket that the units carry, float64[bucket]; the last bucket is not over yet."""
        if not held.overflow:
            return np.ones(len(usage))
        lengths_s = self._lengths_s(len(usage), now_s)
        asked = weighted_tokens(usage, held.output_weight).sum(axis=1)
        return carried_share(asked, units, held.tpm_per_unit, lengths_s)
