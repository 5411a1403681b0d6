"""How soon a drift is noticed, on the terminal: a row per sampling rate; made from the document."""

from rich.console import Group, RenderableType
from rich.text import Text

from simulator.render.footer import version
from simulator.render.numbers import EstimateText, estimate, quantity
from simulator.render.step_times import step_time_lines
from simulator.render.terminal_tables import Document, Row, grids, notes, printable, spaced, words

_HEADERS = (
    "reviews a week",
    "people",
    "cost per month",
    "seen after",
    "9 of 10 by",
    "success by then",
    "wrong answers",
)
_NOT_SEEN = "not in a year"


def drift_report(document: Document, width: int) -> Group:
    """Everything `rollout drift` prints."""
    parts: list[RenderableType] = []
    for workload in document["workloads"]:
        parts += _workload(document, workload, width)
    return spaced([*parts, words(_footer(document), "dim")])


def _workload(document: Document, of: Document, width: int) -> list[RenderableType]:
    where = document["stage"] or "full exposure"
    title = (
        f"{document['scenario']}  {where}, {of['workload']}: success falls by "
        f"{quantity(-of['success_per_week'], 'share')} a week; {quantity(of['answers_per_week'], 'count')} answers a week, "
        f"{estimate(of['wrong'], 'share').line} of them wrong before"
    )
    rows = [Row(_label(one, of), _cells(one)) for one in of["sampling"]]
    found: list[RenderableType] = [*grids(_HEADERS, [rows], width, "reviewed", printable(title))]
    if of["sample"] == 0.0:
        found.append(
            notes([f"{of['workload']}: no answer is sampled, so nobody notices; give `review` a `sample`"])
        )
    elif of["in_time"] < of["sample"]:
        text = (
            f"{of['workload']}: {of['team']} find time for {quantity(of['in_time'], 'share')} of the answers only; "
            "what is said of more presumes more people"
        )
        found.append(notes([text]))
    return found


def _label(one: Document, of: Document) -> str:
    here = " (now)" if one["sample"] == of["sample"] else ""
    return f"{quantity(one['sample'], 'share')}{here}"


def _cells(one: Document) -> list[EstimateText | Text]:
    after = one["seen_after_s"]
    is_seen = after["value"] is not None
    return [
        EstimateText(quantity(one["reviews_per_week"], "count"), ""),
        EstimateText(quantity(one["people"], "number"), ""),
        EstimateText(quantity(one["cost"]["month"], "money"), ""),
        estimate(after, "time") if is_seen else EstimateText(_NOT_SEEN, ""),
        EstimateText(_NOT_SEEN if after["p90"] is None else quantity(after["p90"], "time"), ""),
        EstimateText(f"−{quantity(one['fall'], 'share')}" if is_seen else "", ""),
        EstimateText(f"+{quantity(one['wrong_answers'], 'count')}" if is_seen else "", ""),
    ]


def _footer(document: Document) -> str:
    lines = [
        (
            f"seed {document['seed']} · a CUSUM chart on the answers reviewed, exact; one false alarm in "
            f"{quantity(document['false_alarm_every_s'], 'time')} · intervals: of the share wrong before"
        ),
        "people: busy with reviews around the clock; cost: their time · the wait for a review comes on top",
        *step_time_lines(document),
        f"simulated in {quantity(document['wall_s'], 'time')} · {version(document)}",
    ]
    return "\n".join(lines)
