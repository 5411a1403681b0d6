"""The page of a plan says what its document says, for a person, and lets no text of a scenario become markup."""

import re
from copy import deepcopy
from html import unescape
from pathlib import Path
from typing import Any

import pytest

import simulator
from simulator.studies.plan.plan_figures import plan_figures
from simulator.studies.plan.plan_page import plan_markdown, plan_page

_FILE = Path(__file__).parents[4] / "scenarios" / "own-gpus.yaml"
_NAME = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    quick = {"window.duration": "2m", "window.warmup": "1m"}
    return simulator.load(_FILE, quick).plan(replications=2).document


def _text(page: str) -> str:
    """What a reader sees, without scripts and markup."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_a_page_shows_every_stage_objective_and_order(document: dict[str, Any]) -> None:
    text = _text(plan_page(document))
    assert f"{document['scenario']}: {document['decision']}" in text
    for stage in document["stages"]:
        assert stage["name"] in text
        for verdict in stage["verdicts"]:
            assert f"{verdict['slo']}: {verdict['metric']}" in text
        for day in stage["order_by"].values():
            assert day in text


def test_a_page_needs_no_network_and_sends_nothing(document: dict[str, Any]) -> None:
    page = plan_page(document)
    markup = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r'(src|href)="?https?://', markup)
    assert not re.search(r"<script[^>]* src=", page)
    assert '"displaylogo": false' in page


def test_figures_have_axes_with_units(document: dict[str, Any]) -> None:
    for title, figure in plan_figures(document).items():
        assert figure.layout.xaxis.title.text, title
        assert figure.layout.yaxis.title.text, title


def test_names_are_never_markup(document: dict[str, Any]) -> None:
    changed = deepcopy(document)
    changed["scenario"] = changed["stages"][0]["name"] = _NAME
    page = plan_page(changed)
    assert _NAME not in re.sub(r'<script type="text/javascript">.*?</script>', "", page, flags=re.DOTALL)
    assert "<script>" not in plan_markdown(changed)


def test_markdown_names_what_is_missed_and_what_to_order(document: dict[str, Any]) -> None:
    changed = deepcopy(document)
    changed["stages"][0]["verdicts"][0]["verdict"] = "FAIL"
    text = plan_markdown(changed)
    assert "**FAIL**" in text
    for stage in document["stages"]:
        for path in stage["order_by"]:
            assert f"order {path}".replace("_", "\\_") in text
