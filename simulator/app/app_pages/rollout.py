"""When does each stage begin, what stands before it, what is ordered by when, and what would more capacity do?"""

from collections.abc import Iterator

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import chart, downloads, figures_row, head, missing, show_tabs, table
from simulator.app.planned import plan_shown
from simulator.app.snippets import KNOBS
from simulator.app.tabs.canary import show_canary
from simulator.app.tabs.checklist import show_checklist
from simulator.app.tabs.drift import show_drift
from simulator.app.tabs.gates import show_gates
from simulator.render.figures import timeline_figure
from simulator.render.numbers import estimate, quantity
from simulator.studies.plan.plan_figures import trade_figures
from simulator.studies.run.document import JsonObject

_HOLDS = {True: "yes", False: "no", None: "not asked"}


def render() -> None:
    """Show the page."""
    head(
        "Rollout",
        "When does each stage begin, what must be there before it, and would a bad release or a slow decay be noticed?",
    )
    current = session.current()
    if current is None:
        return
    show_tabs(
        "rollout",
        Stages_and_orders=lambda: _stages(current),
        Gates=lambda: show_gates(current),
        Checklist=lambda: show_checklist(current),
        Trade_off=lambda: _trade_off(current),
        Canary=lambda: show_canary(current),
        Drift=lambda: show_drift(current),
    )


def _stages(current: session.Current) -> None:
    document = plan_shown(current)
    if document is None:
        return
    chart(timeline_figure(document), "timeline", "Stages on the calendar, and the last days to order")
    st.subheader("What is to be in place", anchor=False)
    orders = _orders(document)
    if orders.empty:
        missing("Nothing is to be ordered. Say what can be bought in `capacity.knobs`, for example", KNOBS)
        return
    table(orders)
    downloads("orders", document, orders, lambda: {"Stages and orders": timeline_figure(document)})


def _orders(document: JsonObject) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "stage": stage["name"],
                "begins": stage["start"][:10],
                "decision": stage["decision"],
                "capacity": path,
                "order by": stage["order_by"].get(path, ""),
                **{region: f"{amount:,.0f}" for region, amount in by_region.items()},
            }
            for stage in document["stages"]
            for path, by_region in stage["capacity"].items()
        ]
    ).fillna("")


def _trade_off(current: session.Current) -> None:
    """What more or less capacity would do: the fronts of the plan."""
    if not current.loaded.scenario.capacity.knobs:
        missing(
            "There is nothing to choose from. Say what can be bought in `capacity.knobs`, for example", KNOBS
        )
        return
    document = plan_shown(current)
    if document is None:
        return
    figures = trade_figures(document)
    if not figures:
        st.info(
            "The plan tried one capacity only at every stage, so there is nothing to trade. Wider "
            "`capacity.knobs` give it more.",
            icon=":material/balance:",
        )
        return
    st.caption(
        "Capacities that the plan tried and of which none is both dearer and worse; the star is what is planned. The "
        "cheapest that holds is planned: less misses an objective, more costs more."
    )
    figures_row(*((title, figure, f"trade_{place}") for place, (title, figure) in enumerate(figures.items())))
    rows = pd.DataFrame(_points(document))
    table(rows)
    downloads("trade-off", document, rows, lambda: figures)


def _points(document: JsonObject) -> Iterator[dict[str, str]]:
    for stage in document["stages"]:
        for point in stage.get("trade_off", ()):
            yield {
                "stage": stage["name"],
                "planned": "yes" if point["is_planned"] else "",
                "cost per month": quantity(point["cost"]["month"], "money"),
                "p95 latency": estimate(point["latency_p95_s"], "time").line,
                "availability": estimate(point["availability"], "share").line,
                "objectives hold": _HOLDS[point["holds"]],
                **{
                    path: ", ".join(f"{region} {amount:,.0f}" for region, amount in by_region.items())
                    for path, by_region in point["capacity"].items()
                },
            }
