"""Results of promptfoo: success rates with the interval of their tests, for models of other files, or by themselves."""

import json
from pathlib import Path

import pytest

import simulator
from simulator.formats.configs.parts import ConfigError
from simulator.formats.foreign import recognised

_LITELLM = """\
model_list:
  - model_name: chat
    litellm_params: {model: openai/gpt-4.1}
"""


def _prompt(provider: str, passed: int, failed: int, errors: int = 0) -> dict[str, object]:
    metrics = {"testPassCount": passed, "testFailCount": failed, "testErrorCount": errors}
    return {"provider": provider, "raw": "tell nobody", "metrics": metrics}


def _results(folder: Path, *prompts: dict[str, object], rows: list[dict[str, object]] | None = None) -> Path:
    path = folder / "results.json"
    results = {
        "version": 3,
        "prompts": list(prompts),
        "results": rows or [],
        "stats": {"successes": 1, "failures": 0},
    }
    path.write_text(json.dumps({"evalId": "eval-1", "results": results, "config": {}}))
    return path


def _rates(found: object) -> dict[str, object]:
    return {model.model_name: model.success_rate for model in found.scenario.model_list}  # type: ignore[attr-defined]


def test_a_model_of_another_file_has_its_rate(tmp_path: Path) -> None:
    config = tmp_path / "litellm.yaml"
    config.write_text(_LITELLM)
    path = _results(
        tmp_path, _prompt("openai:chat:gpt-4.1-2025-04-14", 47, 3, 2), _prompt("mistral:large", 1, 1)
    )
    found = simulator.import_configs([config, path])
    assert _rates(found) == {"chat": 0.94}
    [source] = found.scenario.sources
    assert source.of == ["model_list.chat.success_rate"]
    assert "47 of 50 tests passed, 95 %: 83.8% to 97.9%" in source.source
    assert any("2 tests of openai:chat" in line for line in found.dropped)
    assert any("mistral:large passed 1 of 2 tests" in line for line in found.open)
    assert "tell nobody" not in found.text


def test_results_alone_make_a_scenario(tmp_path: Path) -> None:
    path = _results(tmp_path, _prompt("openai:gpt-4.1", 8, 2), _prompt("openai:chat:gpt-4.1-mini", 30, 10))
    found = simulator.import_configs([path])
    assert _rates(found) == {"gpt-4.1": 0.8, "gpt-4.1-mini": 0.75}
    known = recognised(path)
    assert known is not None
    assert known.what == "results of promptfoo"


def test_rows_count_where_prompts_have_no_metrics(tmp_path: Path) -> None:
    rows = [
        {"success": n < 6, "provider": {"id": "openai:gpt-4.1"}, "failureReason": 0 if n < 6 else 1}
        for n in range(8)
    ]
    rows.append({"success": False, "provider": {"id": "openai:gpt-4.1"}, "failureReason": 2, "error": "429"})
    assert _rates(simulator.import_configs([_results(tmp_path, rows=rows)])) == {"gpt-4.1": 0.75}  # type: ignore[arg-type]


def test_several_prompts_are_told(tmp_path: Path) -> None:
    path = _results(tmp_path, _prompt("openai:gpt-4.1", 8, 2), _prompt("openai:gpt-4.1", 6, 4))
    found = simulator.import_configs([path])
    assert _rates(found) == {"gpt-4.1": 0.7}
    assert any("2 prompts were tested" in line for line in found.open)


@pytest.mark.parametrize("prompts", [[], [_prompt("openai:gpt-4.1", 0, 0, 5)]])
def test_results_without_an_answer_say_nothing(tmp_path: Path, prompts: list[dict[str, object]]) -> None:
    with pytest.raises(ConfigError, match="nothing that a scenario says"):
        simulator.import_configs([_results(tmp_path, *prompts)])
