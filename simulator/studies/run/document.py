"""The JSON documents of `rollout run` and `rollout plan`: what pipelines read, and tables are made of.

Every estimate is `{value, low, high}`, its 95 % interval; low = high = value where it is exact, null where it
is not known. Names stay within a schema version; additions do not change it.
"""

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from simulator import __version__
from simulator.economics.price_book import PriceBook
from simulator.results.samples import CONFIDENCE
from simulator.scenario.model import Scenario
from simulator.studies.common.objectives import SloVerdict
from simulator.studies.plan.report import Plan, StagePlan
from simulator.theory.estimate import Estimate

SCHEMA = 1
_P90_OF_HALF_WIDTH = 1.2816 / 1.9600  # normal quantiles: 80 % against 95 %

JsonObject = dict[str, Any]


def plan_document(
    scenario: Scenario, scenario_hash: str, plan: Plan, book: PriceBook, seed: int, replications: int
) -> JsonObject:
    """Document of a plan; of an interrupted one, with the stages that were finished.

    Parameters
    ----------
    seed : of the first replication
    replications : of each window at least
    """
    decisions = [stage.decision for stage in plan.stages]
    return {
        **heading(scenario, scenario_hash, book),
        "seed": seed,
        "replications": replications,
        "n_runs": sum(stage.n_runs for stage in plan.stages),
        "decision": None if plan.interrupted or not decisions else _worst(decisions),
        "interrupted": plan.interrupted,
        "wall_s": plan.wall_s,
        "stages": [_stage_document(stage) for stage in plan.stages],
    }


def verdict_document(verdict: SloVerdict) -> JsonObject:
    """One objective: what was asked, what was measured, and whether it holds."""
    return {
        "slo": verdict.slo,
        "metric": verdict.metric,
        "workload": verdict.workload,
        "region": verdict.region,
        **(estimate_document(verdict.estimate) or {"value": None, "low": None, "high": None}),
        "op": verdict.op,
        "limit": verdict.limit,
        "slack": _finite(verdict.slack),
        "verdict": verdict.verdict,
        **({} if verdict.contingency is None else {"contingency": verdict.contingency}),
    }


def estimate_document(estimate: Estimate | None) -> JsonObject | None:
    """Return an estimate as JSON; None stays null, and so does an infinite bound."""
    if estimate is None:
        return None
    return {"value": _finite(estimate.value), "low": _finite(estimate.low), "high": _finite(estimate.high)}


def signature(scenario: Scenario, scenario_hash: str) -> JsonObject:
    """What every document of one scenario begins with: which one it was, and what simulated it."""
    return {
        "schema": SCHEMA,
        "scenario": scenario.metadata.name,
        "scenario_hash": scenario_hash,
        "engine_version": __version__,
        "interval_level": CONFIDENCE,
    }


def heading(scenario: Scenario, scenario_hash: str, book: PriceBook) -> JsonObject:
    """The signature, with the traces and the prices with their day."""
    return {
        **signature(scenario, scenario_hash),
        "traces": [
            {"workload": workload.name, "file": workload.trace.file, "replay": workload.trace.replay}
            for workload in scenario.workloads
            if workload.trace is not None
        ],
        "prices": {
            name: {
                "input_usd_per_mtok": price.input_usd_per_mtok,
                "output_usd_per_mtok": price.output_usd_per_mtok,
                "source": price.source,
                "as_of": price.as_of.isoformat(),
                "notes": list(price.notes),
            }
            for name, price in book.models.items()
        },
    }


def _stage_document(stage: StagePlan) -> JsonObject:
    per_action = estimate_document(stage.cost.per_action_usd)
    per_success = estimate_document(stage.cost.per_successful_action_usd)
    summary = stage.metrics.to_document()
    metrics: JsonObject = {**_part(summary, "metrics")}
    return {
        "name": stage.name,
        "start": stage.start.isoformat(),
        "end": stage.end.isoformat(),
        "demand": {
            "peak_rps": sum(stage.demand.peak_rps.values()),
            "peak_start": stage.demand.peak_start.isoformat(),
            "by_region": dict(stage.demand.peak_rps),
            "actions_per_month": dict(stage.demand.actions_per_month),
            "headroom": stage.demand.headroom,
        },
        "capacity": {path: dict(by_region) for path, by_region in stage.capacity.items()},
        "is_cheapest": stage.is_cheapest,
        "is_feasible": stage.is_feasible,
        "out_of_reach": list(stage.out_of_reach),
        "alternatives": [
            {
                "kind": other.kind,
                "capacity": {path: dict(by_region) for path, by_region in other.amounts.items()},
                "cost": {"month": _finite(other.month_usd)},
                "is_feasible": other.holds,
            }
            for other in stage.alternatives
        ],
        "order_by": {path: day.isoformat() for path, day in stage.order_by.items()},
        "binding": None if stage.binding is None else stage.binding.slo,
        "binding_at": None if stage.binding is None else stage.binding.at,
        "counts": summary["counts"],
        "metrics": metrics | {"cost_per_action": per_action, "cost_per_successful_action": per_success},
        "by": summary["by"],
        "cost": {
            "month": _with_percentiles(stage.cost.month_usd),
            "per_action": per_action,
            "per_successful_action": per_success,
            "by_category": {
                category: {"value": amount, "low": None, "high": None}
                for category, amount in stage.cost.by_category_usd.items()
            },
        },
        "verdicts": [verdict_document(verdict) for verdict in stage.verdicts],
        "warnings": [warning.message for warning in stage.warnings],
        "decision": stage.decision,
        "n_settings": stage.n_settings,
        "n_runs": stage.n_runs,
    }


def _part(document: Mapping[str, object], key: str) -> Mapping[str, Any]:
    part = document[key]
    assert isinstance(part, Mapping)
    return part


def _with_percentiles(month: Estimate) -> JsonObject:
    """Add P10, P50 and P90 of what the simulation leaves open; the inputs are taken as they are."""
    return {
        **(estimate_document(month) or {}),
        "p10": _finite(month.value - (month.value - month.low) * _P90_OF_HALF_WIDTH),
        "p50": _finite(month.value),
        "p90": _finite(month.value + (month.high - month.value) * _P90_OF_HALF_WIDTH),
    }


def _worst(decisions: Sequence[str]) -> str:
    return next(decision for decision in ("NO-GO", "UNDECIDED", "GO") if decision in decisions)


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None
