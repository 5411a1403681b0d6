"""How many of the exposed users are active, as a stage goes on: a formula, or a curve in a CSV file."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.compiler.profiles import DemandProfileError, FloatArray
from simulator.scenario.model import Adoption, CsvCurve

_LOGISTIC_STEEPNESS = (
    10.0  # assumption: the middle 44 % of a stage take adoption from 10 % to 90 % of its way
)
_WEEK_S = 7 * 86400.0


def adoption_share(adoption: Adoption | None, at_s: float, duration_s: float, base_dir: Path) -> float:
    """Share of the exposed users who are active `at_s` into a stage of `duration_s`; 1 without a curve.

    The logistic curve sigma(k·(x - ½)) is stretched so that it meets `start` and `to` exactly at both ends; after
    the duration, adoption stays. A curve from a file is linear between its points, and level outside of them.

    Raises
    ------
    ProfileError
        If the file cannot be used.
    """
    if adoption is None:
        return 1.0
    at_s = at_s / adoption.takes
    if isinstance(adoption.curve, CsvCurve):
        weeks, shares = adoption_points(adoption.curve, base_dir)
        return float(np.interp(at_s / _WEEK_S, weeks, shares))
    x = min(max(at_s / duration_s, 0.0), 1.0)
    if adoption.curve == "logistic":
        edge = np.tanh(_LOGISTIC_STEEPNESS / 4.0)  # sigma(y) = (1 + tanh(y/2)) / 2
        x = float((np.tanh(_LOGISTIC_STEEPNESS * (x - 0.5) / 2.0) / edge + 1.0) / 2.0)
    return adoption.start + (adoption.to - adoption.start) * x


def adoption_points(curve: CsvCurve, base_dir: Path) -> tuple[FloatArray, FloatArray]:
    """Weeks since the stage began, rising, and the share active at each; float64[point] both."""
    path = (base_dir / curve.file).resolve()
    if not path.is_relative_to(base_dir.resolve()):
        raise DemandProfileError(f"adoption curve {curve.file}: lies outside the folder of the scenario")
    try:
        return _read(path, path.stat().st_mtime_ns)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DemandProfileError(f"adoption curve {path.name}: cannot be read: {error}") from error


@lru_cache(maxsize=64)
def _read(path: Path, changed_ns: int) -> tuple[FloatArray, FloatArray]:  # noqa: ARG001 - read again when changed
    table = pd.read_csv(path)
    missing = {"week", "share"} - set(table.columns)
    if missing:
        raise DemandProfileError(f"adoption curve {path.name}: no column {', '.join(sorted(missing))}")
    weeks, shares = (
        pd.to_numeric(table[name], errors="coerce").to_numpy(dtype=np.float64) for name in ("week", "share")
    )
    if weeks.size == 0:
        raise DemandProfileError(f"adoption curve {path.name}: has no rows")
    for line, (week, share) in enumerate(zip(weeks, shares, strict=True), start=2):
        if not 0.0 <= share <= 1.0 or not np.isfinite(week):
            raise DemandProfileError(
                f"adoption curve {path.name}, line {line}: needs a number of weeks and a share from 0 to 1"
            )
    if (np.diff(weeks) <= 0.0).any():
        line = int(np.argmax(np.diff(weeks) <= 0.0)) + 3
        raise DemandProfileError(f"adoption curve {path.name}, line {line}: the weeks must rise")
    return weeks, shares
