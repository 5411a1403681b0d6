"""Forms write what `--set` takes, and every field has an effect."""

import re

import pytest

from simulator.app.bundled import BUNDLED, scenario_folder, scenario_text
from simulator.app.fields import changes, fields_of, merged
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import load_text, with_overrides

_LOADED = load_text(scenario_text(BUNDLED), "support-copilot.yaml", scenario_folder())
_FIELDS = fields_of(_LOADED.document)
_NEW = {
    "timezone": "Asia/Kathmandu",
    "holidays": "DE",
    "users": "777",
    "actions_per_user": "9 per day",
    "arrival_rate": "0.7 rps",
    "burstiness": "1.7",
    "duration": "5w",
    "exposure": "55%",
    "growth": "7% per month",
    "tpm": "350k",
    "rpm": "777",
    "replicas": "7",
    "staff": "7",
    "cost": "$33/hour",
    "size": "777",
    "ttl": "77m",
    "headroom": "22%",
    "p50": "77s",
    "p95": "44m",
    "wrong": "77%",
    "right": "3%",
    "sample": "7%",
}


def _new(path: str, written: str) -> str:
    if path.endswith(".objective"):
        return re.sub(r"\d(?!.*\d)", "7", written)  # the last digit
    known = [text for key, text in _NEW.items() if key in path.split(".")]
    return known[0]


def test_own_gpus_have_fields_of_their_engine() -> None:
    loaded = load_text((scenario_folder() / "own-gpus.yaml").read_text(), "own-gpus.yaml", scenario_folder())
    fields = [field for field in fields_of(loaded.document) if field.group == "Own GPUs"]
    (version,) = [field for field in fields if field.path == "model_list.own-8b.pool.engine_version"]
    other = with_overrides(loaded, changes([version], ["0.14"]))
    assert other.scenario.model_list[0].pool is not None
    assert other.scenario.model_list[0].pool.engine_version == "0.14"


def test_drafts_and_who_comes_back_have_fields() -> None:
    name = "approved-drafts.yaml"
    loaded = load_text((scenario_folder() / name).read_text(), name, scenario_folder())
    fields = {field.path: field for field in fields_of(loaded.document)}
    review = "workloads.complaint.steps.1.review"
    changed = {
        f"{review}.before": "40%",
        f"{review}.draft": "false",
        "workloads.complaint.asks_again.wrong": "10%",
        "teams.agents.drafts.rejected": "50%",
        "teams.agents.drafts.change.p50": "6m",
    }
    other = with_overrides(
        loaded, changes([fields[path] for path in changed], list(changed.values()))
    ).scenario
    rule = other.workloads[0].steps[1].review  # type: ignore[union-attr]
    assert (rule.before, rule.draft) == (0.4, False)
    assert other.teams["agents"].drafts.rejected == 0.5


def test_untouched_fields_change_nothing() -> None:
    assert changes(_FIELDS, [field.written for field in _FIELDS]) == []


def test_there_are_fields_of_demand_stages_objectives_and_people() -> None:
    assert {field.group for field in _FIELDS} >= {
        "Demand",
        "Stages",
        "Objectives",
        "People",
        "Models",
        "Caches",
    }


@pytest.mark.parametrize("field", _FIELDS, ids=[field.path for field in _FIELDS])
def test_every_field_changes_the_scenario(field: object) -> None:
    texts = [_new(one.path, one.written) if one is field else one.written for one in _FIELDS]
    overrides = changes(_FIELDS, texts)
    assert len(overrides) == 1
    changed = with_overrides(_LOADED, overrides)
    assert scenario_hash(changed.scenario) != scenario_hash(_LOADED.scenario)


def test_the_newer_of_two_changes_stands() -> None:
    assert merged(["a.b=1", "c=2"], ["a.b=3"]) == ["c=2", "a.b=3"]


def test_a_change_of_a_whole_part_takes_the_place_of_changes_in_it() -> None:
    before = ["stages.pilot.duration=5w", "stagesoever=1", "seed=2"]
    assert merged(before, ["stages=[]"]) == ["stagesoever=1", "seed=2", "stages=[]"]
