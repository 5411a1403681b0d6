"""`rollout cost` as a user calls it: tables, documents, files, and what is wrong with what was asked."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook
from rich.console import Console
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.studies.cost.cost_tables import break_even_rate, cost_report

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


def invoke(*arguments: object) -> Any:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("cost")
    result = invoke(
        "cost",
        write(folder / "a.yaml"),
        "--as-written",
        "--draws",
        4,
        "--json",
        "--by",
        "month,stage,region,category",
    )
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_the_document_has_one_total(document: dict[str, Any]) -> None:
    total = document["total"]["value"]
    assert sum(row["cost"] for row in document["view"]["rows"]) == pytest.approx(total)
    assert sum(row["cost"] for row in document["waterfall"]) == pytest.approx(total)
    assert sum(month["cost"]["value"] for month in document["months"]) == pytest.approx(total)
    for rows in document["by"].values():
        assert sum(row["cost"] for row in rows) == pytest.approx(total)
    per_success = document["per_successful_action"]["value"]
    assert sum(row["per_action"] for row in document["waterfall"]) == pytest.approx(per_success)
    assert total / document["successes"] == pytest.approx(per_success)


def test_the_document_says_how_sure_it_is_and_where_prices_are_from(document: dict[str, Any]) -> None:
    total = document["total"]
    assert total["p10"] <= total["p50"] <= total["p90"]
    assert document["draws"] == 4
    assert document["prices"]["large"]["as_of"] == "2027-01-18"
    assert document["capacity_from"] == "as the scenario states it"
    assert all(0.0 <= month["over_budget"]["value"] <= 1.0 for month in document["months"])
    assert {row["input"] for row in document["sensitivity"]} == {"users"}


def test_tables_show_the_sections(tmp_path: Path) -> None:
    result = invoke("cost", write(tmp_path / "a.yaml"), "--draws", 2, "--replications", 2)
    assert result.exit_code == 0, result.output
    for words in (
        "per success",
        "budget",
        "happy path",
        "against the baseline",
        "from 64 draws on",
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
    found = json.loads(result.stdout)
    staff = {stage: of["teams.agents.staff"] for stage, of in found["capacity"].items()}
    assert staff == {
        stage["name"]: stage["capacity"]["teams.agents.staff"]
        for stage in json.loads(planned.read_text())["stages"]
    }
    other = write(tmp_path / "b.yaml", ANSWERS.replace("0.2 rps", "0.3 rps"))
    refused = invoke("cost", other, "--plan", planned)
    assert refused.exit_code == 2
    assert "plan of another scenario" in refused.stderr
    planned.write_text("{}")
    assert "not the document of a plan" in invoke("cost", file, "--plan", planned).stderr


def test_files_are_written(tmp_path: Path) -> None:
    xlsx, focus = tmp_path / "out" / "costs.xlsx", tmp_path / "focus"
    result = invoke(
        "cost", write(tmp_path / "a.yaml"), "--as-written", "--draws", 2, "--replications", 2,
        "--xlsx", xlsx, "--focus", focus, "--focus-period", "month", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert len(found["files"]) == 9
    assert load_workbook(xlsx)["Summary"]["B4"].value.startswith("=")
    expected = pd.read_csv(focus / "focus-expected.csv")
    assert expected["BilledCost"].sum() == pytest.approx(found["total"]["value"])


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


def test_on_a_narrow_terminal_names_of_stages_and_the_rows_left_out_stay_whole(
    document: dict[str, Any],
) -> None:
    month = document["months"][0]
    stages = ["production", "two-regions"]
    big = {
        **month,
        "stages": stages,
        "actions": 4_026_111.0,
        "cost": {**month["cost"], "value": 1e6, "p90": 1e6},
    }
    row = {"month": "2027-01", "category": "input_tokens", "cost": 1.0, "wasted": 0.0}
    view = {"by": ["month", "category"], "rows": [row] * 62}
    console = Console(width=80, file=StringIO(), record=True)
    case = {**document["case"], "break_even_success_rate": 0.0}
    console.print(cost_report({**document, "months": [big], "view": view, "case": case}, 80))
    lines = console.export_text().splitlines()
    assert any("production," in line for line in lines)
    assert any("two-regions" in line for line in lines)
    assert any(line.split() == ["break-even", "success", "rate", "at", "any"] for line in lines)
    assert "… 2 more rows, which count in all: see --json" in [line.strip() for line in lines]


def test_a_bridge_adds_up_and_names_what_changed(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml")
    arguments = ["bridge", file, file, "--as-written", "--replications", 2, "--set", "teams.agents.staff=3"]
    result = invoke(*arguments, "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    first, second = (side["cost"] for side in found["sides"])
    assert found["difference"]["value"] == pytest.approx(second - first)
    assert sum(row["value"] for row in found["drivers"]) == pytest.approx(second - first)
    people = next(row["value"] for row in found["drivers"] if row["driver"] == "people")
    assert people == pytest.approx(28 * 24 * 28.0)
    shown = invoke(*arguments)
    assert "running total" in shown.stdout
    assert "staff=3" in shown.stdout


def test_a_bridge_of_a_scenario_with_itself_is_flat(tmp_path: Path) -> None:
    file = write(tmp_path / "a.yaml")
    result = invoke("bridge", file, file, "--as-written", "--replications", 2, "--json")
    found = json.loads(result.stdout)
    assert found["drivers"] == []
    assert found["difference"]["value"] == 0.0


def test_a_bill_is_held_against_the_forecast(tmp_path: Path) -> None:
    file, bill = write(tmp_path / "a.yaml"), tmp_path / "bill.csv"
    bill.write_text("usage_date_utc,cost_usd\n2027-01-20,100\n2027-02-03,50\n2027-06-01,9\n")
    arguments = ["cost", file, "--as-written", "--draws", 0, "--replications", 2, "--bill", bill]
    found = json.loads(invoke(*arguments, "--json").stdout)["bill"]
    assert [month["actual"] for month in found["months"]] == [100.0, 50.0]
    assert found["other_months"] == ["2027-06"]
    assert found["error"] == pytest.approx((found["forecast"] - 150.0) / 150.0)
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


def test_break_even_rates_are_words_where_every_rate_or_none_would_do() -> None:
    assert [break_even_rate(value) for value in (0.0, 0.25, 1.5, None)] == ["at any", "25 %", "none", "none"]
