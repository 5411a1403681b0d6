"""For every key of alerts and of the checklist: a change of it alone that must be seen in a drill or a plan."""

from tests.property.key_changes import Change

_READY = "readiness.measured"
_RULE = "alerts.page.rules.0"
_LAW = "readiness.attested={law: {owner: counsel, evidence: a.pdf, dated: 2026-06-01, expires: 365d}}"
_CHAIN = "readiness.attested={law: {owner: counsel, due: 2027-01-20}, contract: {owner: data, needs: [law], takes: 1w}}"

EVIDENCE_CHANGES: dict[str, Change] = {
    "Scenario.alerts": Change("alerts={}", "alerts"),
    "Alert.notify": Change("alerts.page.notify=owner", "alerts"),
    "Alert.slos": Change("alerts.page.slos=[quick]", "alerts"),
    "Alert.rules": Change("alerts.page.rules=[{burn_rate: 5, long_window: 5m, short_window: 1m}]", "alerts"),
    "BurnRateRule.burn_rate": Change(f"{_RULE}.burn_rate=8", "alerts"),
    "BurnRateRule.long_window": Change(f"{_RULE}.long_window=20m", "alerts"),
    "BurnRateRule.short_window": Change(f"{_RULE}.short_window=9m", "alerts"),
    "Scenario.readiness": Change("readiness={}", "readiness"),
    "Readiness.measured": Change(f"{_READY}={{}}", "readiness"),
    "Readiness.attested": Change("readiness.attested={}", "readiness"),
    "Measured.release_and_rollback": Change(f"{_READY}.release_and_rollback=null", "readiness"),
    "Measured.monitoring": Change(f"{_READY}.monitoring=null", "readiness"),
    "Measured.unit_economics": Change(f"{_READY}.unit_economics=null", "readiness"),
    "Attestation.missing": Change(
        "readiness.attested.contract.missing=warn", "readiness", ('readiness.attested.contract.evidence=""',)
    ),
    "Attestation.stages": Change("readiness.attested.contract.stages=[all]", "readiness"),
    "Attestation.owner": Change("readiness.attested.contract.owner=cto", "readiness"),
    "Attestation.evidence": Change('readiness.attested.contract.evidence=""', "readiness"),
    "Attestation.dated": Change("readiness.attested.law.dated=2025-01-01", "plan", (_LAW,)),
    "Attestation.expires": Change("readiness.attested.law.expires=30d", "plan", (_LAW,)),
    "Attestation.due": Change("readiness.attested.law.due=2027-01-22", "plan", (_CHAIN,)),
    "Attestation.takes": Change("readiness.attested.contract.takes=2w", "plan", (_CHAIN,)),
    "Attestation.needs": Change("readiness.attested.contract.needs=[]", "plan", (_CHAIN,)),
    "ReleaseAndRollback.missing": Change(f"{_READY}.release_and_rollback.missing=warn", "readiness"),
    "ReleaseAndRollback.stages": Change(f"{_READY}.release_and_rollback.stages=[all]", "readiness"),
    "ReleaseAndRollback.worse_by": Change(f"{_READY}.release_and_rollback.worse_by=5%", "readiness"),
    "ReleaseAndRollback.stops": Change(f"{_READY}.release_and_rollback.stops=20%", "readiness"),
    "ReleaseAndRollback.passes": Change(f"{_READY}.release_and_rollback.passes=20%", "readiness"),
    "ReleaseAndRollback.within": Change(f"{_READY}.release_and_rollback.within=1m", "readiness"),
    "Monitoring.missing": Change(f"{_READY}.monitoring.missing=warn", "readiness"),
    "Monitoring.stages": Change(f"{_READY}.monitoring.stages=[all]", "readiness"),
    "Monitoring.within": Change(f"{_READY}.monitoring.within=1h", "readiness"),
    "Monitoring.budget": Change(f"{_READY}.monitoring.budget=90%", "readiness"),
    "Monitoring.false_per_month": Change(f"{_READY}.monitoring.false_per_month=0", "readiness"),
    "UnitEconomics.missing": Change(f"{_READY}.unit_economics.missing=warn", "readiness"),
    "UnitEconomics.stages": Change(f"{_READY}.unit_economics.stages=[all]", "readiness"),
    "UnitEconomics.within": Change(f"{_READY}.unit_economics.within=0.01%", "readiness"),
    "Measured.feedback_loop": Change(f"{_READY}.feedback_loop=null", "readiness"),
    "FeedbackLoop.missing": Change(f"{_READY}.feedback_loop.missing=warn", "readiness"),
    "FeedbackLoop.stages": Change(f"{_READY}.feedback_loop.stages=[all]", "readiness"),
    "FeedbackLoop.per_week": Change(f"{_READY}.feedback_loop.per_week=1%", "readiness"),
    "FeedbackLoop.within": Change(f"{_READY}.feedback_loop.within=1d", "readiness"),
    "FeedbackLoop.false_alarm_every": Change(f"{_READY}.feedback_loop.false_alarm_every=2w", "readiness"),
}
