"""A run on the terminal: measures, rates and cost of everything, then by workload, region and target.

Made from the document of `rollout run --json`, so that both always say the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.metrics.definition import STATISTICS
from simulator.metrics.dimensions import OF_ACTIONS
from simulator.metrics.registry import ACTIONS, COSTS, TARGET_COSTS, TARGETS
from simulator.render.footer import footer
from simulator.render.metric_columns import MetricColumn, metric_columns
from simulator.render.numbers import estimate, quantity
from simulator.render.terminal_tables import Document, Row, at, grids, joined, notes, spaced, table, words
from simulator.render.verdict_table import verdict_tables

_OF_ACTIONS = metric_columns([*ACTIONS.values(), *COSTS.values()], "metrics.")
_OF_TARGETS = metric_columns([*TARGETS.values(), *TARGET_COSTS.values()])
_ENDS = ("succeeded", "degraded", "failed", "rejected", "abandoned")


def run_report(document: Document, width: int) -> Group:
    """Everything `rollout run` prints, laid out for a terminal so many cells wide."""
    parts: list[RenderableType] = [_headline(document)]
    parts += _measures(document, width)
    parts += _breakdown(document, width)
    parts.append(_outcomes(document["counts"], document["replications"]))
    parts += _targets(document["by"]["target"], width)
    if document["cost"]["by_category"]:
        parts.append(_cost(document["cost"]))
    if document["verdicts"]:
        parts += verdict_tables(document["verdicts"], width)
    if document["warnings"]:
        parts.append(notes(document["warnings"]))
    return spaced([*parts, footer(document)])


def _headline(document: Document) -> Text:
    stage = "full exposure" if document["stage"] is None else f"stage {document['stage']}"
    span = quantity(document["window_s"], "time")
    start = datetime.fromisoformat(document["start"])
    line = Text.assemble(
        words(document["scenario"], "bold"),
        words(f"  {stage}, {document['window']} window: {span} from {start:%a %Y-%m-%d %H:%M} UTC"),
    )
    if document["interrupted"]:
        line.append("  interrupted", style="yellow")
    return line


def _measures(document: Document, width: int) -> list[Table]:
    rows = []
    for found in ACTIONS.values():
        spread = at(document, f"metrics.{found.key}") if found.kind == "spread" else None
        if spread is not None and spread["mean"] is not None:
            rows.append(Row(found.label, [estimate(spread[statistic], "time") for statistic in STATISTICS]))
    return grids(list(STATISTICS), [rows], width, "times") if rows else []


def _breakdown(document: Document, width: int) -> list[Table]:
    """Return a row for everything, and one for each part by which there are several."""
    parts: dict[str, Document] = {"all": document}
    sections = [1]
    for kind in (one.name for one in OF_ACTIONS):
        named: Mapping[str, Document] = document["by"].get(kind, {})
        if len(named) > 1:
            sections.append(len(parts))
            parts |= {f"{kind} {name}": part for name, part in named.items()}
    columns = [column for column in _OF_ACTIONS if column.says_something(parts.values())]
    rows = [_row(label, part, columns) for label, part in parts.items()]
    edges = [0, *sections, len(rows)]
    groups = [rows[start:end] for start, end in pairwise(dict.fromkeys(edges))]
    return grids([column.heading for column in columns], groups, width, "rates and cost")


def _outcomes(counts: Mapping[str, int], n_runs: int) -> Table:
    made = table(
        "outcomes", "actions" if n_runs == 1 else f"actions in {n_runs} runs", "of ended", right=(1, 2)
    )
    ended = sum(counts[name] for name in _ENDS)
    for name in ("arrived", *_ENDS, "in_flight"):
        share = quantity(counts[name] / ended, "share") if name in _ENDS and ended else ""
        if counts[name] or name == "arrived":
            made.add_row(name.replace("_", " "), quantity(counts[name], "count"), share)
    return made


def _targets(targets: Mapping[str, Document], width: int) -> list[Table]:
    columns = [column for column in _OF_TARGETS if column.says_something(targets.values())]
    rows = [_row(name, part, columns) for name, part in targets.items()]
    return grids([column.heading for column in columns], [rows], width, "targets") if rows else []


def _row(label: str, part: Document, columns: Sequence[MetricColumn]) -> Row:
    return Row(label, [estimate(at(part, column.path), column.unit) for column in columns])


def _cost(cost: Document) -> Table:
    made = table("cost of the window", "USD", "share", right=(1, 2))
    total = at(cost, "total.value")
    for category, amount in cost["by_category"].items():
        share = amount["value"] / total if total and amount["value"] is not None else None
        made.add_row(
            words(category.replace("_", " ")), joined(estimate(amount, "money")), quantity(share, "share")
        )
    made.add_section()
    made.add_row("total", joined(estimate(cost["total"], "money")), "")
    return made
