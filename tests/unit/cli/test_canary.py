"""`rollout canary` from end to end: tables, documents, exit codes, and what is told of mistakes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simulator.cli.main import app

_FILE = Path(__file__).parents[3] / "scenarios" / "canary.yaml"
_QUICK = ["--set", "canary.steps.1.pause=1m", "--set", "canary.steps.4.pause=1m", "--rehearsals", "6"]


def _rollout(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["canary", str(_FILE), *_QUICK, *arguments])


@pytest.fixture(scope="module")
def document() -> dict[str, object]:
    result = _rollout("--json", "--effect", "success_rate=-40%")
    assert result.exit_code == 0
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def test_a_broken_release_is_stopped_early_and_a_good_one_passes(document: dict[str, list]) -> None:
    described, same, broken = document["cases"]
    assert described["passed"]["value"] == 1.0
    assert same["passed"]["value"] > 0.5
    assert broken["stopped"]["value"] == 1.0
    assert broken["exposed"]["value"] < 0.1 * described["exposed"]["value"]
    assert broken["hurt"]["low"] > 0.0
    assert same["hurt"] == {"value": 0.0, "low": 0.0, "high": 0.0}, "the same users with the same luck"
    assert described["hurt"]["high"] < 0.0, "two points better"


def test_the_document_says_what_can_be_seen(document: dict) -> None:
    changes = document["sight"]["changes"]
    assert {change["weight"] for change in changes} == {0.05, 0.25}
    one_point = next(
        change for change in changes if "every answer" in change["what"] and change["weight"] == 0.05
    )
    assert not one_point["seen"]
    n = one_point["needed_s"] * document["arrivals_rps"]
    success_rate = 0.9 * (1.0 - 0.003)
    assert n == pytest.approx(
        2.4865**2 * success_rate * (1 - success_rate) / (0.01**2 * 0.05 * 0.95), rel=0.02
    )
    [looks] = document["looks"]
    assert looks["false_alarm_rate"] == pytest.approx(0.05, abs=1e-3)


def test_a_test_set_stops_releases_before_any_user_gets_them(document: dict) -> None:
    described, same, broken = document["cases"]
    assert broken["evaluation_stops"] > 0.999
    assert described["evaluation_stops"] < same["evaluation_stops"] <= 0.05
    for case in document["cases"]:
        passes = 1.0 - case["evaluation_stops"]
        assert case["reaches_all"]["high"] == pytest.approx(passes * case["passed"]["high"])
    evaluation = document["evaluation"]
    assert (evaluation["questions"], evaluation["power"]) == (400, 0.8)
    falls = {one["fall"]: one for one in evaluation["falls"]}
    assert falls[0.05]["stopped"] > 0.8 > falls[0.02]["stopped"] > falls[0.01]["stopped"] > 0.05
    assert falls[0.05]["questions_needed"] < 400 < falls[0.02]["questions_needed"]


def test_a_canary_without_a_test_set_has_no_table_of_it() -> None:
    result = _rollout("--effect", "success_rate=-40%", "--set", "canary.evaluation=null")
    assert result.exit_code == 0
    assert "test set" not in " ".join(result.stdout.split())


def test_tables_warn_of_what_passes_and_of_looks_that_add_up() -> None:
    correction = "canary.analyses.quality.compare.correction=none"
    result = _rollout("--effect", "latency=10%", "--set", correction)
    assert result.exit_code == 0
    assert "! latency=10% is promoted" in result.stdout
    assert "test set of 400 questions" in result.stdout
    assert "looks 6 times at 5 % each" in " ".join(result.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--effect", "sucess=1%"], 2, "keys: success_rate"),
        (["--release", "v9"], 2, "no release `v9`; releases of the scenario: new-prompt"),
        (["--stage", "pilot"], 2, "no stage 'pilot'"),
        (["--set", "canary=null"], 104, "there is no `canary`"),
        (["--set", "releases=[]"], 104, "no `releases`"),
        (
            ["--set", "canary.steps=[{pause: 1h}, {analysis: quality}]"],
            104,
            "the first step must be a `set_weight`",
        ),
        (["--set", "canary.steps=[{set_weight: 5%}, {analysis: qality}]"], 104, "no analysis `qality`"),
        (["--set", "releases.new-prompt.workload=ask"], 104, "no workload `ask`"),
        (
            ["--set", "canary.analyses.quality.success_condition=sucess > 1"],
            104,
            "no metric `sucess` of a canary",
        ),
    ],
)
def test_mistakes_are_told(arguments: list[str], code: int, message: str) -> None:
    result = _rollout(*arguments)
    assert result.exit_code == code
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert "Traceback" not in result.output
