"""A plan made by hand, and its parts, for tests of how a plan is shown."""

from dataclasses import fields
from datetime import UTC, date, datetime
from typing import Any

from simulator.metrics.counts import Counts
from simulator.metrics.definition import Spread
from simulator.metrics.targets import TargetMetrics
from simulator.results.summary import Part, TargetPart
from simulator.studies.capacity.mix import Alternative
from simulator.studies.common.priced import TokenPriceSource
from simulator.studies.common.summaries import Parts, PricedMetrics
from simulator.studies.common.verdicts.objectives import Decision, SloVerdict
from simulator.studies.plan.report import PlanReport, StageCost, StageDemand, StageMonthCost, StagePlan
from simulator.studies.record import MonthlyCost
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict

HASH = "a1b2c3d4e5f6" + "0" * 52


def interval(value: float, half_width: float) -> Estimate:
    """An estimate with an interval of equal sides."""
    return Estimate(value, value - half_width, value + half_width)


def spread(mean_s: float) -> Spread:
    """A measure's mean and percentiles."""
    return Spread(
        mean=interval(mean_s, 0.02 * mean_s),
        p50=interval(0.8 * mean_s, 0.01 * mean_s),
        p95=interval(2.0 * mean_s, 0.05 * mean_s),
        p99=interval(3.0 * mean_s, 0.2 * mean_s),
    )


def counts(**known: int) -> Counts:
    """Counts of actions; others are zero."""
    return Counts(**{field.name: known.get(field.name, 0) for field in fields(Counts)})


def metrics(scale: float = 1.0, **known: Estimate) -> PricedMetrics:
    """Metrics of a stage; others are not known."""
    found: dict[str, Any] = {field.name: None for field in fields(PricedMetrics)}
    found |= dict.fromkeys(("tpot", "queue_wait", "resolution"), Spread())
    found |= {"latency": spread(1.7 * scale), "ttft": spread(0.6 * scale)}
    found |= {"availability": interval(0.9995, 0.0002), "success_rate": interval(0.8812, 0.004)}
    return PricedMetrics(**found | known)


def target(**known: Estimate) -> TargetPart:
    """A model; what is not given is not known."""
    found: dict[str, Any] = {field.name: None for field in fields(TargetMetrics)}
    found |= {"kind": "model", "queue_wait": Spread(), **known}
    counted = ("max_in_system", "attempts", "succeeded", "errors", "rate_limited")
    found |= dict.fromkeys((*counted, "timed_out", "shed", "abandoned", "cancelled"), 0)
    return TargetPart(**found, region={})


def parts(**named: dict[str, Any]) -> Parts[Part, TargetPart]:
    """Parts of a stage, by dimension; others tell nothing apart."""
    dimensions = ("workload", "region", "tenant", "language", "complexity", "stage", "target")
    return Parts(**{dimension: named.get(dimension, {}) for dimension in dimensions})


def verdict(
    slo: str, metric: str, op: str, limit: float, found: Estimate | None, decided: Verdict, **more: Any
) -> SloVerdict:
    """One objective."""
    same = {"workload": None, "region": None, "slack": 0.0} | more
    return SloVerdict(slo=slo, metric=metric, op=op, limit=limit, estimate=found, verdict=decided, **same)


VERDICTS = (
    verdict("latency", "p(95) latency", "<", 8.0, interval(3.9, 0.1), "PASS"),
    verdict("first-token", "p(95) ttft", "<", 2.0, interval(2.3, 0.1), "FAIL"),
    verdict("availability", "availability", ">=", 0.995, interval(0.9951, 0.0003), "UNDECIDED"),
    verdict("unit-cost", "cost_per_successful_action", "<", 0.35, interval(0.2443, 0.005), "PASS"),
)


def stage_plan(name: str = "pilot", scale: float = 1.0, decision: Decision = "GO", **more: Any) -> StagePlan:
    """A stage of a plan."""
    is_go = decision == "GO"
    found: dict[str, Any] = {
        "name": name,
        "start": datetime(2027, 2, 1, tzinfo=UTC),
        "end": datetime(2027, 3, 1, tzinfo=UTC),
        "demand": StageDemand(
            peak_rps=3.2 * scale,
            peak_start=datetime(2027, 2, 22, 9, tzinfo=UTC),
            by_region={"eu-west": 1.2 * scale, "us-east": 2.0 * scale},
            actions_per_month={"answer-ticket": 12_000.0 * scale},
            headroom=0.15,
        ),
        "capacity": {
            "model_list.large.tpm": {"eu-west": 400_000.0, "us-east": 800_000.0},
            "teams.agents.staff": {"eu-west": 3.0},
        },
        "is_cheapest": True,
        "is_feasible": is_go,
        "out_of_reach": () if is_go else ("latency",),
        "alternatives": (
            alternative("own", 13_579.0 * scale),
            alternative("none", 24_680.0 * scale, holds=False),
        ),
        "order_by": {"model_list.large.tpm": date(2027, 1, 18)},
        "limiting_slo": "first-token",
        "limiting_place": "large in eu-west",
        "counts": counts(arrived=46_512, succeeded=45_000),
        "metrics": metrics(scale),
        "by": parts(target={"large": target(), "small": target()}),
        "cost": cost(12_345.0 * scale, 800.0 * scale),
        "verdicts": VERDICTS,
        "warnings": () if is_go else ("large in eu-west is offered 2e+06 tokens/min",),
        "decision": decision,
        "n_settings": 12,
        "n_runs": 60,
    }
    return StagePlan(**found | more)


def alternative(kind: Any, month_usd: float, *, holds: bool = True) -> Alternative:
    """Another capacity that could be bought."""
    return Alternative(kind=kind, amounts={}, cost=MonthlyCost(month=month_usd), holds=holds)


def cost(month_usd: float, half_width_usd: float = 0.0) -> StageCost:
    """Money of a stage."""
    found = interval(month_usd, half_width_usd)
    month = StageMonthCost(estimate=found, p10=1.0, p50=2.0, p90=3.0)
    return StageCost(
        month=month,
        per_action=interval(0.21, 0.004),
        per_successful_action=interval(0.24, 0.004),
        by_category={},
    )


def plan_report(*stages: StagePlan, **more: Any) -> PlanReport:
    """A plan of stages; without any, of four."""
    found = stages or (
        stage_plan("pilot", 0.1),
        stage_plan("production", 0.6),
        stage_plan("two-regions", 1.2, "UNDECIDED"),
        stage_plan("global", 2.0, "NO-GO"),
    )
    price = TokenPriceSource(
        input_usd_per_mtok=2.0,
        output_usd_per_mtok=8.0,
        source="genai-prices 1.0, azure/large",
        as_of=date(2027, 1, 4),
        notes=(),
    )
    same: dict[str, Any] = {
        "scenario": "support-copilot",
        "scenario_hash": HASH,
        "engine_version": "0.1.0",
        "interval_level": 0.95,
        "traces": (),
        "prices": {"large": price},
        "profiles": {},
        "seed": 7,
        "replications": 5,
        "n_runs": 240,
        "n_draws": 0,
        "decision": "NO-GO",
        "stages": found,
        "wall_s": 3.21,
    }
    return PlanReport(**same | more)
