"""Pages written from the code are those that the code writes today."""

import re
from pathlib import Path

from scripts.docs.catalogs_page import catalogs_page
from scripts.docs.columns_page import columns_page
from scripts.docs.examples_page import examples_page
from scripts.docs.metrics_page import with_formulas
from scripts.docs.python_page import python_page
from scripts.docs.scenario_page import scenario_page
from simulator.metrics.registry import TESTABLE

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def test_the_reference_of_scenarios_is_current() -> None:
    committed = (REFERENCE / "scenario.md").read_text(encoding="utf-8")
    assert committed == scenario_page(), "python -m scripts.docs.scenario_page > docs/reference/scenario.md"


def test_the_reference_of_catalogs_is_current() -> None:
    committed = (REFERENCE / "catalogs.md").read_text(encoding="utf-8")
    assert committed == catalogs_page(), "python -m scripts.docs.catalogs_page > docs/reference/catalogs.md"


def test_the_reference_of_columns_is_current() -> None:
    committed = (REFERENCE / "columns.md").read_text(encoding="utf-8")
    assert committed == columns_page(), "python -m scripts.docs.columns_page > docs/reference/columns.md"


def test_the_page_of_the_library_is_current() -> None:
    committed = (REFERENCE / "examples.md").read_text(encoding="utf-8")
    assert committed == examples_page(), "python -m scripts.docs.examples_page > docs/reference/examples.md"


def test_the_reference_of_python_is_current() -> None:
    committed = (REFERENCE / "python.md").read_text(encoding="utf-8")
    assert committed == python_page(), "python -m scripts.docs.python_page > docs/reference/python.md"


def test_the_example_of_the_python_page_runs() -> None:
    page = (REFERENCE / "python.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code
    names: dict[str, object] = {}
    exec(code[1], names)
    assert type(names["report"]).__name__ == "RunReport"


def test_the_formulas_of_metrics_are_those_that_are_computed() -> None:
    committed = (REFERENCE / "metrics.md").read_text(encoding="utf-8")
    assert committed == with_formulas(committed), "python -m scripts.docs.metrics_page"


def test_every_metric_of_thresholds_is_defined() -> None:
    page = (REFERENCE / "metrics.md").read_text(encoding="utf-8")
    defined = set(re.findall(r"^\| `([a-z_]+)`", page, re.MULTILINE)) | set(
        re.findall(r"^`([a-z_]+)`", page, re.MULTILINE)
    )
    assert {metric for metric in TESTABLE if not {metric, f"{metric}_s"} & defined} == set()
