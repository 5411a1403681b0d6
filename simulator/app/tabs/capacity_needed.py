"""What capacity a stage would need with a change and without it, in the headlines and the basket of the page What-if."""

import streamlit as st

from simulator.app.escaping import plain
from simulator.studies.what_if.report import CapacityReport


def capacity_headlines(report: CapacityReport) -> None:
    """What is needed of each thing that can be bought, all regions together."""
    for need in report.totals():
        is_same = need.difference == 0.0
        st.metric(
            plain(f"Needed: {_name(need.path)}"),
            f"{need.after:,.0f}",
            "no change" if is_same else f"{need.difference:+,.0f}",
            delta_color="off" if is_same else "inverse",
            delta_arrow="off" if is_same else "auto",
            help=plain(f"{need.path}, all regions; without the change it takes {need.before:,.0f}"),
            border=True,
        )


def capacity_text(report: CapacityReport) -> str:
    """On one line, e.g. `large: tpm 1,200,000 (+0), agents: staff 300 (+81)`."""
    return ", ".join(
        f"{_name(need.path)} {need.after:,.0f} ({need.difference:+,.0f})" for need in report.totals()
    )


def _name(path: str) -> str:
    """A knob's path in few words: `teams.agents.staff` is `agents: staff`."""
    _, name, *field = path.split(".")
    return f"{name}: {' '.join(field)}"
