"""A scenario that is a text is read as one that is a file."""

from pathlib import Path

import pytest

from simulator.scenario.read import yaml_source
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import load_scenario, load_text
from simulator.scenario.read.yaml_source import MAX_BYTES, parse_source

TWICE = """metadata: {name: read-twice}
regions: {eu: {}}
workloads: [{name: ask, arrival_rate: 1 rps, steps: [{call: desk}]}]
services: {desk: {service_time: {distribution: constant, value: 1s}}}
"""
_SCENARIOS = Path(__file__).parents[3] / "scenarios"


@pytest.mark.parametrize("name", ["support-copilot", "failures", "canary"])
def test_a_text_means_what_its_file_means(name: str) -> None:
    file = _SCENARIOS / f"{name}.yaml"
    text = load_text(file.read_text(encoding="utf-8"), "text", _SCENARIOS, ["seed=7"])
    assert scenario_hash(text.scenario) == scenario_hash(load_scenario(file, ["seed=7"]).scenario)


def test_a_mistake_is_told_at_its_line() -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text(
            "apiVersion: rollout/v1\nkind: Scenario\nmetadata: {name: x}\nworkload: []\n", "mine", _SCENARIOS
        )
    assert caught.value.problems[0].line == 4
    assert str(caught.value).startswith("mine:4:1: workload")


@pytest.mark.parametrize("name", ["/etc/passwd", "../pyproject.toml", "../../secret.yaml"])
def test_it_extends_nothing_outside_the_folder(name: str) -> None:
    with pytest.raises(ScenarioError):
        load_text(f"extends: {name}\nmetadata: {{name: x}}\n", "mine", _SCENARIOS)


def test_it_is_no_larger_than_a_file_may_be() -> None:
    with pytest.raises(ScenarioError, match="at most"):
        load_text("#" * (MAX_BYTES + 1), "mine", _SCENARIOS)


def test_a_text_is_parsed_once_and_what_is_set_in_it_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def parse(text: str, name: str) -> yaml_source.YamlSource:
        parsed.append(name)
        return parse_source(text, name)

    monkeypatch.setattr(yaml_source, "parse_source", parse)
    changed = load_text(TWICE, "again.yaml", Path(), ["seed=99", "regions.asia={}"])
    plain = load_text(TWICE, "again.yaml", Path())
    assert parsed == ["again.yaml"]
    assert (changed.scenario.seed, plain.scenario.seed) == (99, 1)
    assert "asia" not in plain.scenario.regions
    assert "asia" not in plain.document["regions"]
