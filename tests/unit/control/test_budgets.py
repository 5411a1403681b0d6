"""Budgets: when one is exceeded and renewed, and what users feel in a run."""

from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.compiler.demand import stage_window
from simulator.control.budgets import BudgetWatch
from simulator.engine import Runner
from simulator.mechanisms.local_time import LocalClock
from simulator.mechanisms.traffic.config import WorkloadBudget
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import load_scenario
from simulator.studies.run.budgets import budget_messages

CAP = Path(__file__).parents[3] / "scenarios" / "spend-cap.yaml"


def watch(age_s: float = 0.0, **changes: Any) -> BudgetWatch:
    return BudgetWatch(
        WorkloadBudget.model_validate({"max_budget": 10.0, "budget_duration": 100.0} | changes), age_s
    )


def test_a_budget_is_exceeded_once_and_renewed_with_the_next_period() -> None:
    one = watch()
    assert one.look(10.0, 9.9) is None
    assert one.look(20.0, 10.0) == ("exceeded", 10.0)
    assert one.look(30.0, 12.0) is None
    assert one.look(100.0, 13.0) == ("renewed", 13.0)
    assert one.look(110.0, 22.9) is None
    assert one.look(120.0, 23.0) == ("exceeded", 10.0)


def test_what_was_spent_before_the_run_counts_in_its_first_period_only() -> None:
    one = watch(spent=8.0)
    assert one.look(10.0, 2.0) == ("exceeded", 10.0)
    assert one.look(110.0, 2.0) == ("renewed", 10.0)
    assert one.look(120.0, 11.0) is None
    assert one.look(130.0, 12.0) == ("exceeded", 10.0)


def test_periods_are_counted_from_the_scenarios_first_midnight() -> None:
    one = watch(age_s=250.0)
    assert one.look(10.0, 11.0) == ("exceeded", 11.0)
    assert one.look(49.0, 11.0) is None
    assert one.look(50.0, 11.0) == ("renewed", 11.0)
    before = watch(age_s=-30.0)  # a warm-up that begins before it
    assert before.look(10.0, 11.0) == ("exceeded", 11.0)
    assert before.look(30.0, 11.0) == ("renewed", 11.0)


def simulated(*overrides: str) -> tuple[Scenario, RunResult]:
    budget = {"max_budget": "$90", "spent": "$89", "check_every": "10s"}
    budget |= dict(text.split(": ", 1) for text in overrides)
    given = ", ".join(f"{key}: {value}" for key, value in budget.items())
    scenario = load_scenario(CAP, ["window.duration=20m", f"workloads.letters.budget={{{given}}}"]).scenario
    window = stage_window(scenario, None, scenario.window.start, scenario.window.duration, 300.0)
    return scenario, Runner(CAP.parent).run(scenario, window, 3)


def late(result: RunResult, stream: int, column: CountColumn) -> int:
    """A counter of the last ten minutes."""
    return int(result.counts[-round(600.0 / result.bucket_s) :, stream, column].sum())


def test_who_is_stopped_is_rejected_and_others_are_not() -> None:
    scenario, result = simulated("on_exceed: stop")
    assert late(result, 0, CountColumn.REJECTED) == late(result, 0, CountColumn.ARRIVED) > 0
    assert late(result, 1, CountColumn.REJECTED) == 0
    [message] = budget_messages(scenario, [result])
    assert "budget of letters: $90.00 in 24 h spent in 1 of 1 replications" in message
    assert message.endswith("nobody was let in")
    [event] = result.budget_events
    assert event.kind == "exceeded"
    assert event.spent_usd == pytest.approx(90.0, abs=0.1)  # at the first look after it


def test_who_is_throttled_gets_so_many_turns_a_minute() -> None:
    _, result = simulated("on_exceed: throttle", "rpm: 12")
    let_in = late(result, 0, CountColumn.ARRIVED) - late(result, 0, CountColumn.REJECTED)
    assert 100 <= let_in <= 132  # ten minutes of 12, and what the bucket holds


def test_who_is_downgraded_is_answered_by_the_other_model() -> None:
    _, result = simulated("on_exceed: downgrade", "models: {large: small}")
    at = [station.target for station in result.stations].index
    last = result.usage[-round(600.0 / result.bucket_s) :, 0, :, UsageColumn.ATTEMPTS].sum(axis=0)
    assert last[at("large")] == 0.0
    assert last[at("small")] > 0.0
    assert late(result, 0, CountColumn.REJECTED) == 0


def test_an_alert_changes_nothing() -> None:
    _, told = simulated("on_exceed: alert")
    _, unlimited = simulated("on_exceed: alert", "max_budget: $9_000")
    np.testing.assert_array_equal(told.counts, unlimited.counts)
    assert [event.kind for event in told.budget_events] == ["exceeded"]
    assert unlimited.budget_events == ()


def test_tokens_that_provisioned_units_carry_are_not_spent() -> None:
    constant = {"distribution": "constant", "value": 0.1}
    lengths = {
        name: {"distribution": "constant", "value": 500} for name in ("prompt_tokens", "output_tokens")
    }
    budget = {"max_budget": 0.01, "check_every": 1.0}
    model = {"model_name": "m", "provider": "azure", "model": "gpt-4.1", "ttft": constant, "tpot": constant}
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "held"},
            "workloads": [
                {
                    "name": "ask",
                    "arrival_rate": 1.0,
                    "budget": budget,
                    "steps": [{"generate": "m"}],
                    **lengths,
                }
            ],
            "model_list": [model | {"provisioned": {"units": 100, "price": 1.0, "tpm_per_unit": 10_000}}],
        }
    )
    result = Runner().run(scenario, stage_window(scenario, None, 0.0, 600.0, 0.0), 1)
    assert result.budget_events == ()
    assert result.measured_counts[0, CountColumn.REJECTED] == 0


def _in_berlin(start: date, **changes: Any) -> BudgetWatch:
    midnight_s = datetime(start.year, start.month, start.day, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
    budget = WorkloadBudget.model_validate({"max_budget": 10.0, "timezone": "Europe/Berlin"} | changes)
    return BudgetWatch(budget, 0.0, LocalClock("Europe/Berlin"), midnight_s)


@pytest.mark.parametrize(
    ("start", "hours"),
    [(date(2027, 1, 4), 24), (date(2027, 3, 28), 23), (date(2027, 10, 31), 25)],
)
def test_a_day_of_a_budget_is_a_day_of_its_clock(start: date, hours: int) -> None:
    one = _in_berlin(start)
    assert one.look(3600.0, 11.0) == ("exceeded", 11.0)
    assert one.look(hours * 3600.0 - 1.0, 11.0) is None
    assert one.look(hours * 3600.0, 11.0) == ("renewed", 11.0)
    assert one.look((hours + 24) * 3600.0 - 1.0, 21.0) == ("exceeded", 10.0)
    assert one.look((hours + 24) * 3600.0, 21.0) == ("renewed", 10.0)


def test_hours_of_a_budget_are_hours_whatever_the_clock_does() -> None:
    one = _in_berlin(date(2027, 10, 31), budget_duration="1h")
    assert one.look(1800.0, 11.0) == ("exceeded", 11.0)
    assert one.look(3600.0, 11.0) == ("renewed", 11.0)
    assert one.look(3.5 * 3600.0, 30.0) is None  # a new hour begins: only what is spent in it counts
    assert one.look(3.9 * 3600.0, 41.0) == ("exceeded", 11.0)
