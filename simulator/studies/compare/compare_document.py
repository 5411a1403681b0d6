"""The JSON document of `rollout compare`, which its tables and its Markdown are made from."""

from math import isfinite

from simulator import __version__
from simulator.render.step_times import step_time_sources
from simulator.results.samples import CONFIDENCE
from simulator.scenario.read.hashing import scenario_hash
from simulator.studies.check.check_document import verdict_entry
from simulator.studies.compare.comparison_sides import ComparisonSide
from simulator.studies.compare.regression import MeasureChange, Statement
from simulator.studies.compare.study import Compared, CompareOptions
from simulator.studies.run.document import SCHEMA, JsonObject, estimate_document


def compare_document(
    base: ComparisonSide, head: ComparisonSide, options: CompareOptions, found: Compared, wall_s: float
) -> JsonObject:
    """Document of a comparison."""
    verdicts = [change.verdict for change in found.changes]
    return {
        "schema": SCHEMA,
        "engine_version": __version__,
        "interval_level": CONFIDENCE,
        "base": _side(base),
        "head": _side(head),
        "stages": list(found.stages),
        "seed": base.first_seed,
        "tolerance": options.tolerance,
        "level": options.level,
        "verdict": next((word for word in ("FAIL", "UNDECIDED", "PASS") if word in verdicts), "PASS"),
        "changes": [_change(change) for change in found.changes],
        "told": [statement_document(statement) for statement in found.told],
        "thresholds": [verdict_entry(verdict) for verdict in found.thresholds],
        "interrupted": found.interrupted,
        "wall_s": wall_s,
    }


def _side(arm: ComparisonSide) -> JsonObject:
    return {
        "name": arm.name,
        "scenario": arm.scenario.metadata.name,
        "scenario_hash": scenario_hash(arm.scenario),
        "profiles": step_time_sources(arm.scenario, arm.base_dir),
    }


def _change(change: MeasureChange) -> JsonObject:
    return {
        **statement_document(change.statement),
        "p_regression": change.p_regression,
        "p_no_worse": change.p_no_worse,
        "p_same": change.p_same,
        "verdict": change.verdict,
    }


def statement_document(statement: Statement) -> JsonObject:
    """A measure on both sides, and the paired difference."""
    measure, paired = statement.judged.measure, statement.paired
    relative = paired.difference.value / abs(paired.before) if paired.before else None
    ratio = paired.variance_ratio
    return {
        "stage": statement.stage,
        "metric": measure.metric,
        "statistic": measure.statistic,
        **measure.selection.labels,
        "better": "lower" if statement.judged.is_lower_better else "higher",
        "before": estimate_document(statement.before),
        "after": estimate_document(statement.after),
        "difference": estimate_document(paired.difference),
        "relative": relative,
        "direction": statement.direction,
        "pairs": paired.n_pairs,
        "variance_ratio": None if ratio is None or not isfinite(ratio) else ratio,
    }
