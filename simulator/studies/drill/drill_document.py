"""The JSON document of `rollout drill`, which its tables are made from."""

from typing import Any

from simulator.render.step_times import step_time_sources
from simulator.results.paired import PairedDifference
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.alerts.alert_detection import Detection, Watch
from simulator.studies.drill.drill import Drilled, DrillOptions, DrillResult, Minutes
from simulator.studies.drill.harm import COLLAPSED
from simulator.studies.run.document import JsonObject, estimate_document, signature


def drill_document(loaded: LoadedScenario, options: DrillOptions, found: Drilled) -> JsonObject:
    """Document of drills."""
    scenario = loaded.scenario
    verdicts = [result.verdict for result in found.results]
    return {
        **signature(scenario, scenario_hash(scenario)),
        "profiles": step_time_sources(scenario, loaded.base_dir),
        "stage": found.stage,
        "seed": scenario.seed,
        "pairs": options.n_runs,
        "verdict": next((word for word in ("FAIL", "UNDECIDED", "PASS") if word in verdicts), "PASS"),
        "collapsed_below": COLLAPSED,
        "drills": [_drill(result) for result in found.results],
        "alerts": [_watch(watch) for watch in found.watches],
        "interrupted": found.interrupted,
        "wall_s": found.wall_s,
    }


def _drill(result: DrillResult) -> JsonObject:
    harm, drill = result.harm, result.drill
    best = result.best_cure
    return {
        "name": drill.name,
        "incidents": [
            incident.model_dump(mode="json", exclude_none=True, exclude={"start"})
            for incident in drill.incidents
        ],
        "begins_s": drill.lead_s,
        "duration_s": drill.duration_s,
        "watched_s": drill.length_s - drill.end_s,
        "verdict": result.verdict,
        "error_rate": _pair(harm.error_rate),
        "latency_p95_s": None if harm.latency_p95_s is None else _pair(harm.latency_p95_s),
        "minutes_out_of_slo": estimate_document(harm.minutes_out),
        "missed_without": list(result.unwell),
        "actions_hurt": _pair(harm.actions_hurt),
        "wrong_answers": _pair(harm.wrong_answers),
        "residency_blocked": None if harm.residency_blocked is None else _pair(harm.residency_blocked),
        "cost": _pair(harm.cost_usd),
        "error_budget": [
            {"slo": budget.slo, "burnt": estimate_document(budget.burnt)} for budget in harm.budgets
        ],
        "recovery_s": estimate_document(harm.recovery_s),
        "recovered_share": harm.recovered_share,
        "late_goodput": estimate_document(harm.late_goodput),
        "metastable": harm.metastable,
        "alerts": [_detection(detection) for detection in result.detections],
        "cures": [{"name": cure.name, "gain_rps": _pair(cure.gain_rps)} for cure in result.cures],
        "best_cure": None if best is None else best.name,
        "series": _series(result.minutes),
    }


def _detection(detection: Detection) -> JsonObject:
    return {
        "alert": detection.alert,
        "notify": detection.notify,
        "seen": estimate_document(detection.seen),
        "after_s": estimate_document(detection.after_s),
        "slo": detection.slo,
        "burn_rate": detection.burn_rate,
        "on_before": detection.on_before,
    }


def _watch(watch: Watch) -> JsonObject:
    return {
        "alert": watch.alert,
        "notify": watch.notify,
        "slos": list(watch.slos),
        "false_per_month": estimate_document(watch.false_per_month),
        "on_share": watch.on_share,
        "unseen": list(watch.unseen),
        "out_of_reach": list(watch.out_of_reach),
    }


def _pair(found: PairedDifference) -> JsonObject:
    return {
        "without": found.before,
        "with": found.after,
        "difference": estimate_document(found.difference),
        "pairs": found.n_pairs,
    }


def _series(minutes: Minutes) -> dict[str, Any]:
    return {
        "bucket_s": minutes.bucket_s,
        "arrivals_rps": minutes.arrivals_rps.tolist(),
        "goodput_rps": minutes.goodput_rps.tolist(),
        "goodput_without_rps": minutes.calm_goodput_rps.tolist(),
        "out_of_slo_share": minutes.out_share.tolist(),
        "out_of_slo_share_without": minutes.calm_out_share.tolist(),
    }
