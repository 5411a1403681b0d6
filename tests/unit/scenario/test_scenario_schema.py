"""The committed JSON Schema is current, is draft 7, and accepts what the loader accepts."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from simulator.scenario.read.load import load_scenario
from simulator.scenario.read.schema import scenario_schema
from tests.unit.scenario.conftest import SMALL

ROOT = Path(__file__).parents[3]
_LATER_THAN_DRAFT_7 = ("$defs", "prefixItems", "discriminator", "unevaluatedProperties", "dependentRequired")


def test_the_committed_schema_is_current():
    committed = json.loads((ROOT / "docs/scenario.schema.json").read_text(encoding="utf-8"))
    assert committed == scenario_schema(), (
        "python -m simulator.scenario.read.schema > docs/scenario.schema.json"
    )


def test_it_keeps_to_draft_7():
    Draft7Validator.check_schema(scenario_schema())
    text = json.dumps(scenario_schema())
    assert [word for word in _LATER_THAN_DRAFT_7 if f'"{word}"' in text] == []


@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").rglob("*.yaml")), ids=lambda file: file.name)
def test_it_accepts_shipped_scenarios(file):
    assert list(Draft7Validator(scenario_schema()).iter_errors(load_scenario(file).document)) == []


def test_it_knows_extends_and_refuses_unknown_keys(load):
    validator = Draft7Validator(scenario_schema())
    document = load(SMALL).document
    assert validator.is_valid(document | {"extends": ["base.yaml"]})
    assert not validator.is_valid(document | {"extend": ["base.yaml"]})
