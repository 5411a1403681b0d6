"""Every input has value, unit, source, date and grade."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.scenario.library.examples import Example, examples
from simulator.scenario.read.load import load_scenario, load_text
from simulator.studies.inputs.provenance.provenance import inputs, provenance_of
from simulator.studies.inputs.provenance.report import Input

TEXT = """
metadata: {name: t}
regions: {eu: {location: northeurope}, us: {location: eastus}}
network: {rtt: azure}
workloads:
  - name: ask
    users: {eu: 100}
    actions_per_user: 8 per day
    profile: office-hours
    prompt_tokens: {distribution: lognormal, p50: 900, p95: 3_200}
    output_tokens: {distribution: constant, value: 10}
    timeout: 1m
    steps: [{generate: answer}]
model_list:
  - model_name: hosted
    provider: openai
    model: gpt-5
    rate_limits: openai-tier-2
    regions: [us]
    ttft: {distribution: constant, value: 900ms}
    tpot: {distribution: constant, value: 10ms}
  - {model_name: own, pool: {model: meta-llama/Meta-Llama-3.1-8B, gpu: h100_sxm, price: aws-h100}}
routes: {answer: {choose: [hosted], fallbacks: [own]}}
economics: {price_date: 2026-11-01}
sources:
  - {of: "*.prompt_tokens", source: our logs, date: 2026-09, grade: measured}
  - {of: workloads.ask.prompt_tokens.p95, source: a guess at the tail, grade: assumption}
"""


@pytest.fixture(scope="module")
def rows() -> dict[str, Input]:
    report = provenance_of(load_text(TEXT, "t.yaml", Path()))
    return {one.path: one for one in report.inputs}


def test_what_the_author_states(rows: dict[str, Input]) -> None:
    assert rows["workloads.ask.prompt_tokens.p50"] == Input(
        path="workloads.ask.prompt_tokens.p50",
        value=900.0,
        unit="tokens",
        written="",
        source="our logs",
        date="2026-09",
        grade="measured",
    )
    assert rows["workloads.ask.prompt_tokens.p95"].source == "a guess at the tail"


def test_what_nobody_states_is_an_assumption(rows: dict[str, Input]) -> None:
    found = rows["workloads.ask.actions_per_user"]
    assert (found.value, found.unit, found.written) == (
        pytest.approx(8 / 86_400),
        "1/s",
        "8 per day",
    )
    assert (found.grade, found.source, found.date) == ("assumption", "", "")


@pytest.mark.parametrize(
    ("path", "value", "unit", "grade", "date"),
    [
        ("model_list.hosted.tpm", 1e6, "tokens/min", "published", "2025-09-12"),
        ("model_list.hosted.rpm", 5_000, "requests/min", "published", "2025-09-12"),
        ("model_list.hosted.ttft.value", 0.9, "s", "assumption", ""),
        ("model_list.own.pool.price", 6.88, "USD/hour", "published", "2026-09-06"),
        ("model_list.hosted.prices.output", 10.0, "USD/Mtok", "published", "2026-11-01"),
        ("model_list.own.pool.profile", "2156 step times", "", "measured", "2026-11-24"),
        ("network.rtt.eu.us", 0.073, "s", "measured", "2026-07-30"),
        ("regions.eu.timezone", "Europe/Dublin", "", "published", "2025-02"),
        ("workloads.ask.timeout", 60.0, "s", "assumption", ""),
    ],
)
def test_what_catalogs_and_tables_say(
    rows: dict[str, Input], path: str, value: object, unit: str, grade: str, date: str
) -> None:
    found = rows[path]
    assert (found.value, found.unit, found.grade, found.date) == (value, unit, grade, date)


def test_a_profile_is_in_part_published_and_in_part_assumed() -> None:
    found = [one for one in inputs(load_text(TEXT, "t", Path())) if one.path == "workloads.ask.profile"]
    assert [one.grade for one in found] == ["published", "assumption"]
    assert found[1].value == "office-hours: course"


@pytest.mark.parametrize("one", examples(), ids=lambda one: one.name)
def test_every_number_of_an_example_has_a_source(one: Example) -> None:
    found = inputs(load_scenario(one.path))
    assert found
    assert all(row.unit or isinstance(row.value, str) or row.value >= 0 for row in found)
    assert all(row.grade == "assumption" or (row.source and row.date) for row in found)


def test_the_command_shows_them(tmp_path: Path) -> None:
    file = tmp_path / "t.yaml"
    file.write_text(TEXT, encoding="utf-8")
    shown = CliRunner().invoke(app, ["show", str(file), "--provenance"], env={"COLUMNS": "120"})
    assert shown.exit_code == 0, shown.output
    assert "our logs" in shown.stdout
    assert "measured" in shown.stdout.splitlines()[-1]
    document = json.loads(CliRunner().invoke(app, ["show", str(file), "--provenance", "--json"]).stdout)
    assert sum(document["grades"].values()) == len(document["inputs"])
    for wrong in (["--provenance", "--origin"], ["--json"]):
        assert CliRunner().invoke(app, ["show", str(file), *wrong]).exit_code == 2
