"""A comparison for people: the comment of a pull request, the terminal, the frame and the figure, from one report."""

from typing import Any

import pytest
from rich.console import Console

from simulator.render.terminal import terminal
from simulator.studies.common.changes.paired_change import PairedChange
from simulator.studies.common.verdicts.criterion_record import JudgedCriterion
from simulator.studies.compare.report import ComparedScenario, CompareReport, JudgedChange
from simulator.theory.estimate import Estimate


def fields(metric: str, before: float, after: float, half: float, direction: str) -> dict[str, Any]:
    change = after - before
    return {
        "stage": "all",
        "metric": metric,
        "statistic": "p(95)" if metric == "latency" else None,
        "better": "higher" if metric == "availability" else "lower",
        "before": Estimate.exact(before),
        "after": Estimate.exact(after),
        "difference": Estimate(change, change - half, change + half),
        "relative": change / before if before else None,
        "direction": direction,
        "n_pairs": 8,
        "variance_ratio": 0.05,
    }


def judged(verdict: str, *of: Any) -> JudgedChange:
    return JudgedChange(**fields(*of), p_regression=0.5, p_no_worse=0.5, p_same=0.5, verdict=verdict)


MISSED = JudgedCriterion(
    criterion="latency",
    threshold="p95 < 8s",
    stage="all",
    metric="latency",
    statistic="p(95)",
    estimate=Estimate(9.0, 8.5, 9.5),
    op="<",
    limit=8.0,
    slack=-0.125,
    n_replications=8,
    verdict="FAIL",
)


def report_of(changes: tuple[JudgedChange, ...], unjudged: tuple[PairedChange, ...]) -> CompareReport:
    base, head = (
        ComparedScenario(name=name, scenario="desk", scenario_hash="ab" * 32, profiles={})
        for name in ("base.yaml", "head.yaml")
    )
    return CompareReport(
        engine_version="1",
        interval_level=0.95,
        base=base,
        head=head,
        stages=("all",),
        seed=1,
        tolerance=0.05,
        level=0.05,
        verdict="FAIL",
        changes=changes,
        unjudged=unjudged,
        thresholds=(MISSED,),
        wall_s=2.0,
    )


@pytest.fixture
def report() -> CompareReport:
    """Return a comparison with two regressions, an improvement, and a measure as before."""
    changes = (
        judged("FAIL", "latency", 8.0, 9.0, 0.2, "worse"),
        judged("FAIL", "availability", 0.98, 0.97, 0.001, "worse"),
        judged("PASS", "cost_per_action", 0.4, 0.3, 0.01, "better"),
        judged("PASS", "queue_wait", 1.0, 1.0, 0.0, "none"),
    )
    unjudged = (
        PairedChange(**fields("utilization", 0.5, 0.6, 0.01, "worse"), target="desk"),
        PairedChange(**fields("goodput_rps", 7.0, 6.0, 0.1, "better")),
        PairedChange(**fields("arrival_rps", 7.0, 6.9, 0.2, "unclear")),
    )
    return report_of(changes, unjudged)


def test_the_comment_has_absolute_values_and_the_change(report: CompareReport) -> None:
    text = report.to_markdown()
    assert text.startswith("## desk: ❌ FAIL\n\nA regression: significantly worse than tolerated.")
    assert "| p95 latency | all | ❌ FAIL | 8 s | 9 s (+12.5 %) | +1.0 s ± 0.2 | +400 ms | worse |" in text
    assert "| ✅ PASS | $0.40 | $0.30 (−25.0 %) | −$0.100 ± 0.010 | +$0.0200 | better |" in text
    assert "<summary>1 measure as before</summary>" in text
    assert "<summary>Load and capacity</summary>" in text
    assert "p95 latency at stage all is 9.0 s ± 0.5, limit" in text


def test_a_rate_is_tolerated_by_what_it_lacks(report: CompareReport) -> None:
    """98 % to 97 % is a small change of the rate, and half as many failures again."""
    text = report.to_markdown()
    assert "| ❌ FAIL | 98 % | 97 % (−1.02 %) | −1.00 pp ± 0.10 | −0.100 pp | worse |" in text
    assert "a rate such as availability by 5 % of what it lacks to 100 %" in text


def test_the_comment_is_one_line_when_nothing_changed() -> None:
    quiet = report_of((judged("PASS", "queue_wait", 1.0, 1.0, 0.0, "none"),), ())
    assert quiet.to_markdown() == "desk: nothing changed; 1 threshold missed, as before.\n"


def test_the_terminal_says_how_the_verdicts_were_reached(report: CompareReport) -> None:
    console = Console(width=200)
    with console.capture() as shown:
        console.print(terminal(report.sections(), 200))
    text = shown.get()
    assert "desk (base.yaml) → desk (head.yaml)" in text
    assert "✘ FAIL" in text
    assert "missed: p95 latency at stage all is 9.0 s ± 0.5" in text
    assert "8 pairs of replications with the same seeds, from 1 on; pairing was worth 20 × the runs" in text
    assert "tolerated: worse by 5 % of the base" in text


def test_what_is_not_judged_reads_by_its_metric(report: CompareReport) -> None:
    """Less goodput is worse; how busy a target is, is neither; what is not significant is not shown."""
    table = report.sections()[1]
    assert [(row.label, row.cells[-1]) for row in table.rows] == [
        ("utilization", "moved"),
        ("goodput", "worse"),
    ]


def test_the_report_is_false_and_says_why(report: CompareReport) -> None:
    assert not report
    assert "FAIL p95 latency at all: +1.0 s ± 0.2 (+12.5 %)" in repr(report)
    assert CompareReport.model_validate_json(report.to_json()) == report


def test_frame_and_figure_have_every_measure(report: CompareReport) -> None:
    frame = report.to_frame()
    assert list(frame["judged"]) == [True] * 4 + [False] * 3
    row = frame[frame["metric"] == "latency"].iloc[0]
    assert (row["before"], row["after"], row["difference_low"]) == pytest.approx((8.0, 9.0, 0.8))
    traces = {trace.name: list(trace.x) for trace in report.figure().data}
    assert traces["FAIL"] == pytest.approx([0.125, -0.01 / 0.98])
    assert len(traces["PASS"]) == 2
