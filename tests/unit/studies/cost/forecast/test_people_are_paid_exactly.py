"""People cost their staff by their shares and shifts, to the cent; and who never asks them pays nothing."""

from typing import Any

import pytest

from simulator.economics.categories import Category
from simulator.economics.forecast import Forecast
from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.cost.forecast.forecasting import Forecaster

DAY_S = 86_400.0
CALL = {"call": "crm"}
HANDLE = {"distribution": "constant", "value": 30.0}


def _forecast(team: dict[str, Any], days: float, **changes: Any) -> Forecast:
    document: dict[str, Any] = {
        "metadata": {"name": "people"},
        "start": "2027-03-01",
        "workloads": [
            {"name": "ask", "arrival_rate": 0.02, "steps": [{"review": {"team": "agents", "sample": 1.0}}]},
            {"name": "other", "arrival_rate": 1.0, "steps": [CALL]},
        ],
        "services": {"crm": {"service_time": {"distribution": "constant", "value": 0.02}}},
        "teams": {"agents": {"handle_time": HANDLE, **team}},
        "window": {"duration": 300.0, "warmup": 60.0},
        "stages": [{"name": "live", "duration": days * DAY_S, "exposure": 1.0}],
    }
    return Forecaster(Scenario.model_validate(document | changes), Runner(n_threads=1), n_runs=1).forecast()


def _people_usd(forecast: Forecast) -> float:
    categories = (Category.HUMAN_HOURS, Category.HUMAN_IDLE_HOURS)
    return float(sum(forecast.category_usd(category).mean() for category in categories))


@pytest.mark.parametrize(("staff", "usd"), [(1, 11_160.0), (3, 33_480.0), (5, 55_800.0), (6, 66_960.0)])
def test_half_people_cost_half(staff: int, usd: float) -> None:
    shifts = [{"start_hour": 0, "end_hour": 24, "share": 0.5}]
    forecast = _forecast({"staff": staff, "shifts": shifts, "cost": 30.0}, 31)
    assert _people_usd(forecast) == pytest.approx(usd, rel=1e-9)
    (span,) = forecast.spans
    never = [place for place, stream in enumerate(span.streams) if stream.workload == "other"]
    people = [place for place, line in enumerate(span.lines) if line.category.startswith("human")]
    assert span.accounts.cost_usd[:, never][:, :, people].sum() == 0.0


def test_shifts_that_overlap_add_up() -> None:
    late = {"start_hour": 12, "end_hour": 20, "share": 0.5}
    shifts = [{"start_hour": 8, "end_hour": 16, "share": 0.5}, late]
    assert _people_usd(_forecast({"staff": 10, "shifts": shifts, "cost": 1.0}, 7)) == pytest.approx(
        560.0, rel=1e-9
    )
