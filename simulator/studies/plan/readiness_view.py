"""The checklist before a stage: its part of a plan's document, and how it reads on the terminal and on the page."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from simulator.render.numbers import estimate, quantity
from simulator.render.terminal_tables import Document, printable, table, words
from simulator.render.verdict_marks import marked
from simulator.studies.plan.readiness import ReadinessItem
from simulator.studies.run.document import JsonObject, estimate_document

_NOTHING_SEEN = "never"
_NO_EVIDENCE = "no evidence"


def readiness_document(items: Sequence[ReadinessItem]) -> list[JsonObject]:
    """The items of a stage."""
    return [
        {
            "item": item.name,
            "kind": "measured" if item.owner is None else "attested",
            "owner": item.owner,
            "evidence": item.evidence,
            "missing": item.missing,
            "measurements": [
                {
                    "what": one.what,
                    "unit": one.unit,
                    **(estimate_document(one.estimate) or {"value": None, "low": None, "high": None}),
                    "op": one.op,
                    "limit": one.limit,
                    "verdict": one.verdict,
                }
                for one in item.measurements
            ],
            "verdict": item.verdict,
        }
        for item in items
    ]


def readiness_tables(stage: Document) -> list[Table]:
    """The checklist of a stage, a row per item or measurement; none if there is none."""
    rows = list(_rows(stage))
    if not rows:
        return []
    made = table(
        "checklist", "found", "asked", "verdict", title=words(f"{stage['name']}  checklist", "bold"), right=()
    )
    for item, found, asked, word in rows:
        made.add_row(words(item), words(found), words(asked), _mark(word))
    return [made]


def readiness_rows(stages: Sequence[Document]) -> list[list[str]]:
    """Plain cells: stage, item, found, asked, verdict."""
    return [[stage["name"], *row] for stage in stages for row in _rows(stage)]


def readiness_gaps(stage: Document) -> Iterator[str]:
    """The items that are missing before a stage, in a sentence each."""
    for item in stage.get("readiness", ()):
        if item["verdict"] == "PASS":
            continue
        found = [sentence(one) for one in item["measurements"] if one["verdict"] != "PASS"]
        why = "; ".join(found) or f"{item['owner']} names no evidence"
        what = "is missing" if item["verdict"] == "FAIL" else "is undecided"
        effect = "" if item["missing"] == "block" else " (only told)"
        yield f"readiness: {item_text(item['item'])} {what}{effect}: {why}"


def sentence(one: Document) -> str:
    """A measurement with its limit, e.g. `tells of provider-down after 24 min ± 2, asked: <= 15 min`."""
    return f"{one['what']} {found_text(one)}, asked: {asked_text(one)}"


def _rows(stage: Document) -> Iterator[tuple[str, str, str, str]]:
    for item in stage.get("readiness", ()):
        name = item_text(item["item"])
        word = item_word(item)
        if item["kind"] == "attested":
            yield name, item["evidence"] or _NO_EVIDENCE, f"by {item['owner']}", word
            continue
        yield name, "measured", "", word
        for one in item["measurements"]:
            yield f"  {one['what']}", found_text(one), asked_text(one), one["verdict"]
        if not item["measurements"]:
            yield "  nothing to measure", "", "", item["verdict"]


def item_word(item: Document) -> str:
    """The verdict on an item; WARN where it is missing and does not block."""
    return "WARN" if item["verdict"] == "FAIL" and item["missing"] == "warn" else str(item["verdict"])


def found_text(one: Document) -> str:
    """What was measured, with its interval; in words if nothing was."""
    return _NOTHING_SEEN if one["value"] is None else estimate(one, one["unit"]).line


def asked_text(one: Document) -> str:
    """The limit with its operator, e.g. `<= 15 min`."""
    return f"{one['op']} {quantity(one['limit'], one['unit'])}"


def item_text(name: str) -> str:
    """Name of an item in words."""
    return printable(name.replace("_", " "))


def _mark(word: str) -> Text:
    return Text("! WARN", style="yellow", no_wrap=True) if word == "WARN" else marked(word)
