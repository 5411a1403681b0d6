"""A sweep as one page to look around in: it needs no network, and can be sent as it is."""

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from simulator.render.html import html_figures, html_page
from simulator.results.store.sweep_folder import SweepRecord
from simulator.studies.sweep.response_table import IS_PARETO, goals_of

PAGE = "sweep.html"
_ON, _OFF = "#c2410c", "#64748b"


def sweep_page(record: SweepRecord, table: pd.DataFrame, sensitivity: pd.DataFrame) -> str:
    """HTML of a sweep: trade-off, parallel coordinates, sensitivity, and all points.

    Parameters
    ----------
    table : of `simulator.studies.sweep.response_table.response_table`
    sensitivity : of `sensitivity_table`
    """
    title = f"Sweep of {record.scenario}"
    n_done, n_points = len(table), len(record.points)
    says = (
        f"Design {record.design}, {n_done:,} of {n_points:,} points, {len(record.seeds)} replications each, "
        f"first seed {record.seeds[0]}; engine {record.engine_version}, scenario {record.scenario_hash[:12]}. All points "
        "share their seeds, so differences between them are not luck of the draw."
    )
    figures = html_figures(sweep_figures(record, table, sensitivity))
    return html_page(title, [f"<h1>{escape(title)}</h1>", f"<p>{escape(says)}</p>", *figures])


def sweep_figures(
    record: SweepRecord, table: pd.DataFrame, sensitivity: pd.DataFrame
) -> dict[str, go.Figure]:
    """The figures of a sweep by title; those that have nothing to show are left out."""
    figures: dict[str, go.Figure] = {}
    paths = [factor["path"] for factor in record.factors]
    seen = [g.response for g in goals_of(record) if g.response in table and table[g.response].notna().any()]
    if seen and len(table):
        figures["Trade-off"] = trade_off(table, paths, seen)
        figures["Parallel coordinates"] = _parallel(table, paths, seen)
    if len(sensitivity):
        figures["Sensitivity"] = _sensitivity(sensitivity)
    figures["Points"] = _all_points(table, paths, seen)
    return figures


def trade_off(table: pd.DataFrame, paths: Sequence[str], goals: Sequence[str]) -> go.Figure:
    """The first two goals against each other; of one goal, it against the first factor. With 95 % intervals."""
    x, y = (goals[0], goals[1]) if len(goals) > 1 else (paths[0], goals[0])
    figure = go.Figure()
    labels = [_label(row, [*paths, *goals]) for row in table.to_dict(orient="records")]
    for is_on, name, color in ((False, "beaten", _OFF), (True, "on the Pareto front", _ON)):
        chosen = table[IS_PARETO] == is_on
        part = table[chosen]
        figure.add_trace(
            go.Scatter(
                x=part[x].tolist(),
                y=part[y].tolist(),
                error_x=_bars(part, x),
                error_y=_bars(part, y),
                mode="markers",
                name=name,
                marker={"color": color, "size": 9},
                text=[label for label, shown in zip(labels, chosen, strict=True) if shown],
                hovertemplate="%{text}<extra></extra>",
            )
        )
    figure.update_layout(xaxis_title=x, yaxis_title=y, template="plotly_white", height=520)
    return figure


def _bars(table: pd.DataFrame, name: str) -> dict[str, Any] | None:
    if f"{name}.low" not in table:
        return None
    above, below = table[f"{name}.high"] - table[name], table[name] - table[f"{name}.low"]
    return {"array": above.tolist(), "arrayminus": below.tolist(), "thickness": 1, "width": 0}


def _parallel(table: pd.DataFrame, paths: Sequence[str], goals: Sequence[str]) -> go.Figure:
    dimensions: list[dict[str, Any]] = []
    for name in [*paths, *goals]:
        column = table[name]
        if pd.api.types.is_numeric_dtype(column):
            dimensions.append({"label": name, "values": column.tolist()})
        else:
            codes, words = pd.factorize(column)
            dimensions.append(
                {
                    "label": name,
                    "values": codes.tolist(),
                    "tickvals": list(range(len(words))),
                    "ticktext": [str(word) for word in words],
                }
            )
    line = {
        "color": table[IS_PARETO].astype(int).tolist(),
        "colorscale": [[0, _OFF], [1, _ON]],
        "cmin": 0,
        "cmax": 1,
    }
    figure = go.Figure(go.Parcoords(dimensions=dimensions, line=line))
    figure.update_layout(template="plotly_white", height=460, margin={"l": 90, "r": 90, "t": 80})
    return figure


def _sensitivity(sensitivity: pd.DataFrame) -> go.Figure:
    figure = go.Figure()
    shares = [("first_order", "half_width", "")]
    if sensitivity["total"].notna().all():
        shares.append(("total", "total_half_width", ", with the others"))
    for response, part in sensitivity.groupby("response", sort=False):
        for share, half_width, suffix in shares:
            figure.add_trace(
                go.Bar(
                    x=part[share].tolist(),
                    y=part["factor"].tolist(),
                    error_x={"array": part[half_width].tolist()},
                    orientation="h",
                    name=f"{response}{suffix}",
                )
            )
    figure.update_layout(
        template="plotly_white",
        barmode="group",
        xaxis_title="share of the variance explained by the factor, alone unless said otherwise",
    )
    return figure


def _all_points(table: pd.DataFrame, paths: Sequence[str], goals: Sequence[str]) -> go.Figure:
    names = ["point", *paths, *goals, "verdict"]
    cells = [[_text(value) for value in table[name].tolist()] for name in names]
    figure = go.Figure(go.Table(header={"values": [escape(name) for name in names]}, cells={"values": cells}))
    figure.update_layout(height=520, margin={"t": 10})
    return figure


def _label(row: dict[Any, Any], names: Sequence[str]) -> str:
    return f"point {row['point']}<br>" + "<br>".join(f"{escape(n)} = {_text(row[n])}" for n in names)


def _text(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, float) else escape("" if value is None else str(value))
