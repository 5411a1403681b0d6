"""The summary of a check for a pull request: what is missed first, with the change against a baseline."""

from collections.abc import Sequence
from math import isclose

from simulator.metrics.dimensions import LABELS
from simulator.render.criteria import found_text, limit_text, measure_text, part_text
from simulator.render.markdown import MARKS, escaped, folded, plural, table
from simulator.render.numbers import NOTHING
from simulator.render.step_times import step_time_lines
from simulator.render.terminal_tables import Document

_SAME = 1e-12  # relative; equal seeds and equal inputs give equal bits
_Key = tuple[object, ...]


def check_markdown(document: Document, baseline: Document | None = None) -> str:
    """Markdown of a check.

    Parameters
    ----------
    document : of the check
    baseline : of an earlier check of the same files: adds the change, and says so in a single line if there
        is none
    """
    entries = _entries(document)
    before = None if baseline is None else {_key(entry): entry for entry in _entries(baseline)}
    if before is not None and _is_same(entries, before):
        return f"Nothing changed: {_verdicts(document)}.\n"
    parts = [f"### Rollout check: {_verdicts(document)}"]
    for scenario in document["scenarios"]:
        found = [{**verdict, "scenario": scenario["scenario"]} for verdict in scenario["verdicts"]]
        parts.append(f"**{escaped(scenario['scenario'])}** ({escaped(scenario['file'])})")
        is_news = [
            verdict["verdict"] != "PASS" or (before is not None and not _is_known(verdict, before))
            for verdict in found
        ]
        news = [verdict for verdict, shown in zip(found, is_news, strict=True) if shown]
        rest = [verdict for verdict, shown in zip(found, is_news, strict=True) if not shown]
        if news:
            parts.append(_table(news, before))
        if rest:
            same = " as before" if before is not None else ""
            parts.append(folded(f"{plural(len(rest), 'threshold')} PASS{same}", _table(rest, before)))
        if scenario["aborted_by"] is not None:
            parts.append(f"Ended early by `abort_on_fail` of {escaped(scenario['aborted_by'])}.")
        parts += [f"<sub>{escaped(line)}</sub>" for line in step_time_lines(scenario)]
    if document["interrupted"]:
        parts.append("Interrupted: some stages are missing.")
    return "\n\n".join(parts) + "\n"


def _table(verdicts: Sequence[Document], before: dict[_Key, Document] | None) -> str:
    headers = ["", "threshold", "stage", "where", "asked", "measured"]
    rows = [
        [
            f"{MARKS[verdict['verdict']]} {verdict['verdict']}",
            escaped(measure_text(verdict)),
            escaped(verdict["stage"] or "full exposure"),
            escaped(part_text(verdict)),
            escaped(limit_text(verdict)),
            escaped(found_text(verdict)),
        ]
        for verdict in verdicts
    ]
    if before is not None:
        headers.append("change")
        for row, verdict in zip(rows, verdicts, strict=True):
            row.append(_change(verdict, before.get(_key(verdict))))
    return table(headers, rows)


def _change(verdict: Document, before: Document | None) -> str:
    if before is None:
        return "new"
    value, earlier = verdict["value"], before["value"]
    was = "" if verdict["verdict"] == before["verdict"] else f", was {before['verdict']}"
    if value is None or earlier is None:
        return was.removeprefix(", ") or NOTHING
    if isclose(value, earlier, rel_tol=_SAME):
        return f"none{was}"
    return (f"{value / earlier - 1.0:+.1%}" if earlier else f"from {earlier:g}") + was


def _verdicts(document: Document) -> str:
    found = [entry["verdict"] for entry in _entries(document)]
    parts = [f"{found.count(word)} {word}" for word in ("FAIL", "UNDECIDED", "PASS") if word in found]
    return ", ".join(parts) or "nothing was asked"


def _entries(document: Document) -> Sequence[Document]:
    return [
        {**verdict, "scenario": scenario["scenario"]}
        for scenario in document["scenarios"]
        for verdict in scenario["verdicts"]
    ]


def _key(entry: Document) -> _Key:
    names = ("scenario", "criterion", "threshold", *LABELS)
    return tuple(entry.get(name) for name in names)


def _is_known(entry: Document, before: dict[_Key, Document]) -> bool:
    """Whether the baseline says the same."""
    earlier = before.get(_key(entry))
    if earlier is None or earlier["verdict"] != entry["verdict"]:
        return False
    if entry["value"] is None or earlier["value"] is None:
        return entry["value"] is earlier["value"]
    return isclose(entry["value"], earlier["value"], rel_tol=_SAME)


def _is_same(entries: Sequence[Document], before: dict[_Key, Document]) -> bool:
    return len(entries) == len(before) and all(_is_known(entry, before) for entry in entries)
