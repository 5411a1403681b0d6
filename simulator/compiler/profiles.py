"""When do users ask? Weekly profiles in local time.

A profile is a table of 7 days of 24 hours (Monday first) of relative demand. It becomes factors whose mean
over the week is 1, so that a workload's stated rate is the week's mean, whatever the profile's own scale.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.errors import InvalidScenarioError
from simulator.mechanisms.traffic.config import CsvProfile, Profile
from simulator.scenario.read.catalogs import catalog

FloatArray = NDArray[np.float64]
HOURS_PER_WEEK = 168


class DemandProfileError(InvalidScenarioError):
    """A profile that cannot be read as 7 days of 24 hours of demand."""


def _catalog_week(name: str) -> FloatArray:
    """A week of the catalog: a measured day seven times, or level and depth of days with a course between them."""
    entries = catalog("profiles").entries
    entry = next(one for one in entries.values() if name in (one.name, one.facts.get("also")))
    values: dict[str, Any] = entry.content.plain()
    if "day" in values:
        return np.tile(np.array(values["day"]), (7, 1))
    days = []
    for kind, n_days in (("weekday", 5), ("weekend", 2)):
        hours = 1.0 + (values[f"{kind}_ratio"] - 1.0) * np.array(values["course"])
        days += [hours * (values[f"{kind}_mean"] / hours.mean())] * n_days
    return np.array(days)


def _csv_week(file: str, base_dir: Path) -> FloatArray:
    path = (base_dir / file).resolve()
    if not path.is_relative_to(base_dir.resolve()):
        raise DemandProfileError(f"profile {file}: lies outside the folder of the scenario")
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise DemandProfileError(f"profile {path.name}: cannot be read: {error}") from error
    missing = {"hour_of_week", "factor"} - set(table.columns)
    if missing:
        raise DemandProfileError(f"profile {path.name}: no column {', '.join(sorted(missing))}")
    if sorted(table["hour_of_week"].tolist()) != list(range(HOURS_PER_WEEK)):
        raise DemandProfileError(
            f"profile {path.name}: `hour_of_week` must name each hour 0 to {HOURS_PER_WEEK - 1} once"
        )
    factors = pd.to_numeric(table.sort_values("hour_of_week")["factor"], errors="coerce")
    return factors.to_numpy(dtype=np.float64).reshape(7, 24)


def local_week(profile: Profile, base_dir: Path) -> FloatArray:
    """Relative demand by local day and hour.

    Parameters
    ----------
    profile : catalog name, table of 7 rows of 24, or a CSV file
    base_dir : folder of the scenario, to which the CSV's path is relative

    Returns
    -------
    float64[7, 24], Monday 00:00 first, mean 1.

    Raises
    ------
    ProfileError : not 7 days of 24 finite numbers ≥ 0 with at least one above 0.
    """
    if isinstance(profile, CsvProfile):
        week = _csv_week(profile.file, base_dir)
    elif profile == "flat":
        week = np.ones((7, 24))
    elif isinstance(profile, str):
        week = _catalog_week(profile)
    else:
        if len(profile) != 7 or any(len(day) != 24 for day in profile):
            raise DemandProfileError("a profile table has 7 rows (Monday first) of 24 hours")
        week = np.array(profile, dtype=np.float64)
    if not np.all(np.isfinite(week)) or week.min() < 0 or week.max() <= 0:
        raise DemandProfileError("the factors of a profile are finite, not negative, and not all zero")
    return np.asarray(week / week.mean(), dtype=np.float64)
