"""`rollout cost` and `rollout bridge` as a user calls them: tables, files, and what is wrong with what was asked."""

from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from simulator.studies.bridge.report import BridgeReport
from simulator.studies.cost.report import CostReport
from simulator.studies.plan.report import PlanReport
from tests.unit.invoking import invoke

ANSWERS = """metadata: {name: answers}
start: 2027-01-18
workloads:
  - name: ask
    arrival_rate: 0.2 rps
    prompt_tokens: {distribution: constant, value: 500}
    output_tokens: {distribution: constant, value: 100}
    steps: [{generate: large}, {review: {team: agents, sample: 10%}}]
model_list:
  - model_name: large
    provider: openai
    model: MODEL
    success_rate: 90%
    ttft: {distribution: constant, value: 500ms}
    tpot: {distribution: constant, value: 10ms}
teams: {agents: {staff: 2, handle_time: {distribution: constant, value: 20s}, cost: $28/hour}}
window: {duration: 10m, warmup: 1m}
stages: [{name: half, duration: 2w, exposure: 50%}, {name: all, duration: 2w, exposure: 100%}]
slos: [{name: fast, indicator: latency, objective: "p(95) < 5s"}]
capacity: {knobs: [{path: teams.agents.staff, min: 1, max: 3}]}
economics:
  platform: $1_000/month
  baseline: {cost_per_action: $2, success_rate: 80%}
  budget: {monthly: $20k}
  uncertain: {users: {distribution: uniform, low: -10%, high: 20%}}
"""


def write(path: Path, text: str = ANSWERS, model: str = "gpt-4o-mini") -> Path:
    path.write_text(text.replace("MODEL", model), encoding="utf-8")
    return path


def test_tables_show_the_sections(tmp_path: Path) -> None:
    result = invoke("cost", write(tmp_path / "a.yaml"), "--draws", 2, "--replications", 2)
    assert result.exit_code == 0, result.output
    for words in (
        "per success",
        "budget",
        "happy path",
        "against the baseline",
        "variance needs 64 draws",
        "input alone",
        "a plan made now",
    ):
        assert words in result.stdout


def test_the_capacity_of_a_plan_made_before(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml")
    planned = tmp_path / "plan.json"
    planned.write_text(invoke("plan", file, "--json").stdout)
    result = invoke("cost", file, "--plan", planned, "--draws", 0, "--replications", 2, "--json")
    assert result.exit_code == 0, result.output
    found = CostReport.model_validate_json(result.stdout)
    plan = PlanReport.model_validate_json(planned.read_text())
    assert found.capacity == {stage.name: stage.capacity for stage in plan.stages}
    assert found.capacity_from == "plan in plan.json"
    other = write(tmp_path / "b.yaml", ANSWERS.replace("0.2 rps", "0.3 rps"))
    refused = invoke("cost", other, "--plan", planned)
    assert refused.exit_code == 2
    assert "plan of another scenario" in refused.stderr
    for text in ("{}", "[]", "", "words", '{"scenario_hash": "x", "stages": 3}'):
        planned.write_text(text)
        refused = invoke("cost", file, "--plan", planned)
        assert refused.exit_code == 2
        assert "not the document of a plan" in refused.stderr


def test_files_are_written(tmp_path: Path) -> None:
    xlsx, focus = tmp_path / "out" / "costs.xlsx", tmp_path / "focus"
    result = invoke(
        "cost", write(tmp_path / "a.yaml"), "--as-written", "--draws", 2, "--replications", 2,
        "--xlsx", xlsx, "--focus", focus, "--focus-period", "month", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    found = CostReport.model_validate_json(result.stdout)
    assert len(found.files) == 9
    assert load_workbook(xlsx)["Summary"]["B4"].value.startswith("=")
    expected = pd.read_csv(focus / "focus-stated.csv")
    assert expected["BilledCost"].sum() == pytest.approx(found.total.value)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--by", "month,colour"], "no column 'colour'"),
        (["--by", "month,month"], "stands twice"),
        (["--plan", __file__, "--as-written"], "not both"),
    ],
)
def test_what_cannot_be_asked_is_told(tmp_path: Path, arguments: list[str], message: str) -> None:
    result = invoke("cost", write(tmp_path / "a.yaml"), *arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())


def test_an_unknown_model_names_the_nearest_and_what_to_do(tmp_path: Path) -> None:
    result = invoke("cost", write(tmp_path / "a.yaml", model="gpt-4o-mnii"))
    assert result.exit_code == 104
    assert "a.yaml:10" in result.stderr
    assert "nearest: gpt-4o-mini" in result.stderr
    assert "`prices`" in result.stderr


def test_a_scenario_without_stages_is_told_what_it_lacks(tmp_path: Path) -> None:
    text = "\n".join(line for line in ANSWERS.splitlines() if not line.startswith("stages"))
    xlsx, before = tmp_path / "costs.xlsx", tmp_path / "before.xlsx"
    before.write_text("of yesterday")
    for path in (xlsx, before):
        result = invoke("cost", write(tmp_path / "a.yaml", text), "--xlsx", path)
        assert result.exit_code == 104
        assert "no `stages`" in result.stderr
    assert not xlsx.exists()
    assert before.read_text() == "of yesterday"


def test_a_bridge_names_what_was_set(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml")
    arguments = ["bridge", file, file, "--as-written", "--replications", 2, "--set", "teams.agents.staff=3"]
    result = invoke(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found = BridgeReport.model_validate_json(result.stdout)
    assert [side.name for side in found.sides] == [str(file), f"{file} teams.agents.staff=3"]
    shown = invoke(*arguments)
    assert "running total" in shown.stdout
    assert "staff=3" in shown.stdout


def test_the_seed_is_of_both_sides_of_a_bridge(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml")
    result = invoke("bridge", file, file, "--as-written", "--replications", 2, "--seed", 8, "--json")
    found = BridgeReport.model_validate_json(result.stdout)
    assert found.drivers == ()
    assert found.difference.value == 0.0
    assert found.sides[0].scenario_hash == found.sides[1].scenario_hash
    assert [side.name for side in found.sides] == [str(file)] * 2


def test_a_bill_is_compared_with_the_forecast(tmp_path: Path) -> None:
    file, bill = write(tmp_path / "a.yaml"), tmp_path / "bill.csv"
    bill.write_text("usage_date_utc,cost_usd\n2027-01-20,100\n2027-02-03,50\n2027-06-01,9\n")
    arguments = ["cost", file, "--as-written", "--draws", 0, "--replications", 2, "--bill", bill]
    found = CostReport.model_validate_json(invoke(*arguments, "--json").stdout).bill
    assert found is not None
    assert [month.actual for month in found.months] == [100.0, 50.0]
    assert found.other_months == ("2027-06",)
    assert found.error == pytest.approx((found.forecast - 150.0) / 150.0)
    shown = invoke(*arguments).stdout
    assert "billed, and not forecast: 2027-06" in " ".join(shown.split())
    assert "2027-01 is billed for 1 days and forecast for 14 days" in " ".join(shown.split())
    bill.write_text("usage_date_utc,cost_usd\n2026-05-01,9\n")
    refused = invoke(*arguments)
    assert "the bill is of 2026-05" in refused.stderr
    assert "2027-01 (" not in refused.stderr  # told before any month is simulated
    bill.write_text("when,what\n1,2\n")
    refused = invoke(*arguments)
    assert refused.exit_code == 2
    assert "a bill needs those of one of" in refused.stderr
