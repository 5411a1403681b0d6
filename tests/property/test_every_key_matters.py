"""A key that changes nothing is a defect: for every key of the schema, a change of it is seen in what comes out."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.control.canary import Rehearsal
from simulator.economics.accounts import accounts
from simulator.economics.ledger import ledger
from simulator.economics.price_book import price_book
from simulator.engine import Runner, simulate
from simulator.mechanisms.incidents.config import Incident
from simulator.mechanisms.providers.limit_rules import Charge, LimitRules, RequestRule, TokenRule
from simulator.mechanisms.providers.shared_quotas import SharedQuota
from simulator.mechanisms.regions.config import Egress, HealthCheck, Network, Region, RegionPolicy
from simulator.mechanisms.traffic.languages import Language
from simulator.results.run_result import RunResult
from simulator.scenario.alerts import Alert, BurnRateRule
from simulator.scenario.read.load import LoadedScenario, load_scenario
from simulator.scenario.readiness import (
    Attestation,
    FeedbackLoop,
    Measured,
    Monitoring,
    Readiness,
    ReleaseAndRollback,
    UnitEconomics,
)
from simulator.studies.canary.test_set import detectable_falls
from simulator.studies.capacity import peak_trial
from simulator.studies.check.check import check
from simulator.studies.check.study import CheckStudy
from simulator.studies.common.uncertain_inputs import draw_factors, ranges_of
from simulator.studies.common.verdicts.objectives import evaluate_slos
from simulator.studies.cost.cost import cost_report
from simulator.studies.cost.costs import CostOptions, rollout_costs
from simulator.studies.drill.drill import drill
from simulator.studies.drill.study import DrillStudy
from simulator.studies.plan.plan import PlanOptions, plan
from tests.property.canary_changes import CANARY_CHANGES
from tests.property.evidence_changes import EVIDENCE_CHANGES
from tests.property.incident_changes import INCIDENT_CHANGES
from tests.property.key_changes import CHANGES, Place
from tests.property.quota_changes import QUOTA_CHANGES
from tests.property.region_changes import REGION_CHANGES

_HERE = Path(__file__).parent
_EIGHT_DAYS_S = 8 * 86_400.0  # from a week on, demand follows the stage from its start
_ARRAYS = ("counts", "usage", "latency_sum_s", "moments", "histogram", "wait_histogram", "areas", "replica_s")


@pytest.fixture(scope="module", autouse=True)
def _coarse_plans() -> Iterator[None]:
    """Plans that are compared with plans need not know their limits to a per cent."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(peak_trial, "_FINE_EVENTS", 1e5)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the scenarios, their traces and their profiles."""
    made = tmp_path_factory.mktemp("keys")
    for file in _HERE.glob("every_key*.yaml"):
        (made / file.name).write_text(file.read_text())
    rows = range(40)
    for name, n_every in (("arrivals.csv", 7), ("lengths.csv", 5)):
        lines = [
            f"{0.9 * k + 0.2 * (k % 3)},{k * k / 30},{200 + 37 * (k % 11)},{20 + 13 * (k % n_every)},{k // 3},{k // 4},0.5"
            for k in rows
        ]
        (made / name).write_text("\n".join(["time,later,prompt,output,who,whose,took", *lines]))
    rows_of_blocks = [
        {
            "time": k // 4,
            "prompt": 700 + 90 * (k % 7),
            "output": 30,
            "ids": [0, k % 5, k],
            "others": [k, 0, 1],
        }
        for k in rows
    ]
    (made / "blocks.jsonl").write_text("\n".join(map(json.dumps, rows_of_blocks)))
    for name, night in (("a.csv", 0.2), ("b.csv", 3.0)):
        lines = [f"{hour},{1.0 if 8 <= hour % 24 < 18 else night}" for hour in range(168)]
        (made / name).write_text("\n".join(["hour_of_week,factor", *lines]))
    for name, share in (("early.csv", 0.9), ("late.csv", 0.4)):
        (made / name).write_text(f"week,share\n0,0.1\n1,{share}\n")
    steps = [
        f"{prefill},{batch},{context},{10 + 0.01 * prefill + 0.1 * batch + 1e-4 * batch * context}"
        for prefill in (0, 4096)
        for batch in (0, 256)
        for context in (16, 8192)
        if prefill or batch
    ]
    (made / "steps.csv").write_text("\n".join(["prefill_tokens,batch,context_tokens,step_ms", *steps]))
    return made


_MEASURED = (ReleaseAndRollback, Monitoring, FeedbackLoop, UnitEconomics)
_ALL = CHANGES | INCIDENT_CHANGES | REGION_CHANGES | CANARY_CHANGES | EVIDENCE_CHANGES | QUOTA_CHANGES


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(key, marks=pytest.mark.slow) if change.seen_in == "readiness" else key
        for key, change in _ALL.items()
    ],
)
def test_a_change_of_the_key_is_seen(key: str, folder: Path) -> None:
    change = _ALL[key]
    before = _outcome(folder, change.seen_in, change.given)
    after = _outcome(folder, change.seen_in, (*change.given, change.to))
    assert before != after, f"{change.to} changes nothing in the {change.seen_in}"


def test_every_key_of_every_incident_is_changed() -> None:
    names_only = {"name", "kind", "catalog"}  # what a catalog fills in is tested where it does
    for kind in get_args(get_args(Incident)[0]):
        missing = {f"{kind.__name__}.{key}" for key in kind.model_fields.keys() - names_only} - set(_ALL)
        assert not missing


def test_every_key_of_alerts_and_of_the_checklist_is_changed() -> None:
    for model in (Alert, BurnRateRule, Readiness, Measured, Attestation, *_MEASURED):
        assert {f"{model.__name__}.{key}" for key in model.model_fields} <= set(_ALL)


def test_every_key_about_quotas_is_changed() -> None:
    for model in (LimitRules, RequestRule, TokenRule, Charge, SharedQuota):
        assert {f"{model.__name__}.{key}" for key in model.model_fields} <= set(_ALL)


def test_every_key_about_regions_is_changed() -> None:
    for model in (Region, Language, Network, HealthCheck, Egress):
        assert {f"{model.__name__}.{key}" for key in model.model_fields} <= set(_ALL)
    assert {f"Route.{key}" for key in RegionPolicy.model_fields} <= set(_ALL)


@cache
def _outcome(folder: Path, place: Place, overrides: Sequence[str]) -> str:
    """What comes out of the scenario with these overrides, as text or digest; names are not in it."""
    files = {
        "plan": "every_key_plan.yaml",
        "check": "every_key_plan.yaml",
        "pools": "every_key_pools.yaml",
        "protected": "every_key_protected.yaml",
        "quotas": "every_key_quotas.yaml",
        "shared": "every_key_shared.yaml",
        "canary": "every_key_canary.yaml",
        "costs": "every_key_costs.yaml",
        "ranges": "every_key_costs.yaml",
        "factors": "every_key_costs.yaml",
        "alerts": "every_key_alerts.yaml",
        "readiness": "every_key_readiness.yaml",
    }
    name = files.get(place.split()[0], "every_key.yaml")
    loaded = load_scenario(folder / name, overrides)
    scenario = loaded.scenario
    if place == "demand":
        window = stage_window(scenario, "pilot", "peak", _EIGHT_DAYS_S, 0.0, folder)
        return repr([(time_s, share.tolist()) for time_s, share in window.share])
    if place == "factors":  # what each does to the costs is seen in their `ranges`
        assert scenario.economics is not None
        return repr(draw_factors(ranges_of(scenario.economics.uncertain), 8))
    if place in ("plan", "readiness"):
        return repr(plan(scenario, PlanOptions(min_runs=2), Runner(folder)).stages)
    if place in ("costs", "ranges"):
        costs = rollout_costs(
            scenario, CostOptions(n_runs=2, n_draws=2 if place == "ranges" else 0), Runner(folder)
        )
        report = cost_report(costs, ["stage", "model", "category"], "")
        return report.model_copy(update={"scenario_hash": "", "prices": {}}).to_json()
    if place == "check":
        return repr(check(scenario, CheckStudy(replications=2, budget=2), Runner(folder)))
    if place == "canary":
        return _rehearsal(loaded)
    if place == "alerts":
        drilled = drill(scenario, DrillStudy(runs=2, cures=False), Runner(folder))
        return repr((drilled.drills[0].alerts, drilled.alerts))
    result = _run(loaded)
    if place.endswith("ledger"):
        return str(ledger([result], price_book(scenario)).to_pandas().to_csv())
    if place == "verdicts":
        return repr(evaluate_slos(scenario, [result], accounts([result], price_book(scenario))))
    return _digest(result)


def _run(loaded: LoadedScenario) -> RunResult:
    scenario, asked = loaded.scenario, loaded.scenario.window
    assert asked.warmup != "auto"
    window = stage_window(scenario, "pilot", asked.start, asked.duration, asked.warmup, loaded.base_dir)
    return simulate(compile_scenario(scenario, window, loaded.base_dir), scenario.seed)


def _rehearsal(loaded: LoadedScenario) -> str:
    """How a rehearsal of the canary went, and what it did."""
    scenario, release = loaded.scenario, loaded.scenario.releases[0]
    assert scenario.canary is not None
    window = stage_window(scenario, None, 0.0, 400.0, 10.0, loaded.base_dir)
    blueprint = compile_scenario(scenario, window, loaded.base_dir, release=release)
    sources = [n for n, stream in enumerate(blueprint.streams) if stream.workload == release.workload]
    rehearsal = Rehearsal(scenario.canary, 10.0, sources, sources, len(blueprint.streams))
    result = simulate(blueprint, scenario.seed, rehearsal=rehearsal)
    evaluation = scenario.canary.evaluation
    asked = [] if evaluation is None else list(detectable_falls(evaluation, 0.8))
    return f"{rehearsal.log} {_digest(result)} {asked}"


def _digest(result: RunResult) -> str:
    arrays = [np.ascontiguousarray(getattr(result, name)) for name in _ARRAYS]
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
