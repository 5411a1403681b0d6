"""What share of full demand does a stage let in, and when? Exposure (who may use it) by adoption (who does) by growth.

Within a stage the share steps once a day, counted from the stage's start, to that of the day's middle: runs, peaks and
months all see the same steps.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.compiler.adoption import adoption_share
from simulator.compiler.profiles import FloatArray
from simulator.compiler.streams import streams
from simulator.mechanisms.local_time import DAY_S, seconds_of
from simulator.scenario.calendar import stage_length_s, stage_offset_s
from simulator.scenario.model import Scenario, Stage

HOURS_PER_MONTH = 730.0
SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600.0
_HERE = Path()


class DailyShares(NamedTuple):
    """Share of full exposure on every day of a stage; the last day may be short."""

    starts_s: FloatArray  # [day] instants
    shares: FloatArray  # [day, stream]

    def at(self, at_s: FloatArray) -> FloatArray:
        """Shares at instants, float64[instant, stream]; before the stage those of its first day, after it of its last."""
        days = np.searchsorted(self.starts_s, at_s, side="right") - 1
        found: FloatArray = self.shares[np.maximum(days, 0)]
        return found


def find_stage(scenario: Scenario, name: str) -> Stage:
    """The stage of that name; ValueError if there is none."""
    for stage in scenario.stages:
        if stage.name == name:
            return stage
    raise ValueError(
        f"no stage `{name}`; stages: {', '.join(stage.name for stage in scenario.stages) or 'none'}"
    )


def stage_start(scenario: Scenario, stage: Stage) -> datetime:
    """When a stage begins: midnight UTC of the scenario's first day plus the stages and waits before it."""
    day = scenario.start
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(
        seconds=stage_offset_s(scenario, stage)
    )


def stage_end(scenario: Scenario, stage: Stage) -> datetime:
    """When the next stage begins, or would."""
    return stage_start(scenario, stage) + timedelta(seconds=stage_length_s(scenario, stage))


def growth_factor(scenario: Scenario, stage: Stage, at_s: float) -> float:
    """Demand `at_s` into the stage over that at the scenario's start; compounds monthly over stages."""
    return _grown(scenario, stage) * _growth(stage, at_s)


def _grown(scenario: Scenario, stage: Stage) -> float:
    """Demand when a stage begins over that at the scenario's start."""
    factor = 1.0
    for earlier in scenario.stages:
        if earlier.name == stage.name:
            break
        factor *= _growth(earlier, stage_length_s(scenario, earlier)) if earlier.growth else 1.0
    return factor


def _growth(stage: Stage, at_s: float) -> float:
    """Demand so far into a stage over that at its begin."""
    return float((1.0 + stage.growth) ** (at_s / SECONDS_PER_MONTH))


def stage_share(scenario: Scenario, stage: Stage, at_s: float, base_dir: Path = _HERE) -> FloatArray:
    """Share of full exposure `at_s` into a stage: exposure x adoption x growth (which may lift it above 1).

    Returns
    -------
    float64[stream]
    """
    return _exposures(scenario, stage) * _pace(stage, _grown(scenario, stage), at_s, base_dir)


def stage_end_share(scenario: Scenario, stage: Stage, base_dir: Path = _HERE) -> FloatArray:
    """Share of full exposure when the next stage begins: the pace at which a stage ends; float64[stream]."""
    return stage_share(scenario, stage, stage_length_s(scenario, stage), base_dir)


def daily_shares(scenario: Scenario, stage: Stage, base_dir: Path = _HERE) -> DailyShares:
    """Shares of full exposure on every day of a stage."""
    length_s = stage_length_s(scenario, stage)
    starts_s = np.arange(max(1, np.ceil(length_s / DAY_S))) * DAY_S
    middles_s = (starts_s + np.minimum(starts_s + DAY_S, length_s)) / 2.0
    grown = _grown(scenario, stage)
    paces = [_pace(stage, grown, float(middle_s), base_dir) for middle_s in middles_s]
    begin_s = seconds_of(stage_start(scenario, stage))
    return DailyShares(begin_s + starts_s, np.outer(paces, _exposures(scenario, stage)))


def _pace(stage: Stage, grown: float, at_s: float, base_dir: Path) -> float:
    return adoption_share(stage.adoption, at_s, stage.duration, base_dir) * (grown * _growth(stage, at_s))


def _exposures(scenario: Scenario, stage: Stage) -> FloatArray:
    """Share of the users of every stream who may use it, float64[stream]."""
    shares = []
    for stream in streams(scenario):
        exposure = (
            stage.exposure.get(stream.region, 0.0) if isinstance(stage.exposure, dict) else stage.exposure
        )
        included = stage.workloads is None or stream.workload in stage.workloads
        shares.append(exposure if included else 0.0)
    return np.array(shares, dtype=np.float64)
