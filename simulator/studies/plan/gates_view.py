"""The gates of a plan: their part of the document, and how they read."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from simulator.render.criteria import found_text, limit_text, measure_text, part_text
from simulator.render.terminal_tables import Document, table, words
from simulator.render.verdict_marks import marked
from simulator.studies.common.criterion_record import JudgedCriterion
from simulator.studies.plan.gates import ApprovalNeeded, GateVerdict
from simulator.studies.run.document import JsonObject


def gate_documents(gates: Sequence[GateVerdict]) -> list[JsonObject]:
    """Every condition in front of a stage, as `rollout check` tells it."""
    return [
        {"gate": one.gate, "measured_at": one.measured_at, **JudgedCriterion.of(one.found).to_dict()}
        for one in gates
    ]


def approval_document(approval: ApprovalNeeded) -> JsonObject:
    """Whom to ask, and until when."""
    return {"by": approval.by, "ask_by": approval.ask_by.isoformat()}


def gate_tables(stage: Document) -> list[Table]:
    """A row per condition in front of a stage; none if there are none."""
    rows = gate_rows([stage])
    if not rows:
        return []
    headers = ("gate", "condition", "of", "asked", "measured", "verdict")
    made = table(*headers, title=words(f"{stage['name']}  gates in front of it", "bold"), right=(4,))
    for row in rows:
        made.add_row(*(words(cell) for cell in row[1:-1]), marked(row[-1]))
    return [made]


def gate_rows(stages: Sequence[Document]) -> list[list[str]]:
    """Plain cells per condition: stage, gate, metric, part of the run, limit, measured, verdict."""
    return [
        [
            stage["name"],
            f"{gate['gate']}, at {gate['measured_at']}",
            measure_text(gate),
            part_text(gate),
            limit_text(gate),
            found_text(gate),
            gate["verdict"],
        ]
        for stage in stages
        for gate in stage.get("gates", ())
    ]


def gate_notes(stage: Document) -> Iterator[str]:
    """What the stage waits for, in sentences."""
    for gate in stage.get("gates", ()):
        if gate["verdict"] != "PASS":
            said = "does not open" if gate["verdict"] == "FAIL" else "cannot be decided"
            where = f"{gate['gate']} gate measured at {gate['measured_at']}"
            yield f"the {where} {said}: {measure_text(gate)} is {found_text(gate)}, asked: {limit_text(gate)}"
    approval = stage.get("approval")
    if approval is not None:
        yield f"waits for the approval of {approval['by']}: ask by {approval['ask_by']}"
