"""The JSON document of `rollout canary`."""

from math import isfinite

from simulator.scenario.model import Scenario
from simulator.scenario.read.hashing import scenario_hash
from simulator.studies.canary.power import ALPHA, POWER
from simulator.studies.canary.rehearsals import CanaryReport, CaseOutcome
from simulator.studies.run.document import JsonObject, estimate_document, signature
from simulator.theory.estimate import Estimate
from simulator.theory.sequential import bounds_of, false_alarm_rate


def canary_document(scenario: Scenario, report: CanaryReport, wall_s: float) -> JsonObject:
    """What rehearsing the canary of a scenario showed."""
    return {
        **signature(scenario, scenario_hash(scenario)),
        "seed": scenario.seed,
        "stage": report.stage,
        "release": report.release.name,
        "span_s": report.span_s,
        "arrivals_rps": report.arrivals_rps,
        "cases": [_case(outcome) for outcome in report.outcomes],
        "sight": {
            "alpha": ALPHA,
            "power": POWER,
            "changes": [
                {
                    "what": sight.what,
                    "weight": sight.weight,
                    "mirrored": sight.mirrored,
                    "given_s": sight.given_s,
                    "needed_s": _finite(sight.needed_s),
                    "actions_needed": _finite(sight.n_new),
                    "seen": sight.needed_s <= sight.given_s,
                }
                for sight in report.sights
            ],
        },
        "evaluation": _evaluation(scenario, report),
        "looks": _looks(scenario),
        "verdict": _verdict(report),
        "interrupted": report.interrupted,
        "wall_s": wall_s,
    }


def _case(outcome: CaseOutcome) -> JsonObject:
    shares = {"passed": outcome.passed, "stopped": outcome.stopped, "inconclusive": outcome.inconclusive}
    means = {"ended_s": outcome.ended_s, "exposed": outcome.exposed, "hurt": outcome.hurt}
    return {
        "name": outcome.case.name,
        "is_good": outcome.case.is_good,
        "rehearsals": outcome.n_runs,
        **{name: estimate_document(_known(value)) for name, value in (shares | means).items()},
        "mirrored": None
        if outcome.copies is None
        else {
            "actions": estimate_document(outcome.copies.actions),
            "cost": estimate_document(outcome.copies.usd),
        },
        "evaluation_stops": outcome.evaluation_stops,
        "reaches_all": estimate_document(_reaches_all(outcome)),
    }


def _reaches_all(outcome: CaseOutcome) -> Estimate:
    """Chance that a release passes the test set and the canary; the first is exact."""
    passes = 1.0 - (outcome.evaluation_stops or 0.0)
    passed = outcome.passed
    return Estimate(passes * passed.value, passes * passed.low, passes * passed.high)


def _evaluation(scenario: Scenario, report: CanaryReport) -> JsonObject | None:
    """The test set: what it sees, and how many questions it would take."""
    assert scenario.canary is not None
    evaluation = scenario.canary.evaluation
    if evaluation is None:
        return None
    return {
        "questions": evaluation.questions,
        "alpha": evaluation.alpha,
        "flips": evaluation.flips,
        "power": POWER,
        "falls": [
            {"fall": one.fall, "stopped": one.stopped, "questions_needed": one.questions}
            for one in report.needed
        ],
    }


def _known(value: Estimate) -> Estimate | None:
    return value if isfinite(value.value) else None


def _looks(scenario: Scenario) -> list[JsonObject]:
    """For every comparison: the chance of a false alarm that is stated, and the one that its looks have."""
    assert scenario.canary is not None
    found = []
    for name, analysis in scenario.canary.analyses.items():
        compare = analysis.compare
        if compare is None:
            continue
        bounds = bounds_of(compare.correction, analysis.count, compare.alpha)
        found.append(
            {
                "analysis": name,
                "metric": compare.metric,
                "looks": analysis.count,
                "correction": compare.correction,
                "alpha": compare.alpha,
                "false_alarm_rate": false_alarm_rate(bounds),
                "bounds": list(bounds),
            }
        )
    return found


def _verdict(report: CanaryReport) -> str | None:
    """Whether the release as it is described gets through: PASS or FAIL when most rehearsals surely did or did not."""
    described = [outcome for outcome in report.outcomes if outcome.case.is_good is None]
    if not described:
        return None
    passed = described[0].passed
    return "PASS" if passed.low > 0.5 else "FAIL" if passed.high < 0.5 else "UNDECIDED"


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None
