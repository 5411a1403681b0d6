"""The documents: their names, and that no number in them is infinite or missing its interval."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import inf, nan
from pathlib import Path

import pytest

from simulator.compiler.demand import stage_window
from simulator.economics.price_book import PriceBook, price_book
from simulator.engine import Runner
from simulator.results.run_result import RunResult
from simulator.results.summarize import summarize
from simulator.scenario.model import Scenario
from simulator.studies.capacity.mix import Alternative
from simulator.studies.common.objectives import Binding, SloVerdict
from simulator.studies.common.saturation import Overload
from simulator.studies.plan.report import Plan, StageCost, StageDemand, StagePlan
from simulator.studies.run.document import estimate_document, plan_document, verdict_document
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict

SCENARIO = Scenario.model_validate(
    {
        "metadata": {"name": "small"},
        "regions": {"eu": {}, "us": {}},
        "workloads": [
            {
                "name": "ask",
                "arrival_rate": {"eu": "3 rps", "us": "2 rps"},
                "prompt_tokens": {"distribution": "constant", "value": 1000},
                "output_tokens": {"distribution": "constant", "value": 100},
                "steps": [{"generate": "model"}],
            },
        ],
        "model_list": [
            {
                "model_name": "model",
                "provider": "ours",
                "model": "ours",
                "ttft": {"distribution": "exponential", "mean": "300ms"},
                "tpot": {"distribution": "constant", "value": "10ms"},
                "error_rate": "1%",
                "prices": {"input": "$2/Mtok", "output": "$8/Mtok"},
            }
        ],
        "economics": {"platform": "$73/month"},
        "stages": [{"name": "all", "duration": "4w", "exposure": "100%"}],
        "window": {"duration": "5m", "warmup": "1m"},
        "slos": [
            {"name": "fast", "indicator": "ttft", "objective": "p(95) < 2s"},
            {"name": "cheap", "indicator": "cost_per_successful_action", "objective": "< $1"},
        ],
    }
)
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Measured:
    results: list[RunResult]
    book: PriceBook


@pytest.fixture(scope="module")
def measured() -> Measured:
    window = stage_window(SCENARIO, "all", "peak", 300.0, 60.0, HERE)
    results = Runner(HERE).replicate(SCENARIO, window, range(3))
    book = price_book(SCENARIO)
    return Measured(results, book)


def _verdict(estimate: Estimate | None, decided: Verdict) -> SloVerdict:
    return SloVerdict(
        slo="fast",
        metric="p(95) ttft",
        workload="ask",
        region="eu",
        op="<",
        limit=2.0,
        estimate=estimate,
        verdict=decided,
        slack=nan,
    )


def _stage_plan(measured: Measured, verdict: SloVerdict) -> StagePlan:
    return StagePlan(
        name="all",
        start=datetime(2027, 1, 4, tzinfo=UTC),
        end=datetime(2027, 2, 1, tzinfo=UTC),
        demand=StageDemand(datetime(2027, 1, 25, 9, tzinfo=UTC), {"eu": 3.0, "us": 2.0}, {"ask": 1e6}, 0.1),
        capacity={"model_list.model.tpm": {"eu": 4e5}},
        is_cheapest=True,
        out_of_reach=(),
        alternatives=(Alternative("none", {"model_list.model.tpm": {"eu": 0.0}}, 1500.0, holds=False),),
        order_by={"model_list.model.tpm": date(2026, 12, 1)},
        metrics=summarize(measured.results),
        verdicts=(verdict,),
        binding=Binding("fast", "p(95) ttft", 0.1, "model in eu"),
        decision="GO",
        cost=StageCost(Estimate(1000.0, 902.0, 1098.0), {"platform": 73.0}, None, Estimate(0.2, -inf, inf)),
        warnings=(Overload("model", "eu", 5e5, 4e5, "tokens per minute"),),
        n_settings=7,
        n_runs=40,
    )


def test_a_plan_has_the_names_that_pipelines_rely_on(measured: Measured) -> None:
    verdict = _verdict(Estimate(1.0, -inf, 1.5), "PASS")
    plan = Plan((_stage_plan(measured, verdict),), interrupted=False, wall_s=2.5)
    document = plan_document(SCENARIO, "f" * 64, plan, measured.book, seed=1, replications=4)
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    [stage] = document["stages"]
    wanted = {
        "name",
        "start",
        "end",
        "demand",
        "capacity",
        "binding",
        "metrics",
        "cost",
        "verdicts",
        "order_by",
    }
    assert wanted | {"decision"} <= set(stage)
    assert (document["decision"], document["n_runs"]) == ("GO", 40)
    assert stage["demand"]["peak_rps"] == 5.0
    assert stage["order_by"] == {"model_list.model.tpm": "2026-12-01"}
    assert stage["cost"]["per_action"] is None
    assert stage["cost"]["per_successful_action"] == {"value": 0.2, "low": None, "high": None}
    assert stage["warnings"] == ["model in eu is offered 5e+05 tokens per minute, 25% more than its 4e+05"]
    month = stage["cost"]["month"]
    assert month["p10"] == pytest.approx(1000.0 - 98.0 * 1.2816 / 1.96)
    assert month["p90"] == pytest.approx(1000.0 + 98.0 * 1.2816 / 1.96)


@pytest.mark.parametrize(("interrupted", "decision"), [(False, "GO"), (True, None)])
def test_an_interrupted_plan_decides_nothing(
    measured: Measured, interrupted: bool, decision: str | None
) -> None:
    verdict = _verdict(None, "UNDECIDED")
    plan = Plan((_stage_plan(measured, verdict),), interrupted=interrupted, wall_s=2.5)
    document = plan_document(SCENARIO, "f" * 64, plan, measured.book, seed=1, replications=4)
    assert document["decision"] == decision


def test_an_objective_without_data_has_null_estimates() -> None:
    assert verdict_document(_verdict(None, "UNDECIDED")) == {
        "slo": "fast",
        "metric": "p(95) ttft",
        "workload": "ask",
        "region": "eu",
        "value": None,
        "low": None,
        "high": None,
        "op": "<",
        "limit": 2.0,
        "slack": None,
        "verdict": "UNDECIDED",
    }


def test_infinite_bounds_become_null() -> None:
    assert estimate_document(Estimate(1.0, -inf, inf)) == {"value": 1.0, "low": None, "high": None}
    assert estimate_document(None) is None
