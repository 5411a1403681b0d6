"""Flows are what was counted: every edge ends in a counter of the run, and minutes add up to the whole."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from simulator.engine import Runner
from simulator.mechanisms.traffic.config import Workload
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.render.sections import Figure, Table
from simulator.scenario.change import ScenarioChange
from simulator.scenario.read.load import load_scenario
from simulator.studies.common.replications import Replications
from simulator.studies.flow.figures import flow_figure
from simulator.studies.flow.flow import flow_of, rates_of
from simulator.studies.flow.paths import LOSSES, OUTCOMES, workload_path
from simulator.studies.flow.report import FlowPath, FlowReport
from simulator.studies.what_if.peak import simulated, stage_or_last

_SCENARIOS = Path(__file__).parents[4] / "scenarios"
_REL = 1e-9


@pytest.fixture(scope="module", params=["support-copilot", "cascade", "workday-assistant"])
def side(request: pytest.FixtureRequest) -> Replications:
    loaded = load_scenario(_SCENARIOS / f"{request.param}.yaml")
    return simulated(loaded, ScenarioChange(), stage_or_last(loaded.scenario, None), 2, Runner())


@pytest.fixture(scope="module")
def report(side: Replications) -> FlowReport:
    return flow_of(side.scenario, side.results)


def _workloads(side: Replications, report: FlowReport) -> list[Workload]:
    return [workload for workload in side.scenario.workloads if workload.name in report.workloads]


def _into(path: FlowPath, node: str) -> float:
    return sum(edge.per_s for edge in path.edges if edge.target == node and edge.kind != "aside")


def _most_inside(side: Replications, target: str) -> float:
    """Tries that may be under way at a moment: so far may those that begin and those that end be apart."""
    stations = [place for place, one in enumerate(side.results[0].stations) if one.target == target]
    return float(np.mean([run.max_in_system[stations].sum() for run in side.results]))


def test_every_try_goes_in_and_ends_once(side: Replications, report: FlowReport) -> None:
    for workload in _workloads(side, report):
        path = report.workloads[workload.name]
        rates = rates_of(side.results, workload, slice(None))
        for target in (node.label for node in path.nodes if node.kind in ("model", "service")):
            tries = rates.tries(target)
            assert _into(path, f"target {target}") == pytest.approx(tries, rel=_REL)
            ends = [rates.tries(target, column) for column in (UsageColumn.SUCCEEDED, *LOSSES)]
            assert abs(sum(ends) - tries) <= _most_inside(side, target) / side.window.duration_s


def test_every_action_has_an_outcome(side: Replications, report: FlowReport) -> None:
    for workload in _workloads(side, report):
        path = report.workloads[workload.name]
        rates = rates_of(side.results, workload, slice(None))
        ended = sum(float(rates.counts[column]) for column in OUTCOMES)
        shown = sum(edge.per_s for edge in path.edges if edge.target.startswith(("outcome ", "invalid")))
        assert shown == pytest.approx(ended, rel=_REL)


def test_minutes_add_up_to_the_whole(side: Replications, report: FlowReport) -> None:
    first = side.results[0]
    for workload in _workloads(side, report):
        whole = rates_of(side.results, workload, slice(None)).counts
        minutes = [
            rates_of(side.results, workload, slice(place, place + 1)).counts
            for place in range(first.measured_bucket_s.size)
        ]
        mean = np.average(minutes, axis=0, weights=first.measured_bucket_s)
        np.testing.assert_allclose(mean, whole, rtol=1e-9, atol=1e-12)
        assert whole[CountColumn.ARRIVED] > 0.0


def test_what_happens_to_actions_is_what_was_counted(side: Replications, report: FlowReport) -> None:
    for workload in _workloads(side, report):
        rates, found = rates_of(side.results, workload, slice(None)), report.workloads[workload.name].per_s
        assert found.arrived == rates.counts[CountColumn.ARRIVED] > 0.0
        assert found.handed_off == rates.counts[CountColumn.HANDED_OFF]
        ended = found.answered + found.failed + found.rejected + found.abandoned
        assert ended == pytest.approx(sum(float(rates.counts[column]) for column in OUTCOMES), rel=_REL)


def test_nodes_are_reached_and_edges_lead_on(report: FlowReport) -> None:
    for path in report.workloads.values():
        names = [node.key for node in path.nodes]
        assert len(set(names)) == len(names)
        reached = {"ask"}
        for _ in names:
            reached |= {edge.target for edge in path.edges if edge.source in reached}
        assert {edge.target for edge in path.edges} <= reached
        assert all(edge.source != edge.target for edge in path.edges)


def test_the_bottleneck_is_a_station_and_is_marked(report: FlowReport) -> None:
    found = report.bottleneck
    if found is None:
        assert all(station.full is None for station in report.stations)
        return
    assert (found.target, found.region) in {(station.target, station.region) for station in report.stations}
    marked = [
        label
        for path in report.workloads.values()
        for label in flow_figure(path, report.stations, found).data[0].node.label
        if label.startswith("▲")
    ]
    assert marked
    assert all(label.replace("<br>", "").startswith(f"▲ {found.target}") for label in marked)


def test_labels_have_short_lines(report: FlowReport) -> None:
    """Columns of a narrow window are some fifty pixels apart."""
    for path in report.workloads.values():
        labels = flow_figure(path, report.stations).data[0].node.label
        for label, node in zip(labels, path.nodes, strict=True):
            longest_word = max(map(len, re.split(r"(?<=-)| ", node.label)))
            assert all(len(line) <= max(12, longest_word + 2) for line in label.split("<br>"))


def test_json_is_read_back_as_it_was(report: FlowReport) -> None:
    assert FlowReport.model_validate_json(report.to_json()) == report
    edge = next(iter(json.loads(report.to_json())["workloads"].values()))["edges"][0]
    assert list(edge) == ["from", "to", "per_s", "unit", "kind"]


def test_it_is_shown_as_tables_and_a_figure_per_workload(report: FlowReport) -> None:
    tables = [section for section in report.sections() if isinstance(section, Table)]
    figures = [section for section in report.sections() if isinstance(section, Figure)]
    actions, *paths, stations = tables
    assert [row.label for row in actions.rows] == list(report.workloads)
    assert [len(table.rows) for table in paths] == [len(path.edges) for path in report.workloads.values()]
    assert [row.label.removesuffix(" (bottleneck)") for row in stations.rows] == [
        f"{station.target}, {station.region}" for station in report.stations
    ]
    assert len(figures) == len(report.workloads)
    assert list(report.to_frame()["target"]) == [station.target for station in report.stations]


def test_a_minute_without_requests_has_no_edges(side: Replications) -> None:
    workload = side.scenario.workloads[0]
    rates = rates_of(side.results, workload, slice(None))
    none = type(rates)(0.0 * rates.counts, {name: 0.0 * usage for name, usage in rates.usage.items()})
    assert workload_path(side.scenario, workload, none).edges == ()
