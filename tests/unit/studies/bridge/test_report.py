"""A bridge: its parts add up, it names what changed, and it is the same read back from JSON."""

from pathlib import Path

import pytest

from simulator.api.rollout import load
from simulator.render.sections import Figure, Notes, Table
from simulator.studies.bridge.report import BridgeReport
from tests.unit.studies.money import ANSWERS


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bridge") / "answers.yaml"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def report(file: Path) -> BridgeReport:
    more = load(file, {"teams.agents.staff": 3})
    return more.bridge(before=load(file), as_written=True, replications=2)


def test_json_is_read_back_as_it_was(report: BridgeReport) -> None:
    assert BridgeReport.model_validate_json(report.to_json()) == report


def test_the_parts_add_up_and_name_what_changed(report: BridgeReport) -> None:
    first, second = (side.cost for side in report.sides)
    assert report.currency == "EUR"
    assert report.difference.value == pytest.approx(second - first)
    assert sum(part.estimate.value for part in report.drivers) == pytest.approx(second - first)
    people = next(part.estimate.value for part in report.drivers if part.driver == "people")
    assert people == pytest.approx(28 * 24 * 28.0 / 1.25)


def test_sides_are_named_by_their_files_and_what_was_set(file: Path, report: BridgeReport) -> None:
    assert [side.name for side in report.sides] == [str(file), f"{file} teams.agents.staff=3"]


def test_a_bridge_of_a_scenario_with_itself_is_flat(file: Path) -> None:
    found = load(file).bridge(before=str(file), as_written=True, replications=2)
    assert found.drivers == ()
    assert found.difference.value == 0.0


def test_it_is_shown_as_tables_a_figure_and_a_footer(report: BridgeReport) -> None:
    sides, drivers, figure, footer = report.sections()
    assert isinstance(sides, Table)
    assert isinstance(drivers, Table)
    assert isinstance(figure, Figure)
    assert isinstance(footer, Notes)
    assert [row.label for row in drivers.rows][0 :: len(drivers.rows) - 1] == ["A", "B"]
    measures = report.figure().data[0].measure
    assert (measures[0], measures[-1]) == ("absolute", "total")
    assert "teams.agents.staff=3" in report.to_markdown()


def test_two_currencies_are_compared_in_dollars(file: Path) -> None:
    dollars = load(file, {"currency": "USD"})
    found = dollars.bridge(before=file, as_written=True, replications=2)
    assert found.currency == "USD"
    assert found.difference.value == 0.0
