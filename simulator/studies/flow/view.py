"""A flow for people: the bottleneck, what happens to actions, the path of every workload, and how full stations are."""

from functools import partial

from simulator.render.numbers import NOTHING, quantity
from simulator.render.sections import Cell, Figure, Heading, Notes, Quantity, Row, Section, Table, table_of
from simulator.studies.flow.figures import flow_figure
from simulator.studies.flow.report import FlowReport, StationFlow, WorkloadFlow
from simulator.studies.footer import footer

_STATIONS = ("tries", "offered / limit", "of", "busy", "p95 wait", "inside", "tries lost")
_ACTIONS = (
    "arrived",
    "cache hits",
    "retries",
    "fallbacks",
    "handed off",
    "answered",
    "failed",
    "rejected",
    "abandoned",
)


def sections(report: FlowReport) -> list[Section]:
    """Everything `rollout flow` shows."""
    return [
        Heading(f"{report.scenario} · {report.stage or 'full exposure'}, at the peak"),
        *notes(report),
        _actions(report),
        *(_path(name, workload) for name, workload in report.workloads.items()),
        stations_table(report),
        *(path_figure(report, name) for name in report.workloads),
        _footer(report),
    ]


def notes(report: FlowReport) -> list[Notes]:
    """What holds up most, and where work piles up."""
    return [*_bottleneck(report), Notes([*(found.message for found in report.backlogs), *report.warnings])]


def _bottleneck(report: FlowReport) -> list[Notes]:
    found = report.bottleneck
    if not report.workloads:
        return [Notes(["Nobody asks for anything at this stage"])]
    if found is None:
        return [Notes(["No bottleneck, and nothing has a limit"], "remark")]
    if found.held_up_share is None:
        return [Notes([f"No bottleneck. Highest load: {found.target} in {found.region}"], "remark")]
    share = quantity(found.held_up_share, "share")
    where = f"{found.target} in {found.region}"
    return [Notes([f"The bottleneck is {where}: {share} of all work waits or is turned away there"])]


def stations_table(report: FlowReport) -> Table:
    """How full every station is, how long one waits there, and what is lost."""
    rows = [Row(_name(report, station), _station(station)) for station in report.stations]
    return table_of("how full stations are", "target", _STATIONS, rows)


def path_figure(report: FlowReport, workload: str) -> Figure:
    """The path of a workload as a Sankey diagram."""
    title = f"Path of {workload}, per second"
    draw = partial(flow_figure, report.workloads[workload], report.stations, report.bottleneck)
    return Figure(title, draw, title)


def _actions(report: FlowReport) -> Table:
    rows = [
        Row(name, [Quantity(value, "rate") for value in workload.per_s.to_dict().values()])
        for name, workload in report.workloads.items()
    ]
    return table_of("what happens to actions", "workload", _ACTIONS, rows)


def _path(name: str, workload: WorkloadFlow) -> Table:
    rows = [
        Row(
            workload.label_of(edge.source),
            [workload.label_of(edge.target), Quantity(edge.per_s, "rate"), edge.unit],
        )
        for edge in workload.edges
    ]
    return table_of(f"path of {name}", "from", ("to", "how often", "counted in"), rows)


def _name(report: FlowReport, station: StationFlow) -> str:
    stuck = report.bottleneck
    is_stuck = stuck is not None and (stuck.target, stuck.region) == (station.target, station.region)
    return f"{station.target}, {station.region}{' (bottleneck)' if is_stuck else ''}"


def _station(station: StationFlow) -> list[Cell]:
    return [
        Quantity(station.tries_per_s, "rate"),
        Quantity(station.full, "share"),
        station.full_of or NOTHING,
        Quantity(station.utilization, "share"),
        Quantity(station.queue_wait_p95_s, "time"),
        Quantity(station.in_system, "number"),
        Quantity(station.lost_share, "share"),
    ]


def _footer(report: FlowReport) -> Notes:
    return footer(
        report,
        f"seed {report.seed} · {report.replications} replications of {quantity(report.window_s, 'time')}",
        "actions, turns (questions) and tries are not the same number: what enters a step need not be what leaves it",
    )
