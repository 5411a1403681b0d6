"""How well each class, language and model is answered, on the terminal and on the page of a plan."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import simulator
from simulator.render.numbers import estimate
from simulator.studies.plan.plan_figures import plan_figures
from simulator.studies.plan.plan_page import plan_page
from simulator.studies.plan.plan_tables import plan_report
from simulator.studies.run.accuracy_by_class import answered_table

_FILE = Path(__file__).parents[4] / "scenarios" / "gated-rollout.yaml"
_QUICK = {"window.duration": "4m", "window.warmup": "1m"}
_GERMANS = {"regions.eu-west.languages": {"en": 0.6, "de": 0.4}, "languages": {"de": {"success_factor": 0.7}}}


def _planned(changes: dict[str, Any]) -> dict[str, Any]:
    return simulator.load(_FILE, _QUICK | changes).plan(replications=2).document


def _printed(document: dict[str, Any]) -> str:
    console = Console(width=160)
    with console.capture() as shown:
        console.print(plan_report(document, 160))
    return shown.get()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """Three stages; in the second half of the users speak German, and are answered worse."""
    return _planned(_GERMANS)


def test_every_part_stands_under_the_success_rate(document: dict[str, Any]) -> None:
    lines = _printed(document).splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("success rate"))
    labels = [line[:22].rstrip() for line in lines[place + 1 : place + 7]]
    assert labels == [
        "  complexity simple",
        "  complexity complex",
        "  language en",
        "  language de",
        "  answers of small",
        "  answers of large",
    ]
    of_germans = document["stages"][1]["by"]["language"]["de"]["metrics"]["success_rate"]
    assert of_germans["value"] < document["stages"][1]["metrics"]["success_rate"]["value"] - 0.1
    assert estimate(of_germans, "share").value in lines[place + 4]


def test_the_page_tells_what_people_do_too_and_nothing_of_what_is_not_said(document: dict[str, Any]) -> None:
    headers, rows = answered_table(document["stages"])
    assert headers == [
        "stage",
        "of",
        "right",
        "changed in review",
    ]  # nobody is handed over, nothing said of grounds
    assert len(rows) == 6 * len(document["stages"])
    stage = document["stages"][1]
    [row] = [row for row in rows if row[:2] == ["country", "complexity complex"]]
    metrics = stage["by"]["complexity"]["complex"]["metrics"]
    assert row[2:] == [estimate(metrics[key], "share").line for key in ("success_rate", "override_rate")]
    [row] = [row for row in rows if row[:2] == ["country", "answers of large"]]
    assert row[2] == estimate(stage["by"]["target"]["large"]["right_rate"], "share").line
    changed = deepcopy(document)
    changed["stages"][1]["by"]["target"]["large"]["grounded_rate"]["value"] = 0.9
    headers, _ = answered_table(changed["stages"])
    assert headers == ["stage", "of", "right", "grounded", "changed in review"]
    assert "<h2>Answers</h2>" in plan_page(document)


def test_the_figure_has_every_part_with_its_interval(document: dict[str, Any]) -> None:
    figure = plan_figures(document)["Who is answered right"]
    assert [trace.name for trace in figure.data][2:4] == ["language en", "language de"]
    of_germans = document["stages"][1]["by"]["language"]["de"]["metrics"]["success_rate"]
    trace = figure.data[3]
    place = list(trace.x).index("country")
    assert trace.y[place] == pytest.approx(100.0 * of_germans["value"])
    assert trace.error_y.array[place] == pytest.approx(100.0 * (of_germans["high"] - of_germans["value"]))


def test_what_is_not_told_apart_is_not_listed(document: dict[str, Any]) -> None:
    changed = deepcopy(document)
    for stage in changed["stages"]:
        del stage["by"]["target"]["large"]
        stage["by"] |= {
            "complexity": {},
            "language": {"en": stage["by"]["language"]["en"]},
        }
    assert answered_table(changed["stages"])[1] == []
    assert "<h2>Answers</h2>" not in plan_page(changed)
    assert "answers of" not in _printed(changed)
    assert "Who is answered right" not in plan_figures(changed)
