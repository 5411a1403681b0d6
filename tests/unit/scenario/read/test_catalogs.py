"""Catalogs: every number has a source, and a name in a scenario stands for what the catalog says."""

import re
from pathlib import Path
from typing import get_args

import pytest

from simulator.compiler.profiles import local_week
from simulator.mechanisms.incidents.trouble import ErrorBurst
from simulator.mechanisms.regions.catalog import LOCATIONS_SOURCE, ROUND_TRIPS_SOURCE
from simulator.mechanisms.replicas.catalog import load_profile, shipped_profiles
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.sources import Grade, Source
from simulator.mechanisms.traffic.config import CatalogProfile
from simulator.scenario.read.catalogs import NAMES, Entry, catalog, source_of
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario, load_text, with_overrides

ENTRIES = [entry for name in NAMES for entry in catalog(name).entries.values()]
TEXT = """
metadata: {name: t}
workloads:
  - name: ask
    arrival_rate: 1 rps
    prompt_tokens: {distribution: constant, value: 100}
    output_tokens: {distribution: constant, value: 10}
    steps: [{generate: answer}]
model_list:
  - model_name: hosted
    provider: openai
    model: gpt-5
    ttft: {distribution: constant, value: 1s}
    tpot: {distribution: constant, value: 10ms}
  - model_name: own
    pool: {model: meta-llama/Meta-Llama-3.1-8B, gpu: h100_sxm, price: aws-h100}
routes:
  answer: {choose: [hosted], fallbacks: [own]}
"""


def load(*overrides: str, more: str = "") -> LoadedScenario:
    return load_text(TEXT + more, "t.yaml", Path(), overrides)


def problem(*overrides: str, more: str = "") -> str:
    with pytest.raises(ScenarioError) as caught:
        load(*overrides, more=more)
    return str(caught.value)


def assert_complete(source: Source) -> None:
    assert len(source.text) > 10
    assert re.fullmatch(r"20\d\d(-\d\d(-\d\d)?)?", source.date), source
    assert source.grade in get_args(Grade)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: f"{entry.catalog}/{entry.name}")
def test_every_number_has_source_date_and_grade(entry: Entry) -> None:
    contents = list(entry.models.values()) or [entry.content]
    for content in contents:
        assert content.value
        for key, node in content.value.items():
            source = source_of(node.place.file, key)
            assert source is not None
            assert source == entry.sources[key]
            assert_complete(source)


def test_so_have_places_and_step_times() -> None:
    assert_complete(LOCATIONS_SOURCE)
    assert_complete(ROUND_TRIPS_SOURCE)
    for model, gpu, engine, parallel in shipped_profiles():
        profile = load_profile(Pool(model=model, gpu=gpu, engine=engine, tensor_parallel=parallel), Path())
        assert re.search(r".{10,}, 20\d\d-\d\d-\d\d$", profile.source)


def test_a_tier_gives_the_limits_of_the_model() -> None:
    hosted = load("model_list.hosted.rate_limits=openai-tier-3").scenario.model_list[0]
    assert (hosted.rpm, hosted.tpm) == (5_000, 2e6)


def test_what_the_scenario_says_holds() -> None:
    loaded = load("model_list.hosted.rate_limits=openai-tier-3", "model_list.hosted.tpm=77k")
    assert (loaded.scenario.model_list[0].rpm, loaded.scenario.model_list[0].tpm) == (5_000, 77e3)
    none = load_text(
        TEXT.replace("model: gpt-5\n", "model: gpt-5\n    rate_limits: openai-tier-3\n    rpm: null\n"),
        "t",
        Path(),
    )
    assert (none.scenario.model_list[0].rpm, none.scenario.model_list[0].tpm) == (None, 2e6)


def test_another_tier_is_a_variant() -> None:
    loaded = load("model_list.hosted.rate_limits=openai-tier-3")
    higher = with_overrides(loaded, ["model_list.hosted.rate_limits=openai-tier-5"])
    assert higher.scenario.model_list[0].tpm == 40e6
    assert scenario_hash(higher.scenario) != scenario_hash(loaded.scenario)


def test_unknown_names_list_the_nearest() -> None:
    assert "called `openai-tier-9` (did you mean `openai-tier-" in problem(
        "model_list.hosted.rate_limits=openai-tier-9"
    )
    assert "called `aws-h10` (did you mean `aws-h100`?)" in problem("model_list.own.pool.price=aws-h10")
    assert "(did you mean `conversation-2024`?)" in problem("workloads.ask.profile=conversation-2023")
    told = problem(more="incidents: [status-page-opnai]\n")
    assert told.startswith("t.yaml:19:13: incidents.0")
    assert "called `status-page-opnai` (did you mean `status-page-openai`?)" in told


def test_a_model_that_a_tier_does_not_have_is_told_with_the_nearest() -> None:
    told = problem("model_list.hosted.rate_limits=openai-tier-3", "model_list.hosted.model=gpt-5-min")
    assert "`openai-tier-3` says nothing of the model `gpt-5-min` (did you mean `gpt-5-mini`?)" in told


def test_an_override_of_a_wrong_unit_is_named_at_its_line() -> None:
    text = TEXT.replace("model: gpt-5\n", "model: gpt-5\n    rate_limits: openai-tier-3\n    tpm: 2 hours\n")
    with pytest.raises(ScenarioError) as caught:
        load_text(text, "t.yaml", Path())
    assert str(caught.value).startswith(
        "t.yaml:14:5: model_list.hosted.tpm: `2 hours` is not tokens per minute"
    )
    told = problem(more="incidents: [{catalog: status-page-openai, mtbf: 3 rps}]\n")
    assert told.startswith("t.yaml:19:43: incidents.status-page-openai.mtbf: `3 rps` is not a duration")


def test_the_price_of_another_gpu_is_refused() -> None:
    told = problem("model_list.own.pool.price=aws-l4")
    assert "`aws-l4` is the price of a l4, and the pool runs on h100_sxm" in told
    own = load().scenario.model_list[1]
    assert own.pool is not None
    assert own.pool.price == 6.88


def test_a_status_page_hits_the_model_of_its_provider() -> None:
    [incident] = load(more="incidents: status-page-openai\n").scenario.incidents
    assert isinstance(incident, ErrorBurst)
    assert (incident.name, incident.target, incident.share) == ("status-page-openai", "hosted", 0.3)
    assert (incident.mtbf, incident.mttr) == (83 * 3600, 205 * 60)


def test_an_incident_of_the_catalog_can_be_changed() -> None:
    more = "incidents:\n  - {name: down, catalog: major-outage-openai, target: own, mttr: 2h}\n"
    [incident] = load(more=more).scenario.incidents
    assert incident.model_dump()["mttr"] == 7200
    assert (incident.kind, incident.name) == ("outage", "down")


def test_a_status_page_without_a_model_asks_for_a_target() -> None:
    assert "hits a model of anthropic, and there is none (give a `target`)" in problem(
        more="incidents: status-page-anthropic\n"
    )


def test_provisioned_throughput_is_filled_in() -> None:
    text = TEXT.replace(
        "model: gpt-5\n",
        "model: gpt-5\n    provisioned: {catalog: azure-ptu, units: 15, price: $1/unit_hour}\n",
    )
    held = load_text(text, "t", Path()).scenario.model_list[0].provisioned
    assert held is not None
    assert (held.units, held.tpm_per_unit, held.price, held.output_weight) == (15, 4_750, 1.0, 8.0)


def test_profiles_that_can_be_named_are_those_there_are() -> None:
    entries = catalog("profiles").entries.values()
    names = [name for entry in entries for name in (entry.name, entry.facts.get("also")) if name]
    assert sorted(get_args(CatalogProfile)) == sorted(names)
    for name in names:
        week = local_week(name, Path())  # type: ignore[arg-type]
        assert week.mean() == pytest.approx(1.0)
    api = local_week("api-2025", Path())
    assert api.max() / api.min() == pytest.approx(1.73, abs=0.005)  # as ServeGen's, see the catalog


def test_sources_are_checked_and_change_no_result() -> None:
    stated = "sources: [{of: workloads.*.arrival_rate, source: counted, date: 2026-03, grade: measured}]\n"
    assert scenario_hash(load(more=stated).scenario) == scenario_hash(load().scenario)
    told = problem(more=stated.replace("arrival_rate", "arival_rate"))
    assert "no value at `workloads.*.arival_rate` (did you mean `workloads.ask.arrival_rate`?)" in told
    assert told.startswith("t.yaml:19:12: ")
    assert load("workloads.ask.timeout=null", more=stated.replace("arrival_rate", "timeout")).scenario.sources
    assert "`soon` is no day, month or year such as `2026-03`" in problem(
        more=stated.replace("2026-03", "soon")
    )
    assert "did you mean `measured`" in problem(more=stated.replace("measured", "mesured"))
