"""Every scenario that is shipped: the actions of a month are those of its calendar, however the runs fall out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from simulator.compiler.demand import DemandWindow
from simulator.compiler.stage_demand import cells_of
from simulator.compiler.stage_shares import find_stage
from simulator.compiler.streams import recorded_streams, streams
from simulator.economics.accounts import Basis
from simulator.engine import Runner
from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import load_scenario
from simulator.studies.cost.forecast.forecasting import Forecaster
from tests.unit.economics.conftest import run_of

_ROOT = Path(__file__).parents[5]
_FILES = [
    path
    for path in sorted((_ROOT / "scenarios").rglob("*.yaml"))
    if (stages := load_scenario(path).scenario.stages) and not any(stage.releases for stage in stages)
]


@dataclass(frozen=True, kw_only=True)
class _Drawn(Runner):
    """Draws how many come and how many are answered, and nothing else; a window in seven is empty."""

    def alone(self) -> "Runner":
        return self

    def replicate(self, scenario: Scenario, window: DemandWindow, seeds: Sequence[int]) -> list[RunResult]:
        recorded = recorded_streams(scenario, streams(scenario), None)
        expected = np.repeat(window.mean_rps * window.duration_s, len(recorded) // len(window.mean_rps))
        found = []
        for seed in seeds:
            rng = np.random.default_rng([seed, len(recorded), int(1e3 * expected.sum()) % 2**31])
            come = rng.poisson(np.minimum(expected, 1e6)) * (rng.random() > 1.0 / 7.0)
            counts = {(0, place, CountColumn.ARRIVED): int(n) for place, n in enumerate(come)}
            counts |= {(0, place, CountColumn.SUCCEEDED): int(n) for place, n in enumerate(come)}
            counts |= {(0, place, CountColumn.CORRECT): int(n) for place, n in enumerate(come)}
            found.append(run_of(streams=recorded, counts=counts, seed=seed, duration_s=window.duration_s))
        return found


@pytest.mark.parametrize("file", _FILES, ids=lambda path: path.stem)
def test_actions_of_a_month_are_those_of_the_calendar(file: Path) -> None:
    loaded = load_scenario(file)
    scenario = loaded.scenario
    forecaster = Forecaster(scenario, _Drawn(base_dir=loaded.base_dir), n_runs=3)
    forecaster._warmup_s = {stage.name: 60.0 for stage in scenario.stages}
    forecast = forecaster.forecast()
    by_month: dict[object, float] = {}
    for part in forecaster.parts:
        stage = find_stage(scenario, part.stage)
        cells = cells_of(scenario, stage, part.begin, part.end, loaded.base_dir)
        came = 3600.0 * float((cells.rates_rps @ cells.hours).sum())
        by_month[part.month] = by_month.get(part.month, 0.0) + came
    for month, offered in by_month.items():
        actions = forecast.in_month(month).numbers(Basis.ACTION).mean()
        assert actions == pytest.approx(offered, rel=1e-9)
