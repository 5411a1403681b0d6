"""The data frames say what the arrays say."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.dictionary import SERIES, TARGET_SERIES, dtypes
from simulator.results.run_result import RunResult
from simulator.results.tables.series import series, target_series


def test_columns_and_types_are_those_of_the_dictionary(replications: list[RunResult]) -> None:
    assert series(replications).to_pandas().dtypes.astype(str).to_dict() == dtypes(SERIES)
    assert target_series(replications).to_pandas().dtypes.astype(str).to_dict() == dtypes(TARGET_SERIES)
    assert series([]).to_pandas().dtypes.astype(str).to_dict() == dtypes(SERIES)


def test_totals_are_those_of_the_runs(replications: list[RunResult]) -> None:
    frame = series(replications).to_pandas()
    for column in CountColumn:
        assert frame[column.name.lower()].sum() == sum(run.counts[..., column].sum() for run in replications)
    measured = frame[frame["measured"] & (frame["region"] == "us")]
    assert measured["arrived"].sum() == sum(
        run.measured_counts[1, CountColumn.ARRIVED] for run in replications
    )
    used = target_series(replications).to_pandas()
    for column in UsageColumn:
        total = sum(run.usage[..., column].sum() for run in replications)
        assert used[column.name.lower()].sum() == pytest.approx(total, rel=1e-12)


def test_a_row_is_its_bucket_and_stream(make_run: Callable) -> None:
    run = make_run(4).result
    frame = series([run]).to_pandas().set_index(["time_s", "workload", "region"])
    row = frame.loc[(180.0, "calls", "eu")]
    counts = run.counts[2 + 3, 2]
    assert row["arrived"] == counts[CountColumn.ARRIVED]
    assert row["arrival_rps"] == pytest.approx(counts[CountColumn.ARRIVED] / 60.0)
    assert row["latency_mean_s"] == pytest.approx(run.latency_sum_s[5, 2] / counts[CountColumn.TURNS])
    assert row["bucket_start"] == pd.Timestamp(run.start + timedelta(seconds=180))
    first = series([run]).to_pandas().iloc[0]
    assert (first["time_s"], first["measured"], first["seed"], first["stage"]) == (-120.0, False, 4, "pilot")


def test_an_empty_bucket_has_no_latency_and_a_short_one_its_own_rate(make_run: Callable) -> None:
    run = make_run(4).result
    run = replace(run, duration_s=run.duration_s - 30.0, stage=None)
    run.counts[5, 0, CountColumn.TURNS] = 0
    frame = series([run]).to_pandas()
    assert np.isnan(frame.loc[5 * 3, "latency_mean_s"])
    last = frame.iloc[-1]
    assert last["bucket_s"] == 30.0
    assert last["arrival_rps"] == last["arrived"] / 30.0
    assert last["stage"] == ""
