"""Pages written from the code are those that the code writes today."""

from pathlib import Path

from simulator.reporting.catalogs_page import catalogs_page
from simulator.reporting.examples_page import examples_page
from simulator.reporting.scenario_page import scenario_page

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_reference_of_scenarios_is_current() -> None:
    committed = (REFERENCE / "scenario.md").read_text(encoding="utf-8")
    assert committed == scenario_page(), (
        "python -m simulator.reporting.scenario_page > docs/reference/scenario.md"
    )


def test_the_reference_of_catalogs_is_current() -> None:
    committed = (REFERENCE / "catalogs.md").read_text(encoding="utf-8")
    assert committed == catalogs_page(), (
        "python -m simulator.reporting.catalogs_page > docs/reference/catalogs.md"
    )


def test_the_page_of_the_library_is_current() -> None:
    committed = (REFERENCE / "examples.md").read_text(encoding="utf-8")
    assert committed == examples_page(), (
        "python -m simulator.reporting.examples_page > docs/reference/examples.md"
    )
