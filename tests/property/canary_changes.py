"""For every key of releases and canaries: a change of it alone that must be seen in a rehearsal."""

from tests.property.key_changes import Change

_GATE, _TEST, _NEW = "canary.analyses.gate", "canary.analyses.test", "releases.new"
_STRICT = (f"{_GATE}.failure_condition=success_rate < 0.74", f"{_GATE}.consecutive_success_limit=null")

CANARY_CHANGES: dict[str, Change] = {
    "Release.workload": Change(f"{_NEW}.workload=notes", "canary"),
    "Release.changes": Change(f"{_NEW}.changes={{success_rate: -20%}}", "canary"),
    "ReleaseChanges.success_rate": Change(f"{_NEW}.changes.success_rate=-30%", "canary"),
    "ReleaseChanges.error_rate": Change(f"{_NEW}.changes.error_rate=20%", "canary"),
    "ReleaseChanges.latency": Change(f"{_NEW}.changes.latency=90%", "canary"),
    "ReleaseChanges.prompt_tokens": Change(f"{_NEW}.changes.prompt_tokens=0%", "canary"),
    "ReleaseChanges.output_tokens": Change(f"{_NEW}.changes.output_tokens=0%", "canary"),
    "Canary.steps": Change("canary.steps=[{set_weight: 50%}, {analysis: gate}, {analysis: test}]", "canary"),
    "Canary.analyses": Change(f"{_GATE}.interval=20s", "canary"),
    "Canary.rollback_time": Change(
        "canary.rollback_time=25s", "canary", given=(f"{_GATE}.failure_condition=success_rate < 0.99",)
    ),
    "Canary.evaluation": Change("canary.evaluation=null", "canary"),
    "Evaluation.questions": Change("canary.evaluation.questions=400", "canary"),
    "Evaluation.alpha": Change("canary.evaluation.alpha=10%", "canary"),
    "Evaluation.flips": Change("canary.evaluation.flips=10%", "canary"),
    "SetWeight.set_weight": Change("canary.steps.0.set_weight=40%", "canary"),
    "SetMirrorRoute.set_mirror_route": Change(
        "canary.steps=[{set_mirror_route: 30%}, {analysis: gate}, {analysis: test}]",
        "canary",
        given=("canary.steps=[{set_mirror_route: 60%}, {analysis: gate}, {analysis: test}]",),
    ),
    "Pause.pause": Change("canary.steps.1.pause=35s", "canary"),
    "Analyse.analysis": Change(
        "canary.steps=[{set_weight: 30%}, {analysis: test}, {analysis: gate}]", "canary"
    ),
    "Analysis.interval": Change(f"{_GATE}.interval=14s", "canary"),
    "Analysis.count": Change(
        f"{_GATE}.count=9", "canary", given=(f"{_GATE}.consecutive_success_limit=null",)
    ),
    "Analysis.initial_delay": Change(f"{_GATE}.initial_delay=9s", "canary"),
    "Analysis.success_condition": Change(f"{_GATE}.success_condition=success_rate >= 0.9", "canary"),
    "Analysis.failure_condition": Change(f"{_GATE}.failure_condition=success_rate < 0.9", "canary"),
    "Analysis.failure_limit": Change(f"{_GATE}.failure_limit=0", "canary", given=_STRICT),
    "Analysis.inconclusive_limit": Change(
        f"{_GATE}.inconclusive_limit=0", "canary", given=(f"{_GATE}.success_condition=success_rate >= 0.9",)
    ),
    "Analysis.consecutive_success_limit": Change(f"{_GATE}.consecutive_success_limit=2", "canary"),
    "Analysis.compare": Change(f"{_TEST}.compare={{metric: success_rate, worse_by: 40%}}", "canary"),
    "Comparison.metric": Change(f"{_TEST}.compare.metric=availability", "canary"),
    "Comparison.worse_by": Change(f"{_TEST}.compare.worse_by=30%", "canary"),
    "Comparison.alpha": Change(f"{_TEST}.compare.alpha=1%", "canary"),
    "Comparison.correction": Change(
        f"{_TEST}.compare.correction=none", "canary", given=("releases.new.changes.success_rate=-10%",)
    ),
}
