"""Figures of a plan: demand and capacity on the calendar, latency against its objectives, what a month costs."""

from collections.abc import Sequence

from plotly.graph_objects import Bar, Figure, Scatter

from simulator.render.palette import PALETTE
from simulator.render.terminal_tables import Document
from simulator.studies.run.accuracy_by_class import RightShares, right_shares

# Okabe and Ito, "Color Universal Design" (2008): told apart with every kind of colour blindness.
_LAYOUT = {"template": "plotly_white", "height": 380, "margin": {"t": 30, "l": 70, "r": 20}}
_SYMBOLS = {"complexity": "circle", "language": "diamond", "target": "square"}
TRADES = {
    "Cost against latency": ("latency_p95_s", "p95 latency at the peak, seconds", 1.0),
    "Cost against availability": ("availability", "availability at the peak, %", 100.0),
}


def plan_figures(document: Document) -> dict[str, Figure]:
    """Figures by title; those that have nothing to show are left out."""
    stages = document["stages"]
    if not stages:
        return {}
    figures = {"Demand on the calendar": _demand(stages)}
    if any(stage["capacity"] for stage in stages):
        figures["Capacity on the calendar"] = _capacity(stages)
    if any("latency" in verdict["metric"] for stage in stages for verdict in stage["verdicts"]):
        figures["Latency against its objectives"] = _latency(stages)
    if answered := list(right_shares(stages)):
        figures["Who is answered right"] = _answered([stage["name"] for stage in stages], answered)
    figures["Cost of a month"] = _cost(stages)
    figures |= trade_figures(document)
    drawn = [stage for stage in stages if "uncertainty" in stage]
    if drawn:
        figures["Cost of a month under uncertain inputs"] = _fan(drawn)
        if rows := drawn[-1]["uncertainty"]["sensitivity"]["month_usd"]:
            figures[f"What moves the cost of {drawn[-1]['name']}"] = _tornado(drawn[-1], rows)
    return figures


def trade_figures(document: Document) -> dict[str, Figure]:
    """What more or less capacity would do, by title; a stage is there if it has something to choose from."""
    found = {title: _trade_off(document["stages"], *of) for title, of in TRADES.items()}
    return {title: figure for title, figure in found.items() if figure is not None}


def _steps(stages: list[Document], values: list[float]) -> tuple[list[str], list[float]]:
    """A step per stage on the calendar."""
    times, levels = [], []
    for stage, value in zip(stages, values, strict=True):
        times += [stage["start"][:10], stage["end"][:10]]
        levels += [value, value]
    return times, levels


def _demand(stages: list[Document]) -> Figure:
    figure = Figure()
    for place, region in enumerate(stages[0]["demand"]["by_region"]):
        times, levels = _steps(stages, [stage["demand"]["by_region"].get(region, 0.0) for stage in stages])
        line = {"color": PALETTE[place % len(PALETTE)]}
        figure.add_trace(
            Scatter(x=times, y=levels, name=region, mode="lines", line=line, stackgroup="demand")
        )
    return figure.update_layout(
        **_LAYOUT, xaxis_title="date", yaxis_title="peak demand, actions per second", legend_title="users in"
    )


def _capacity(stages: list[Document]) -> Figure:
    """Each capacity as a share of the most that the plan asks for, all regions together."""
    figure = Figure()
    paths = list(dict.fromkeys(path for stage in stages for path in stage["capacity"]))
    for place, path in enumerate(paths):
        totals = [sum(stage["capacity"].get(path, {}).values()) for stage in stages]
        most = max(totals) or 1.0
        times, levels = _steps(stages, [100.0 * total / most for total in totals])
        figure.add_trace(
            Scatter(
                x=times,
                y=levels,
                name=f"{path} (100 % is {most:,.0f})",
                mode="lines",
                line={"color": PALETTE[place % len(PALETTE)], "shape": "hv"},
            )
        )
    layout = _LAYOUT | {"legend": {"orientation": "h", "y": -0.25}}
    return figure.update_layout(**layout, xaxis_title="date", yaxis_title="capacity, % of the most needed")


def _latency(stages: list[Document]) -> Figure:
    """p95 at the peak, with its interval, and the limits of the objectives on latency."""
    found = [(stage["name"], stage["metrics"]["latency_s"]["p95"]) for stage in stages]
    known = [(name, estimate) for name, estimate in found if estimate is not None]
    error = {
        "array": [(estimate["high"] or estimate["value"]) - estimate["value"] for _, estimate in known],
        "arrayminus": [estimate["value"] - (estimate["low"] or estimate["value"]) for _, estimate in known],
    }
    names = [name for name, _ in known]
    figure = Figure(
        Bar(
            x=names,
            y=[estimate["value"] for _, estimate in known],
            error_y={"type": "data", "symmetric": False, **error},
            marker_color=PALETTE[0],
            name="p95 latency, all workloads",
        )
    )
    limits = {
        (verdict["slo"], verdict["metric"], verdict["limit"])
        for stage in stages
        for verdict in stage["verdicts"]
        if verdict["metric"].endswith(" latency")
    }
    for slo, metric, limit in sorted(limits):
        figure.add_hline(y=limit, line_dash="dash", line_color=PALETTE[5], annotation_text=f"{slo}: {metric}")
    return figure.update_layout(**_LAYOUT, xaxis_title="stage", yaxis_title="seconds")


def _answered(names: list[str], shares: Sequence[RightShares]) -> Figure:
    """Share of right answers of each class, language and model at the peak, with its interval."""
    figure = Figure()
    for place, one in enumerate(shares):
        known = [(name, found) for name, found in zip(names, one.estimates, strict=True) if found is not None]
        upper = [100.0 * ((found["high"] or found["value"]) - found["value"]) for _, found in known]
        lower = [100.0 * (found["value"] - (found["low"] or found["value"])) for _, found in known]
        figure.add_trace(
            Scatter(
                x=[name for name, _ in known],
                y=[100.0 * found["value"] for _, found in known],
                error_y={"type": "data", "symmetric": False, "array": upper, "arrayminus": lower},
                name=one.label,
                mode="lines+markers",
                marker={"symbol": _SYMBOLS[one.kind], "size": 9, "color": PALETTE[place % len(PALETTE)]},
                line={"width": 1},
            )
        )
    return figure.update_layout(**_LAYOUT, xaxis_title="stage", yaxis_title="right at the peak, %")


def _cost(stages: list[Document]) -> Figure:
    figure = Figure()
    names = [stage["name"] for stage in stages]
    categories = list(dict.fromkeys(name for stage in stages for name in stage["cost"]["by_category"]))
    for place, category in enumerate(categories):
        amounts = [stage["cost"]["by_category"].get(category, {}).get("value", 0.0) for stage in stages]
        figure.add_trace(
            Bar(
                x=names,
                y=amounts,
                name=category.replace("_", " "),
                marker_color=PALETTE[place % len(PALETTE)],
            )
        )
    return figure.update_layout(
        **_LAYOUT, barmode="stack", xaxis_title="stage", yaxis_title="US dollars in a month of 730 h"
    )


def _fan(stages: list[Document]) -> Figure:
    """P10 to P90 of a month's cost, and what the plan says of it."""
    names = [stage["name"] for stage in stages]
    bands = [stage["uncertainty"]["figures"]["month_usd"] for stage in stages]
    middle = [band["p50"] for band in bands]
    figure = Figure(
        Scatter(
            x=names,
            y=middle,
            mode="markers",
            name="P50, with P10 and P90",
            marker={"color": PALETTE[0], "size": 10},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [band["p90"] - band["p50"] for band in bands],
                "arrayminus": [band["p50"] - band["p10"] for band in bands],
            },
        )
    )
    planned = [stage["cost"]["month"]["value"] for stage in stages]
    mark = {"color": PALETTE[5], "size": 10, "symbol": "x"}
    figure.add_trace(Scatter(x=names, y=planned, mode="markers", name="inputs as stated", marker=mark))
    return figure.update_layout(
        **_LAYOUT, xaxis_title="stage", yaxis_title="US dollars in a month of 730 h", yaxis_rangemode="tozero"
    )


def _tornado(stage: Document, rows: list[Document]) -> Figure:
    """What each input does alone, the strongest on top: a bar from its P10 to its P90."""
    found = [row for row in reversed(rows) if row["low"] is not None and row["high"] is not None]
    figure = Figure(
        Bar(
            y=[row["input"].replace("_", " ") for row in found],
            base=[min(row["low"], row["high"]) for row in found],
            x=[abs(row["high"] - row["low"]) for row in found],
            orientation="h",
            marker_color=PALETTE[0],
            text=[f"× {row['low_factor']:.2f} to × {row['high_factor']:.2f}" for row in found],
        )
    )
    figure.add_vline(x=stage["cost"]["month"]["value"], line_dash="dash", line_color=PALETTE[5])
    layout = _LAYOUT | {"margin": {"t": 30, "l": 120, "r": 20}}
    return figure.update_layout(
        **layout, xaxis_title="US dollars in a month of 730 h", yaxis_title="input alone, P10 to P90"
    )


def _trade_off(stages: Sequence[Document], key: str, title: str, factor: float) -> Figure | None:
    """Cost of a month against a measure of the busiest hour, a line per stage; None: nothing to show.

    Parameters
    ----------
    key : of a point, `latency_p95_s` or `availability`
    title : of the axis
    factor : on the measure
    """
    front = f"on_{key.split('_')[0]}_front"
    figure = Figure()
    for place, stage in enumerate(stages):
        points = [point for point in stage.get("trade_off", ()) if point[front] and point[key] is not None]
        if len(points) < 2:
            continue
        figure.add_trace(
            Scatter(
                x=[point["cost"]["month"] for point in points],
                y=[factor * point[key]["value"] for point in points],
                mode="lines+markers",
                name=stage["name"],
                line={"color": PALETTE[place % len(PALETTE)], "shape": "hv"},
                marker={
                    "size": [14 if point["is_planned"] else 7 for point in points],
                    "symbol": ["star" if point["is_planned"] else "circle" for point in points],
                },
                hovertext=[_amounts(point) for point in points],
            )
        )
    if not figure.data:
        return None
    if all(cost > 0.0 for trace in figure.data for cost in trace.x):
        figure.update_xaxes(type="log")  # a pilot costs a hundredth of what everybody does
    return figure.update_layout(
        **_LAYOUT, xaxis_title="US dollars in a month of 730 h (star: planned)", yaxis_title=title
    )


def _amounts(point: Document) -> str:
    return ", ".join(
        f"{path} {region} {amount:,.0f}"
        for path, by_region in point["capacity"].items()
        for region, amount in by_region.items()
    )
