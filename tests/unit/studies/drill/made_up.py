"""Drill reports made by hand."""

from typing import Any

from simulator.studies.alerts.report import AlertBaseline, Detection
from simulator.studies.drill.report import (
    BudgetBurn,
    DrillReport,
    DrillResult,
    MitigationResult,
    Series,
)
from simulator.theory.estimate import Estimate
from tests.unit.studies.estimates import around, paired


def drill_result(**changes: Any) -> DrillResult:
    """Three slow minutes that hurt somebody, and were recovered from."""
    fields: dict[str, Any] = {
        "name": "slow",
        "incidents": (),
        "begins_s": 300.0,
        "duration_s": 180.0,
        "watched_s": 1800.0,
        "verdict": "PASS",
        "error_rate": paired(0.0002, 0.0262),
        "answered_in_time": paired(0.99, 0.91),
        "backlog": paired(0.0, 0.0),
        "backlog_work_h": paired(0.0, 0.0),
        "backlog_cost": paired(0.0, 0.0),
        "latency_p95": paired(5.4, 1.0),
        "minutes_out_of_slo": around(17.0, 3.0),
        "missed_without": (),
        "actions_hurt": paired(12.0, 430.0, 60.0),
        "wrong_answers": paired(900.0, -30.0, 20.0),
        "residency_blocked": None,
        "cost": paired(900.0, 0.54, 0.07),
        "error_budget": (BudgetBurn(slo="availability", burnt=around(0.0012, 0.0002)),),
        "recovery_s": around(960.0, 200.0),
        "recovered_share": 1.0,
        "late_goodput": around(1.0, 0.01),
        "metastable": "no",
        "mitigations": (MitigationResult(name="no retries", gain_rps=paired(10.0, 0.4, 0.1)),),
        "best_mitigation": "no retries",
        "alerts": (detection("page", around(1320.0, 60.0)), detection("ticket", None)),
        "series": series([10.0] * 5 + [0.0] * 3 + [5.0] + [10.0] * 3),
    }
    return DrillResult(**(fields | changes))


def series(goodput_rps: list[float]) -> Series:
    """Good answers minute by minute, and ten a second without the incident."""
    none = (0.0,) * len(goodput_rps)
    return Series(
        bucket_s=60.0,
        arrivals_rps=(10.0,) * len(goodput_rps),
        goodput_rps=tuple(goodput_rps),
        goodput_without_rps=(10.0,) * len(goodput_rps),
        out_of_slo_share=none,
        out_of_slo_share_without=none,
    )


def detection(alert: str, after_s: Estimate | None, **changes: Any) -> Detection:
    """An alert that fires in every run; None: in none."""
    fields: dict[str, Any] = {
        "alert": alert,
        "notify": "sre",
        "seen": around(0.0 if after_s is None else 1.0),
        "after_s": after_s,
        "slo": "availability",
        "burn_rate": 14.4,
        "on_before": 0.0,
    }
    return Detection(**(fields | changes))


def baseline(alert: str, **changes: Any) -> AlertBaseline:
    """An alert that never fires while nothing is wrong."""
    fields: dict[str, Any] = {
        "alert": alert,
        "notify": "sre",
        "slos": ("availability",),
        "false_per_month": Estimate(0.0, 0.0, 0.154),
        "on_share": 0.0,
        "unseen": (),
        "out_of_reach": (),
    }
    return AlertBaseline(**(fields | changes))


def drill_report(*drills: DrillResult, **changes: Any) -> DrillReport:
    """A report of some drills."""
    fields: dict[str, Any] = {
        "scenario": "help [desk]",
        "scenario_hash": "ab" * 32,
        "engine_version": "1",
        "interval_level": 0.95,
        "profiles": {},
        "stage": "all",
        "seed": 1,
        "n_pairs": 4,
        "verdict": "PASS",
        "collapsed_below": 0.5,
        "drills": drills,
        "alerts": (baseline("page"), baseline("ticket", unseen=("success",), on_share=0.25)),
        "wall_s": 1.0,
    }
    return DrillReport(**(fields | changes))
