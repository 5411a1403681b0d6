"""The page of every name in results, written from where they are declared, so that it cannot fall behind.

`python -m scripts.docs.columns_page > docs/reference/columns.md`
"""

from collections.abc import Iterable, Mapping

from simulator.metrics.actions import ActionCosts, ActionMetrics
from simulator.metrics.counts import Counts
from simulator.metrics.definition import STATISTICS, Definition, Kind, definitions
from simulator.metrics.dictionary import REQUESTS, SERIES, TARGET_SERIES, Column, ColumnType
from simulator.metrics.targets import TargetCosts, TargetMetrics

_INTRODUCTION = """# Columns and metrics

Every name you can read in a summary, a data frame or a Parquet file. This page is written by
`python -m scripts.docs.columns_page`; edit `simulator/metrics` instead.
"""
_TYPES: Mapping[ColumnType, str] = {
    "int64": "integer",
    "float64": "number",
    "bool": "true / false",
    "str": "text",
    "datetime64[us, UTC]": "time (UTC)",
}
_KINDS: Mapping[Kind, str] = {
    "count": "integer",
    "estimate": "number",
    "word": "text",
    "spread": ", ".join(STATISTICS),
}
_Rows = list[tuple[str, str, str, str]]


def groups() -> dict[str, tuple[str, _Rows]]:
    """What a title is of, and its rows: name, type, unit and meaning."""
    return {
        "Counts": (
            "`counts` of a summary: whole actions, added up over all replications.",
            _of_metrics(definitions(Counts).values()),
        ),
        "Metrics": (
            "`metrics` of a summary: estimates `{value, low, high}` with 95 % intervals; null where unknown.",
            _of_metrics([*definitions(ActionMetrics).values(), *definitions(ActionCosts).values()]),
        ),
        "Targets": (
            "`by.target` of a summary, per model, service and team.",
            _of_metrics([*definitions(TargetMetrics).values(), *definitions(TargetCosts).values()]),
        ),
        "Series": (
            "`series.parquet`: a row per replication x time bucket x part of the actions.",
            _of_columns(SERIES),
        ),
        "Target series": (
            "A row per replication x time bucket x target x region of the target.",
            _of_columns(TARGET_SERIES),
        ),
        "Requests": (
            "`requests.parquet`, on request: a row per action that ended.",
            _of_columns(REQUESTS),
        ),
    }


def columns_page() -> str:
    """The page as Markdown: a table per group."""
    lines = [_INTRODUCTION.rstrip()]
    for title, (introduction, rows) in groups().items():
        lines += ["", f"## {title}", "", introduction, ""]
        lines += ["| name | type | unit | meaning |", "| --- | --- | --- | --- |"]
        lines += [f"| `{name}` | {kind} | {unit} | {meaning} |" for name, kind, unit, meaning in rows]
    return "\n".join(lines) + "\n"


def _of_metrics(metrics: Iterable[Definition]) -> _Rows:
    return [(found.key, _KINDS[found.kind], found.unit, found.description) for found in metrics]


def _of_columns(columns: Iterable[Column]) -> _Rows:
    return [(column.name, _TYPES[column.type], column.unit, column.description) for column in columns]


if __name__ == "__main__":
    print(columns_page(), end="")
