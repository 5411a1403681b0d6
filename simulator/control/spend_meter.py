"""What have streams spent in a run so far? The bill by use, as the ledger would write it at this moment."""

from collections.abc import Sequence

import numpy as np

from simulator.compiler.blueprint import Blueprint
from simulator.compiler.model_prices import paid_prices
from simulator.control.data_plane import DataPlane
from simulator.mechanisms.providers.config import Provisioned
from simulator.mechanisms.providers.metering import Floats, carried_share, token_usd, weighted_tokens
from simulator.mechanisms.traffic.config import Workload
from simulator.metrics.columns import UsageColumn

_BILLED_CALLS = (UsageColumn.SUCCEEDED, UsageColumn.TIMED_OUT, UsageColumn.CANCELLED)


class SpendMeter:
    """Meters streams of one workload."""

    def __init__(self, plane: DataPlane, blueprint: Blueprint, workload: Workload) -> None:
        scenario = blueprint.scenario
        self._plane = plane
        self._bucket_s = blueprint.bucket_s
        stations = blueprint.targets.station_names
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
        for station, (held, units) in self._held.items():
            usd[:, station] *= 1.0 - self._carried(usage[:, :, station], held, units, now_s)
        return float(usd.sum())

    def _carried(self, usage: Floats, held: Provisioned, units: float, now_s: float) -> Floats:
        """Share of the tokens of each bucket that the units carry, float64[bucket]; the last bucket is not over yet."""
        if not held.overflow:
            return np.ones(len(usage))
        starts_s = self._bucket_s * np.arange(len(usage))
        lengths_s = np.clip(now_s - starts_s, 0.0, self._bucket_s)
        asked = weighted_tokens(usage, held.output_weight).sum(axis=1)
        return carried_share(asked, units, held.tpm_per_unit, lengths_s)
