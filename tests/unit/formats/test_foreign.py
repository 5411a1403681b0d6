"""A file that a command cannot read is named, with the command that does; its own mistakes stay its own."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

import simulator
from simulator.formats.foreign import recognised
from simulator.scenario.read.errors import ScenarioError
from tests.unit.formats.logs import foreign as logs
from tests.unit.invoking import invoke
from tests.unit.pilot_text import PILOT

_LITELLM = "model_list:\n  - model_name: large\n    litellm_params: {model: openai/gpt-4.1}\n"
_ARGO = (
    "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {strategy: {canary: {steps: [{setWeight: 5}]}}}\n"
)
_ANALYSIS = "kind: AnalysisTemplate\napiVersion: argoproj.io/v1alpha1\n---\nkind: Service\napiVersion: v1\n"
_FOCUS = "BilledCost,EffectiveCost,ChargePeriodStart\n1,1,2026-09-01T00:00:00Z\n"


def _log(folder: Path) -> Path:
    return logs.write(folder, "spend.jsonl", logs.table(30))


def _packed(folder: Path) -> Path:
    path = folder / "log.gz"
    path.write_bytes(gzip.compress(_log(folder).read_bytes()))
    return path


def _text(name: str, text: str) -> Callable[[Path], Path]:
    def made(folder: Path) -> Path:
        path = folder / name
        path.write_text(text)
        return path

    return made


@pytest.mark.parametrize(
    ("made", "what", "command"),
    [
        (_text("a.yaml", _LITELLM), "a LiteLLM proxy configuration", "rollout import"),
        (_text("a.yaml", _ARGO), "an Argo Rollout", "rollout import"),
        (_text("a.yaml", _ANALYSIS), "an AnalysisTemplate", "rollout import"),
        (_text("a.csv", _FOCUS), "a bill (FOCUS)", "--bill"),
        (_log, "a log (LiteLLM spend logs)", "rollout calibrate"),
        (_packed, "a log (LiteLLM spend logs)", "rollout calibrate"),
        (
            _text("a.json", '{"schema": 1, "scenario_hash": "x", "engine_version": "0"}'),
            "a report of `rollout`",
            "scenario",
        ),
    ],
)
@pytest.mark.parametrize("verb", ["run", "validate"])
def test_what_is_no_scenario_is_named(
    tmp_path: Path, made: Callable[[Path], Path], what: str, command: str, verb: str
) -> None:
    path = made(tmp_path)
    shown = invoke(verb, path)
    told = " ".join((shown.stderr + shown.stdout).split())
    assert shown.exit_code == 104
    assert f"{path.name}: is {what}" in told
    assert "no scenario" in told
    assert command in told
    with pytest.raises(ScenarioError, match="no scenario"):
        simulator.load(path)


def test_a_scenario_keeps_its_mistakes(tmp_path: Path) -> None:
    shown = invoke("run", _text("s.yaml", PILOT.replace("1s}", "soon}"))(tmp_path))
    assert "is a scenario" not in shown.stderr
    assert "ttft" in shown.stderr


def test_what_is_no_log_no_bill_no_configuration(tmp_path: Path) -> None:
    scenario = _text("s.yaml", PILOT)(tmp_path)
    for arguments, words in (
        (("calibrate", scenario, "--into", scenario), "is a scenario, no log"),
        (("backtest", scenario, _text("b.csv", _FOCUS)(tmp_path)), "is a bill (FOCUS), no log"),
        (
            ("import", _log(tmp_path), "-o", tmp_path / "new.yaml"),
            "is a log (LiteLLM spend logs), no configuration",
        ),
        (("import", scenario, "-o", tmp_path / "new.yaml"), "is a scenario, no configuration"),
        (
            ("track", scenario, "--actuals", _text("l.yaml", _LITELLM)(tmp_path)),
            "is a LiteLLM proxy configuration, no log",
        ),
    ):
        shown = invoke(*arguments)
        assert shown.exit_code == 2
        assert words in " ".join(shown.stderr.split())
    assert not (tmp_path / "new.yaml").exists()


@pytest.mark.parametrize("text", ["", "{", "a: [", "nothing", "[1, 2]", "\0\1\2", "kind: Rollout"])
def test_what_is_nothing_known_has_no_name(tmp_path: Path, text: str) -> None:
    assert recognised(_text("x", text)(tmp_path)) is None
