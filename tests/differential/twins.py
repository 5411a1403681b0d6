"""The engine and the reference side by side: the same scenario, window and seed."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.compiler.demand import stage_window
from simulator.compiler.streams import streams
from simulator.engine import Runner
from simulator.kernel.codes import Outcome
from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.numerics.sketch import bin_edges
from simulator.results.run_result import RunResult
from simulator.scenario.check.checks import check_scenario
from simulator.scenario.model import Scenario
from tests.reference.ledger import Ledger
from tests.reference.pipeline import Pipeline

_AREAS = [AreaColumn.IN_SYSTEM_S, AreaColumn.BUSY_S]
_EDGES = bin_edges()


@dataclass
class Twins:
    """One run of each."""

    engine: RunResult
    pipeline: Pipeline

    @property
    def ledger(self) -> Ledger:
        """What the reference wrote down."""
        return self.pipeline.ledger


def run_both(
    scenario: Scenario,
    duration_s: float,
    seed: int,
    warmup_s: float = 0.0,
    start_s: float = 0.0,
    *,
    is_checked: bool = True,
    base_dir: Path = Path(),
) -> Twins:
    """Run a scenario with both, at its last stage if it has stages; unchecked it may name what it does not use."""
    found = check_scenario(scenario, base_dir) if is_checked else []
    assert not found, found
    stage = scenario.stages[-1].name if scenario.stages else None
    window = stage_window(scenario, stage, start_s, duration_s, warmup_s, base_dir)
    engine = Runner(base_dir, record_rows=True).run(scenario, window, seed)
    pipeline = Pipeline(scenario, window, seed, base_dir)
    pipeline.run(streams(scenario))
    return Twins(engine, pipeline)


def engine_rows(twins: Twins) -> pd.DataFrame:
    """The engine's rows, with names, by stream and number."""
    assert twins.engine.rows is not None
    rows = twins.engine.rows.copy()
    recorded = [twins.engine.streams[stream] for stream in rows.pop("stream")]
    rows["workload"] = [stream.workload for stream in recorded]
    rows["region"] = [stream.region for stream in recorded]
    rows["language"] = [stream.language for stream in recorded]
    rows["complexity"] = [stream.complexity for stream in recorded]
    rows["tenant"] = [stream.tenant for stream in recorded]
    rows["outcome"] = [Outcome(outcome).name for outcome in rows["outcome"]]
    rows["is_correct"] = rows["is_correct"] == 1
    return _in_order(rows)


def reference_rows(twins: Twins) -> pd.DataFrame:
    """The reference's rows in the same shape."""
    return _in_order(pd.DataFrame([asdict(row) for row in twins.ledger.rows]))


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.sort_values(["workload", "region", "tenant", "number"], ignore_index=True)
    return rows[sorted(rows.columns)]


def _bucket(engine: RunResult, time_s: float) -> int:
    return min(int(time_s / engine.bucket_s), len(engine.counts) - 1)


def reference_counts(twins: Twins) -> NDArray[np.int64]:
    """The reference's counts by time bucket, in the engine's shape."""
    counts = np.zeros_like(twins.engine.counts)
    recorded = {tuple(stream): index for index, stream in enumerate(twins.engine.streams)}
    for time_s, stream, what in twins.ledger.counts:
        counts[_bucket(twins.engine, time_s), recorded[stream], CountColumn[what]] += 1
    # who is overdue is no event, but a look at two moments; `tests/unit/results/test_everyone_counts.py` has it
    counts[..., CountColumn.OVERDUE] = twins.engine.counts[..., CountColumn.OVERDUE]
    return counts


def reference_usage(twins: Twins) -> NDArray[np.float64]:
    """The reference's use of stations by time bucket, in the engine's shape."""
    usage = np.zeros_like(twins.engine.usage)
    recorded = {tuple(stream): index for index, stream in enumerate(twins.engine.streams)}
    stations = {(s.target, s.region): index for index, s in enumerate(twins.engine.stations)}
    for time_s, stream, station, what, amount in twins.ledger.uses:
        bucket = _bucket(twins.engine, time_s)
        usage[bucket, recorded[stream], stations[station], UsageColumn[what]] += amount
    return usage


def reference_moments(twins: Twins) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Moments and histograms of the reference's measures after the warm-up, in the engine's shapes."""
    moments = np.zeros_like(twins.engine.moments)
    histogram = np.zeros_like(twins.engine.histogram)
    recorded = {tuple(stream): index for index, stream in enumerate(twins.engine.streams)}
    for time_s, stream, what, value_s in twins.ledger.measures:
        if time_s >= twins.engine.warmup_s:
            if value_s < math.inf:
                moments[recorded[stream], Metric[what]] += (1.0, value_s, value_s**2)
            histogram[recorded[stream], Metric[what], _bin(value_s)] += 1
    return moments, histogram


def reference_waits(twins: Twins) -> NDArray[np.int64]:
    """Histograms of the waits at the reference's stations after the warm-up, in the engine's shape."""
    histogram = np.zeros_like(twins.engine.wait_histogram)
    stations = {(s.target, s.region): index for index, s in enumerate(twins.engine.stations)}
    for time_s, station, value_s in twins.ledger.waits:
        if time_s >= twins.engine.warmup_s:
            histogram[stations[station], _bin(value_s)] += 1
    return histogram


def _bin(value_s: float) -> int:
    return int(np.clip(np.searchsorted(_EDGES, value_s, side="right") - 1, 0, _EDGES.size - 2))


def reference_areas(twins: Twins) -> NDArray[np.float64]:
    """Integrals of the number in system and of the busy servers, float64[station, 2]."""
    areas_s = twins.pipeline.areas_s
    return np.array([areas_s[station.target, station.region] for station in twins.engine.stations])


def assert_same_rows(twins: Twins, absolute_s: float = 1e-9) -> None:
    """Every action has the same story; spans are differences of two clock readings."""
    rows, expected = engine_rows(twins), reference_rows(twins)
    pd.testing.assert_frame_equal(rows, expected, check_dtype=False, rtol=1e-9, atol=absolute_s)


def assert_same_totals(twins: Twins, absolute: float = 1e-9) -> None:
    """Every counter of every time bucket agrees, and every use of a station."""
    np.testing.assert_array_equal(twins.engine.counts, reference_counts(twins))
    np.testing.assert_allclose(twins.engine.usage, reference_usage(twins), rtol=1e-9, atol=absolute)


def assert_same_measures(twins: Twins) -> None:
    """Moments and histograms of what actions took agree."""
    moments, histogram = reference_moments(twins)
    np.testing.assert_allclose(twins.engine.moments, moments, rtol=1e-9, atol=1e-9)
    np.testing.assert_array_equal(twins.engine.histogram, histogram)


def assert_same_stations(twins: Twins, absolute_s: float = 1e-9) -> None:
    """Waits at stations and their integrals agree."""
    np.testing.assert_array_equal(twins.engine.wait_histogram, reference_waits(twins))
    areas_s = twins.engine.areas[:, _AREAS]
    np.testing.assert_allclose(areas_s, reference_areas(twins), rtol=1e-9, atol=absolute_s)


def assert_same_crowds(twins: Twins) -> None:
    """Most that were at each station at a time agree."""
    stations = twins.pipeline.deployment.stations
    most = [stations[station.target, station.region].max_in_system for station in twins.engine.stations]
    assert twins.engine.max_in_system.tolist() == most
