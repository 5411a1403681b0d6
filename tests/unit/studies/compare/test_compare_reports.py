"""The reports of a comparison: Markdown and the table, from one document."""

import copy
from typing import Any

import pytest
from rich.console import Console

from simulator.studies.compare.compare_markdown import compare_markdown
from simulator.studies.compare.compare_tables import compare_report

Document = dict[str, Any]


def entry(metric: str, before: float, after: float, half: float, direction: str, **other: Any) -> Document:
    change = after - before
    return {
        "stage": "all",
        "metric": metric,
        "statistic": "p95" if metric == "latency" else None,
        "workload": None,
        "region": None,
        "target": None,
        "before": {"value": before, "low": before, "high": before},
        "after": {"value": after, "low": after, "high": after},
        "difference": {"value": change, "low": change - half, "high": change + half},
        "relative": change / before if before else None,
        "direction": direction,
        "pairs": 8,
        "variance_ratio": 0.05,
    } | other


@pytest.fixture
def document() -> Document:
    """Return a comparison with a regression, an improvement, and two measures as before."""
    missed = {
        **entry("latency", 0, 0, 0, "none"),
        "value": 9.0,
        "low": 8.5,
        "high": 9.5,
        "op": "<",
        "limit": 8.0,
    }
    return {
        "base": {"name": "base.yaml", "scenario": "desk"},
        "head": {"name": "head.yaml", "scenario": "desk"},
        "tolerance": 0.05,
        "verdict": "FAIL",
        "changes": [
            entry("latency", 8.0, 9.0, 0.2, "worse", verdict="FAIL"),
            entry("cost_per_action", 0.4, 0.3, 0.01, "better", verdict="PASS"),
            entry("availability", 0.99, 0.99, 0.0, "none", verdict="PASS"),
        ],
        "told": [entry("utilization", 0.5, 0.6, 0.01, "worse", target="desk")],
        "thresholds": [{**missed, "replications": 8, "verdict": "FAIL"}],
        "interrupted": False,
        "wall_s": 2.0,
    }


def test_markdown_has_absolute_values_and_the_change(document: Document) -> None:
    text = compare_markdown(document)
    assert text.startswith("### ❌ desk: a regression")
    assert r"| ❌ | p95 latency | all | all | 8 s | 9 s | +1.0 s ± 0.2 | +12.5 % |" in text
    assert "| $0.40 | $0.30 | −$0.100 ± 0.010 | −25.0 % |" in text
    assert "<summary>1 measure as before</summary>" in text
    assert "<summary>Load and capacity</summary>" in text
    assert "p95 latency at stage all is 9.0 s ± 0.5, asked:" in text


def test_markdown_is_one_line_when_nothing_changed(document: Document) -> None:
    quiet = copy.deepcopy(document)
    for one in [*quiet["changes"], *quiet["told"]]:
        one["direction"] = "none"
    assert compare_markdown(quiet) == "**desk**: nothing changed; 1 threshold missed, as before.\n"


def test_the_table_says_how_the_verdicts_were_come_by(document: Document) -> None:
    console = Console(width=200)
    with console.capture() as shown:
        console.print(compare_report(document, 200))
    text = shown.get()
    assert "desk (base.yaml) → desk (head.yaml)" in text
    assert "✘ FAIL" in text
    assert "missed: p95 latency at stage all is 9.0 s ± 0.5" in text
    assert "8 pairs of replications with the same seeds; pairing was worth 20 × the runs" in text
    assert "worse by up to 5 % is tolerated" in text
