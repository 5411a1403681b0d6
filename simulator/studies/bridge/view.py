"""The bridge between two forecasts for people: their unit costs, and the part of every driver in the difference."""

from functools import partial

from simulator.render.numbers import quantity
from simulator.render.sections import Figure, Notes, Quantity, Row, Section, Table
from simulator.studies.bridge.figures import bridge_figure
from simulator.studies.bridge.report import BridgeReport

_LETTERS = "AB"


def sections(report: BridgeReport) -> list[Section]:
    """Everything `rollout bridge` shows."""
    alt = "Cost of A, the part of every driver, cost of B"
    return [
        _sides(report),
        _drivers(report),
        Notes(
            [
                f"{letter}: {one.message(report.currency)}"
                for letter, side in zip(_LETTERS, report.sides, strict=True)
                for one in side.undone
            ]
        ),
        Figure("From A to B, driver by driver", partial(bridge_figure, report), alt),
        _notes(report),
    ]


def _sides(report: BridgeReport) -> Table:
    rows = [
        Row(
            letter,
            [
                report.money(side.cost),
                Quantity(round(side.actions), "count"),
                report.money(side.per_action),
                report.money(side.per_successful_action),
            ],
        )
        for letter, side in zip(_LETTERS, report.sides, strict=True)
    ]
    return Table(("cost", "actions", "per action", "per success"), [rows])


def _drivers(report: BridgeReport) -> Table:
    before, after = report.sides
    running = before.cost
    rows = [Row("A", ["", report.money(running)])]
    for part in report.drivers:
        running += part.estimate.value
        rows.append(Row(part.driver, [report.money(part.estimate), report.money(running)]))
    last = Row("B", [report.money(report.difference), report.money(after.cost)])
    return Table(("change", "running total"), [rows, [last]], "driver")


def _notes(report: BridgeReport) -> Notes:
    level = quantity(report.interval_level, "share")
    return Notes(
        [
            f"the parts add up to the difference; {level} intervals over pairs of replications",
            *(
                f"{letter}: {side.name} · engine {report.engine_version} · scenario {side.scenario_hash[:12]}"
                for letter, side in zip(_LETTERS, report.sides, strict=True)
            ),
        ],
        "footer",
    )
