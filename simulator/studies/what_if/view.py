"""A what-if for people: what was changed, every measure on both sides, what moved, and the capacity that it takes."""

from functools import partial

from simulator.render.numbers import quantity, unit_of
from simulator.render.sections import Figure, Heading, Notes, Quantity, Row, Section, Table, table_of
from simulator.studies.common.changes.change_text import after_cell, difference_cell, reading_text
from simulator.studies.common.verdicts.criterion_text import FULL_EXPOSURE, measure_text, part_text
from simulator.studies.footer import footer
from simulator.studies.what_if import capacity_view
from simulator.studies.what_if.figures import what_if_figure
from simulator.studies.what_if.report import WhatIfReport

_COLUMNS = ("of", "reads as", "difference", "baseline", "with the change")


def sections(report: WhatIfReport) -> list[Section]:
    """Everything `rollout what-if` shows."""
    where = f"{report.scenario} · {report.stage or FULL_EXPOSURE}, at the peak"
    capacity = [] if report.capacity is None else capacity_view.tables(report.capacity)
    return [
        Heading(f"{where}: {change_text(report)}"),
        measures_table(report),
        findings(report),
        *moved_figure(report),
        *capacity,
        footer(
            report,
            f"seed {report.seed} · {report.n_pairs} pairs of {quantity(report.window_s, 'time')} on the same users with "
            "the same luck; intervals are 95 % of the paired difference",
        ),
    ]


def change_text(report: WhatIfReport) -> str:
    """What was changed."""
    demand = [] if report.demand_factor == 1.0 else [f"demand × {report.demand_factor:g}"]
    return "; ".join([*report.overrides, *demand]) or "nothing is changed"


def measures_table(report: WhatIfReport) -> Table:
    """Every measure on both sides, and the paired difference."""
    rows = [
        Row(
            measure_text(found),
            [
                part_text(found),
                reading_text(found),
                difference_cell(found),
                Quantity(found.before.value, unit_of(found.metric)),
                after_cell(found),
            ],
        )
        for found in report.measures
    ]
    return table_of("", "measure", _COLUMNS, rows)


def findings(report: WhatIfReport) -> Notes:
    """Where work piles up, with the change and without it, and spans that are too short."""
    sides = (("with the change", report.backlogs), ("without it", report.backlogs_before))
    lines = [f"{side}: {found.message}" for side, backlogs in sides for found in backlogs]
    return Notes([*lines, *report.warnings])


def moved_figure(report: WhatIfReport) -> list[Figure]:
    """What moved, and which way; nothing if nothing moved."""
    if all(found.direction == "none" for found in report.measures):
        return []
    title = "Change of every measure"
    return [Figure(title, partial(what_if_figure, report.measures), f"{title} with its interval")]
