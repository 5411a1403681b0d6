"""The capacity that a change takes, for people: by knob and region, and what holding it costs."""

from simulator.render.sections import Notes, Quantity, Row, Section, table_of
from simulator.studies.footer import footer
from simulator.studies.what_if.report import CapacityReport

_COLUMNS = ("in", "difference", "without the change", "with the change")


def sections(report: CapacityReport) -> list[Section]:
    """Everything that a search for capacity shows."""
    return [*tables(report), footer(report)]


def tables(report: CapacityReport) -> list[Section]:
    """What is needed on both sides, what that costs, and what no capacity meets."""
    rows = [
        Row(
            need.path,
            [
                need.region or "all",
                Quantity(need.difference, "count", signed=True),
                Quantity(need.before, "count"),
                Quantity(need.after, "count"),
            ],
        )
        for need in report.needs()
    ]
    return [
        table_of("Capacity needed", "capacity", _COLUMNS, rows),
        Notes([cost_text(report)], "remark"),
        Notes(missed(report)),
    ]


def cost_text(report: CapacityReport) -> str:
    """What holding the capacity costs, and how much more that is."""
    before, after = report.before.held.month, report.after.held.month
    held, extra = (Quantity(after, "money"), Quantity(after - before, "money", signed=True))
    return (
        f"The cheapest capacity under which every peak of {report.stage} meets its objectives, headroom included, searched "
        f"as a plan does, on both sides with the same users. Holding it costs {held.text.value} a month "
        f"(change: {extra.text.value})"
    )


def missed(report: CapacityReport) -> list[str]:
    """Objectives that no capacity meets."""
    if not report.after.out_of_reach:
        return []
    names = ", ".join(report.after.out_of_reach)
    return [f"Not even the upper bounds of the knobs meet {names}: shown is what comes nearest"]
