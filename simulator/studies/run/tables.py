"""A run on the terminal: measures, rates and cost of everything, then by workload, region and target.

Made from the document of `rollout run --json`, so that both always say the same.
"""

from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.metrics.dimensions import OF_ACTIONS
from simulator.render.footer import footer
from simulator.render.numbers import Unit, estimate, quantity
from simulator.render.terminal_tables import Document, Row, at, grids, joined, notes, spaced, table, words
from simulator.render.verdict_table import verdict_tables

_MEASURES = (
    ("latency", "latency_s"),
    ("first token", "ttft_s"),
    ("per output token", "tpot_s"),
    ("queue wait", "queue_wait_s"),
    ("resolution", "resolution_s"),
)
_STATISTICS = ("mean", "p50", "p95", "p99")
_RATES: tuple[tuple[str, str, Unit], ...] = (
    ("arrivals", "metrics.arrival_rps", "rate"),
    ("goodput", "metrics.goodput_rps", "rate"),
    ("p95 latency", "metrics.latency_s.p95", "time"),
    ("p95 token", "metrics.ttft_s.p95", "time"),
    ("available", "metrics.availability", "share"),
    ("success", "metrics.success_rate", "share"),
    ("grounded", "metrics.groundedness", "share"),
    ("overridden", "metrics.override_rate", "share"),
    ("cache hits", "metrics.cache_hit_rate", "share"),
    ("$/action", "metrics.cost_per_action", "money"),
    ("$/success", "metrics.cost_per_successful_action", "money"),
)
_AT_TARGET: tuple[tuple[str, str, Unit], ...] = (
    ("busy", "utilization", "share"),
    ("load", "offered_load_erlangs", "number"),
    ("p95 wait", "queue_wait_s.p95", "time"),
    ("per minute", "requests_per_minute", "number"),
    ("errors", "error_rate", "share"),
    ("429", "rate_limited_rate", "share"),
    ("right", "right_rate", "share"),
    ("grounded", "grounded_rate", "share"),
    ("batch", "batch_size", "number"),
    ("KV cache", "kv_usage", "share"),
    ("preempted/min", "preemptions_per_minute", "number"),
    ("prefix hits", "prefix_hit_rate", "share"),
    ("interrupted/h", "interruptions_per_hour", "number"),
    ("Wh/action", "energy_per_action_wh", "number"),
    ("$/Mtok", "cost_per_million_tokens", "money"),
    ("cost", "cost", "money"),
)
_ZERO_IS_NO_NEWS = ("errors", "429", "preempted/min", "prefix hits", "interrupted/h")
_ALL_IS_NO_NEWS = ("grounded",)
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
    for label, name in _MEASURES:
        spread = at(document, f"metrics.{name}")
        if spread is not None and spread["mean"] is not None:
            rows.append(Row(label, [estimate(spread[statistic], "time") for statistic in _STATISTICS]))
    return grids(_STATISTICS, [rows], width, "times") if rows else []


def _breakdown(document: Document, width: int) -> list[Table]:
    """Return a row for everything, and one for each part by which there are several."""
    parts: dict[str, Document] = {"all": document}
    sections = [1]
    for kind in (one.name for one in OF_ACTIONS):
        named: Mapping[str, Document] = document["by"].get(kind, {})
        if len(named) > 1:
            sections.append(len(parts))
            parts |= {f"{kind} {name}": part for name, part in named.items()}
    columns = [column for column in _RATES if _says_something(column, parts)]
    rows = [
        Row(label, [estimate(at(part, path), unit) for _, path, unit in columns])
        for label, part in parts.items()
    ]
    edges = [0, *sections, len(rows)]
    groups = [rows[start:end] for start, end in pairwise(dict.fromkeys(edges))]
    return grids([header for header, _, _ in columns], groups, width, "rates and cost")


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
    columns = [column for column in _AT_TARGET if _says_something(column, targets)]
    rows = [
        Row(name, [estimate(at(part, path), unit) for _, path, unit in columns])
        for name, part in targets.items()
    ]
    return grids([header for header, _, _ in columns], [rows], width, "targets") if rows else []


def _says_something(column: tuple[str, str, Unit], parts: Mapping[str, Document]) -> bool:
    """Whether a column has any value, and, where no news is good news, any that is news."""
    header, path, unit = column
    values = [found["value"] for part in parts.values() if (found := at(part, path)) is not None]
    if header in _ALL_IS_NO_NEWS:
        return any(value < 1.0 for value in values)
    return any(values) if unit == "money" or header in _ZERO_IS_NO_NEWS else bool(values)


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
