"""What capacity a stage would need with a change and without it, on the page What-if."""

import pandas as pd
import streamlit as st

from simulator.app.components import table
from simulator.app.escaping import plain
from simulator.render.numbers import quantity
from simulator.studies.run.document import JsonObject


def capacity_headlines(capacity: JsonObject) -> None:
    """What is needed of each thing that can be bought, all regions together."""
    for path, before, after in _totals(capacity):
        st.metric(
            plain(f"Needed: {_name(path)}"),
            f"{after:,.0f}",
            "no change" if after == before else f"{after - before:+,.0f}",
            delta_color="off" if after == before else "inverse",
            delta_arrow="off" if after == before else "auto",
            help=plain(f"{path}, all regions; without the change it takes {before:,.0f}"),
            border=True,
        )


def show_capacity(capacity: JsonObject) -> None:
    """What is needed by region, on both sides, and what holding it costs."""
    st.subheader("Capacity needed", anchor=False)
    before, after = capacity["before"], capacity["after"]
    extra_usd = after["held"]["month"] - before["held"]["month"]
    sign = "−" if extra_usd < 0.0 else "+"
    held = quantity(after["held"]["month"], "money")
    cost = f"Holding it costs {held} a month ({sign}{quantity(abs(extra_usd), 'money')})."
    st.caption(
        plain(
            f"The cheapest under which every peak of {capacity['stage']} meets its objectives, headroom included, searched "
            f"as a plan does, on both sides with the same users. {cost}"
        )
    )
    if after["out_of_reach"]:
        missed = ", ".join(after["out_of_reach"])
        st.warning(
            plain(f"Not even the upper bounds of the knobs meet {missed}: shown is what comes nearest."),
            icon=":material/warning:",
        )
    table(_rows(capacity))


def capacity_text(capacity: JsonObject) -> str:
    """On one line, e.g. `large: tpm 1,200,000 (+0), agents: staff 300 (+81)`."""
    return ", ".join(
        f"{_name(path)} {after:,.0f} ({after - before:+,.0f})" for path, before, after in _totals(capacity)
    )


def _totals(capacity: JsonObject) -> list[tuple[str, float, float]]:
    """Path, and the amount in all regions without the change and with it."""
    before, after = capacity["before"]["amounts"], capacity["after"]["amounts"]
    return [(path, sum(before[path].values()), sum(after[path].values())) for path in after]


def _rows(capacity: JsonObject) -> pd.DataFrame:
    before = capacity["before"]["amounts"]
    return pd.DataFrame(
        [
            {
                "capacity": path,
                "in": region,
                "difference": f"{amount - before[path][region]:+,.0f}".replace("-", "−"),
                "without the change": f"{before[path][region]:,.0f}",
                "with the change": f"{amount:,.0f}",
            }
            for path, by_region in capacity["after"]["amounts"].items()
            for region, amount in by_region.items()
        ]
    )


def _name(path: str) -> str:
    """A knob's path in few words: `teams.agents.staff` is `agents: staff`."""
    _, name, *field = path.split(".")
    return f"{name}: {' '.join(field)}"
