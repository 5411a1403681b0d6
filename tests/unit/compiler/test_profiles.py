"""Profiles: levels as published, and files."""

from pathlib import Path

import numpy as np
import pytest

from simulator.compiler.profiles import DemandProfileError, local_week
from simulator.mechanisms.traffic.config import CsvProfile

RAMP = [[float(24 * day + hour) for hour in range(24)] for day in range(7)]


@pytest.mark.parametrize(
    ("name", "weekday_over_weekend", "weekday_peak_to_trough", "weekend_peak_to_trough", "published_cov"),
    [
        ("office-hours", 124_202 / 39_572, 10.0, 6.4, 0.848),
        ("consumer", 185_431 / 105_255, 2.0, 1.7, 0.291),
    ],
)
def test_catalog_profile_has_the_published_levels(
    name: str,
    weekday_over_weekend: float,
    weekday_peak_to_trough: float,
    weekend_peak_to_trough: float,
    published_cov: float,
) -> None:
    week = local_week(name, Path())  # type: ignore[arg-type]
    assert week[:5].mean() / week[5:].mean() == pytest.approx(weekday_over_weekend)
    assert week[2].max() / week[2].min() == pytest.approx(weekday_peak_to_trough)
    assert week[6].max() / week[6].min() == pytest.approx(weekend_peak_to_trough)
    assert week.mean() == pytest.approx(1.0)
    # Not fitted: the assumed course of the day must still spread the hours as the measured week does.
    assert week.std() == pytest.approx(published_cov, rel=0.06)


def _write(path: Path, factors: list[float], header: str = "hour_of_week,factor") -> None:
    lines = [f"{hour},{factor}" for hour, factor in reversed(list(enumerate(factors)))]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def test_csv_equals_the_same_table_in_any_order_of_rows(tmp_path: Path) -> None:
    _write(tmp_path / "week.csv", [value for day in RAMP for value in day])
    assert np.array_equal(local_week(CsvProfile(file="week.csv"), tmp_path), local_week(RAMP, tmp_path))


@pytest.mark.parametrize(
    ("factors", "header", "says"),
    [
        ([1.0] * 167, "hour_of_week,factor", "each hour"),
        ([1.0] * 168, "hour,factor", "no column hour_of_week"),
        ([-1.0] + [1.0] * 167, "hour_of_week,factor", "negative"),
        ([0.0] * 168, "hour_of_week,factor", "zero"),
    ],
)
def test_bad_csv_is_refused(tmp_path: Path, factors: list[float], header: str, says: str) -> None:
    _write(tmp_path / "week.csv", factors, header)
    with pytest.raises(DemandProfileError, match=says):
        local_week(CsvProfile(file="week.csv"), tmp_path)


def test_file_missing_or_outside_is_refused(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    _write(tmp_path / "week.csv", [1.0] * 168)
    with pytest.raises(DemandProfileError, match="outside"):
        local_week(CsvProfile(file="../week.csv"), tmp_path / "inner")
    with pytest.raises(DemandProfileError, match="cannot be read"):
        local_week(CsvProfile(file="none.csv"), tmp_path)


def test_table_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(DemandProfileError, match="7 rows"):
        local_week([[1.0] * 24] * 6, Path())
