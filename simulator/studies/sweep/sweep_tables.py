"""A sweep on the terminal: what was done, the Pareto front, and what moves what. Made from its document."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.render.footer import version
from simulator.render.numbers import quantity
from simulator.render.terminal_tables import Document, printable, table

MAX_ROWS = 20


def sweep_report(document: Document, _width: int) -> Group:
    """Everything `rollout sweep`, `rollout merge` and `rollout optimise` print."""
    parts: list[RenderableType] = [_headline(document)]
    if document["points"]:
        parts += [Text(), _front(document)]
    if document["sensitivity"]:
        parts += [Text(), _sensitivity(document["sensitivity"])]
    parts += [Text(), _footer(document)]
    return Group(*parts)


def _headline(document: Document) -> Text:
    n_points = len(document["points"])
    shard = document["shard"]
    lines = [
        f"{document['scenario']} · {document['design']} of {document['n_points']:,} points"
        + (f" · shard {shard[0]}/{shard[1]}" if shard else ""),
        f"{document['n_simulated']:,} simulated, {document['n_reused']:,} reused; {n_points:,} in the table",
    ]
    if document["missing"]:
        lines.append(f"{len(document['missing']):,} points are missing: go on with --resume")
    return Text("\n".join(printable(line) for line in lines))


def _front(document: Document) -> Table:
    """The points on the front, or all where they are few; best in the first goal first."""
    goals = [goal["response"] for goal in document["goals"]]
    paths = [factor["path"] for factor in document["factors"]]
    on_front = set(document["pareto"])
    points = [point for point in document["points"] if point["point"] in on_front]
    title = f"Pareto front: {len(points)} of {len(document['points'])} points"
    if len(document["points"]) <= MAX_ROWS:
        points, title = document["points"], "points (* on the Pareto front)"
    shown = points[:MAX_ROWS]
    if len(points) > len(shown):
        title += f", the first {MAX_ROWS}"
    grid = table(title=title)
    for name in ["point", *paths, *(goal for goal in goals if goal not in paths), "verdict"]:
        grid.add_column(Text(printable(name)), justify="left" if name == "verdict" else "right")
    for point in shown:
        mark = "*" if point["point"] in on_front else ""
        cells = [f"{point['point']}{mark}", *(_cell(point[path]) for path in paths)]
        cells += [_with_interval(point, goal) for goal in goals]
        grid.add_row(*map(Text, [*cells, point["verdict"] or ""]))
    return grid


def _sensitivity(rows: Sequence[Document]) -> Table:
    grid = table(title="what moves what")
    has_total = any(row["total"] is not None for row in rows)
    totals = ["with the others"] if has_total else []
    for name in ("response", "factor", "share of variance alone", *totals, "PAWN"):
        grid.add_column(name, justify="left" if name in ("response", "factor") else "right")
    for row in rows:
        shares = [f"{row['first_order']:.2f} ± {row['half_width']:.2f}"]
        if has_total:
            shares.append(f"{row['total']:.2f} ± {row['total_half_width']:.2f}")
        grid.add_row(Text(row["response"]), Text(printable(row["factor"])), *shares, f"{row['pawn']:.2f}")
    return grid


def _footer(document: Document) -> Text:
    lines = [
        f"seed {document['seed']} · replications per point: {document['replications']}, with the same seeds at all",
        f"table: {document['files']['responses']} · page: {document['files']['page']}",
        f"done in {quantity(document['wall_s'], 'time')} · {version(document)}",
    ]
    return Text("\n".join(printable(line) for line in lines), style="dim")


def _with_interval(point: Document, name: str) -> str:
    value = point.get(name)
    low, high = point.get(f"{name}.low"), point.get(f"{name}.high")
    if value is None:
        return "-"
    if low is None or high is None or low == high:
        return f"{value:.4g}"
    return f"{value:.4g} ({low:.4g} … {high:.4g})"


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else printable(str(value))
