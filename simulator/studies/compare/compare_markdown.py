"""A comparison as the comment of a pull request: absolute and change; one line when nothing changed."""

from collections.abc import Sequence

from simulator.render.criteria import measure_text, part_text, sentence
from simulator.render.markdown import MARKS, escaped, folded, plural, table
from simulator.render.terminal_tables import Document
from simulator.studies.compare.change_text import after_text, before_text, difference_text, relative_text
from simulator.studies.compare.compare_tables import footer_text, side_lines

_HEADLINES = {
    "FAIL": "a regression",
    "UNDECIDED": "no regression shown, but some measures are undecided",
    "PASS": "no regression",
}


def compare_markdown(document: Document) -> str:
    """Markdown of a comparison's document."""
    changes, told = document["changes"], document["told"]
    name = escaped(document["head"]["scenario"])
    missed = [entry for entry in document["thresholds"] if entry["verdict"] == "FAIL"]
    if all(entry["direction"] == "none" for entry in [*changes, *told]):
        note = f"; {plural(len(missed), 'threshold')} missed, as before" if missed else ""
        return f"**{name}**: nothing changed{note}.\n"
    parts = [f"### {MARKS[document['verdict']]} {name}: {_HEADLINES[document['verdict']]}"]
    moved = [
        entry for entry in changes if entry["direction"] in ("worse", "better") or entry["verdict"] != "PASS"
    ]
    quiet = [entry for entry in changes if entry not in moved]
    if moved:
        parts.append(_table(moved))
    if missed:
        lines = "\n".join(f"- {MARKS['FAIL']} {escaped(sentence(entry))}" for entry in missed)
        parts.append(f"Thresholds that are missed:\n\n{lines}")
    also = [entry for entry in told if entry["direction"] in ("worse", "better")]
    if also:
        parts.append(folded("Load and capacity", _table(also)))
    if quiet:
        parts.append(folded(f"{plural(len(quiet), 'measure')} as before", _table(quiet)))
    if document["interrupted"]:
        parts.append("Interrupted: this is what the last finished look found.")
    parts += [f"<sub>{escaped(line)}</sub>" for line in [footer_text(document), *side_lines(document)]]
    return "\n\n".join(parts) + "\n"


def _table(entries: Sequence[Document]) -> str:
    headers = ["", "measure", "stage", "where", "base", "head", "change", "relative"]
    rows = [
        [
            MARKS.get(entry.get("verdict", ""), ""),
            *(
                escaped(text)
                for text in (
                    measure_text(entry),
                    entry["stage"] or "full exposure",
                    part_text(entry),
                    before_text(entry),
                    after_text(entry),
                    difference_text(entry),
                    relative_text(entry),
                )
            ),
        ]
        for entry in entries
    ]
    return table(headers, rows)
