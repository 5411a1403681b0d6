"""The parts of a plan's document that are there only if the scenario asks for them."""

from simulator.studies.plan.gates_view import approval_document, gate_documents
from simulator.studies.plan.readiness_view import readiness_document
from simulator.studies.plan.report import Plan, StagePlan
from simulator.studies.plan.survival_view import survival_document
from simulator.studies.plan.trade_off_view import trade_off_document
from simulator.studies.plan.turns_view import turns_document
from simulator.studies.run.document import JsonObject, verdict_document


def add_decision_parts(document: JsonObject, plan: Plan) -> None:
    """Add to a plan's document what its stages have beyond demand, capacity and cost; in place."""
    for part, stage in zip(document["stages"], plan.stages, strict=True):
        part |= _stage_parts(stage)


def _stage_parts(stage: StagePlan) -> JsonObject:
    parts: JsonObject = {}
    if stage.missed_at_top:
        parts["missed_at_top"] = [verdict_document(verdict) for verdict in stage.missed_at_top]
    if stage.binding is not None and stage.binding.contingency is not None:
        parts["binding_under"] = stage.binding.contingency
    if stage.survival is not None:
        parts["survival"] = survival_document(stage.survival)
    if stage.readiness:
        parts["readiness"] = readiness_document(stage.readiness)
    if stage.gates:
        parts["gates"] = gate_documents(stage.gates)
    if stage.approval is not None:
        parts["approval"] = approval_document(stage.approval)
    if stage.turns is not None:
        parts["turns"] = turns_document(stage.turns)
    if stage.trade_off:
        parts["trade_off"] = trade_off_document(stage.trade_off)
    return parts
