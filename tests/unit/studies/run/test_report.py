"""A run's report: typed in Python, the names that pipelines rely on in JSON, and everything about it for people."""

import io
import json
from typing import Any

import pytest
from rich.console import Console

from simulator.engine import Runner
from simulator.render.sections import Figure, Notes, Quantity, Table
from simulator.render.terminal import terminal
from simulator.scenario.read.load import LoadedScenario, load_text
from simulator.studies.common.priced import TokenPriceSource, TraceSource
from simulator.studies.run.report import RunReport
from simulator.studies.run.study import RunStudy
from simulator.theory.estimate import Estimate

SMALL = """metadata: {name: small}
regions: {eu: {}, us: {}}
workloads:
  - name: ask
    arrival_rate: {eu: 3 rps, us: 2 rps}
    prompt_tokens: {distribution: constant, value: 1000}
    output_tokens: {distribution: constant, value: 100}
    steps: [{generate: model}]
model_list:
  - model_name: model
    provider: ours
    model: ours
    ttft: {distribution: exponential, mean: 300ms}
    tpot: {distribution: constant, value: 10ms}
    error_rate: 1%
    prices: {input: $2/Mtok, output: $8/Mtok}
economics: {platform: $73/month}
stages: [{name: all, duration: 4w, exposure: 100%}]
window: {duration: 5m, warmup: 1m}
slos:
  - {name: fast, indicator: ttft, objective: "p95 < 2s"}
  - {name: cheap, indicator: cost_per_successful_action, objective: "< $1"}
"""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> LoadedScenario:
    return load_text(SMALL, "small.yaml", tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def report(small: LoadedScenario) -> RunReport:
    return RunStudy("all", replications=3).run(small, Runner(small.base_dir))


@pytest.fixture(scope="module")
def document(report: RunReport) -> dict[str, Any]:
    return json.loads(report.to_json())


def _printed(report: RunReport, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width, legacy_windows=False)
    console.print(terminal(report.sections(), width))
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def _table(report: RunReport, corner: str) -> Table:
    [found] = [one for one in report.sections() if isinstance(one, Table) and one.corner == corner]
    return found


def test_it_has_the_names_that_pipelines_rely_on(document: dict[str, Any]) -> None:
    assert document["schema"] == 1
    assert {"scenario", "scenario_hash", "engine_version", "stage", "seed", "replications"} <= set(document)
    assert document["start"].endswith("+00:00")
    for name in ("latency_s", "ttft_s", "tpot_s", "queue_wait_s"):
        assert set(document["metrics"][name]) == {"mean", "p50", "p95", "p99"}
    singles = ["availability", "success_rate", "goodput_rps", "cost_per_action", "cost_per_successful_action"]
    for name in singles:
        assert set(document["metrics"][name]) == {"value", "low", "high"}
    assert document["metrics"]["cache_hit_rate"] is None
    assert document["warnings"] == []
    assert "from_store" not in document
    parts = {"workload", "region", "language", "complexity", "tenant", "stage", "release", "target"}
    assert set(document["by"]) == parts
    at_target = {"utilization", "offered_load_erlangs", "queue_wait_s", "attempts", "errors", "rate_limited"}
    assert at_target | {"cost", "region"} <= set(document["by"]["target"]["model"])
    for verdict in document["verdicts"]:
        assert {"slo", "metric", "value", "low", "high", "limit", "verdict"} <= set(verdict)


def test_it_is_read_back_as_it_was(report: RunReport) -> None:
    assert RunReport.model_validate_json(report.to_json()) == report


def test_it_is_typed_in_python(report: RunReport, document: dict[str, Any]) -> None:
    p95 = report.metrics.latency.p95
    assert p95 is not None
    assert p95.high == document["metrics"]["latency_s"]["p95"]["high"]
    assert report.by.workload["ask"].metrics.success_rate == report.metrics.success_rate
    assert report.by.target["model"].region["eu"].attempts < report.by.target["model"].attempts
    assert report.objectives[0].verdict == report.outcomes[0] == "PASS"


def test_parts_add_up_to_the_whole(report: RunReport) -> None:
    counts = report.counts
    assert counts.arrived == counts.ended + counts.in_flight
    assert sum(part.counts.arrived for part in report.by.region.values()) == counts.arrived
    by_category = [part.value for part in report.cost.by_category.values() if part is not None]
    assert report.cost.total is not None
    assert sum(by_category) == pytest.approx(report.cost.total.value, rel=1e-12)


def test_a_target_costs_what_its_tokens_cost(report: RunReport) -> None:
    target = report.by.target["model"]
    per_attempt = 1000 * 2e-6 + 100 * 8e-6
    assert target.cost is not None
    assert target.cost.value * 3 == pytest.approx(target.succeeded * per_attempt, rel=1e-9)


def test_prices_name_their_source(report: RunReport) -> None:
    assert (report.prices["model"].input_usd_per_mtok, report.prices["model"].source) == (2.0, "scenario")


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
def test_it_fits_the_terminal_and_says_everything(report: RunReport, width: int) -> None:
    text = _printed(report, width)
    assert max(len(line) for line in text.splitlines()) <= width
    wanted = [
        "small  stage all",
        "region eu",
        "model",
        "✔ PASS",
        "input tokens",
        "3 replications",
        "p95 first",
    ]
    assert [word for word in wanted if word not in " ".join(text.split()) and word not in text] == []


def test_its_numbers_are_those_of_the_report(report: RunReport) -> None:
    latency = next(row for row in _table(report, "times").rows if row.label == "latency")
    assert latency.cells[2] == Quantity(report.metrics.latency.p95, "time")
    rates = _table(report, "rates and cost")
    assert [row.label for row in rates.rows] == ["all", "region eu", "region us"]  # of one workload, nothing
    cells = dict(zip(rates.columns, rates.rows[1].cells, strict=True))
    assert cells["$/action"] == Quantity(report.by.region["eu"].metrics.cost_per_action, "money")
    assert "cache hits" not in rates.columns
    assert [row.label for row in _table(report, "cost of the window").rows][-1] == "total"


def test_what_is_no_news_has_no_column(report: RunReport) -> None:
    quiet = {"grounded_rate": Estimate.exact(1.0), "error_rate": Estimate.exact(0.0)}
    assert "errors" in _table(report, "targets").columns
    calm = _with_target(report, **quiet)
    assert {"errors", "grounded"} & set(_table(calm, "targets").columns) == set()
    loud = _with_target(report, grounded_rate=Estimate.exact(0.9))
    assert "grounded" in _table(loud, "targets").columns


def _with_target(report: RunReport, **changes: Any) -> RunReport:
    target = type(report.by.target["model"])(**vars(report.by.target["model"]) | changes)
    return report.model_copy(
        update={"by": type(report.by)(**vars(report.by) | {"target": {"model": target}})}
    )


def test_nothing_to_say_prints(tmp_path_factory: pytest.TempPathFactory) -> None:
    text = SMALL.replace("exposure: 100%", "exposure: 0%").split("slos:")[0]
    loaded = load_text(text, "small.yaml", tmp_path_factory.mktemp("none"))
    report = RunStudy("all", replications=2).run(loaded, Runner(loaded.base_dir))
    assert next(one.corner for one in report.sections() if isinstance(one, Table)) == "rates and cost"
    assert "full exposure" in _printed(report.model_copy(update={"stage": None}))


def test_what_a_reader_must_know_is_said(report: RunReport) -> None:
    crowded = "crm in eu is offered 12 servers' worth of work, 50% more than its 8"
    assert f"! {crowded}" in _printed(report.model_copy(update={"warnings": (crowded,)}))
    assert "interrupted" in _printed(report.model_copy(update={"interrupted": True}))


def test_where_the_numbers_are_from_is_said(report: RunReport) -> None:
    assert "1 replication" in _printed(report.model_copy(update={"replications": 1}))
    trace = TraceSource(workload="ask", file="data/log.csv", replay="lengths")
    assert "data/log.csv (lengths)" in _printed(report.model_copy(update={"traces": (trace,)}))
    price = TokenPriceSource(**dict(report.prices["model"]) | {"notes": ("long prompts cost more",)})
    assert "model: long prompts cost more" in _printed(report.model_copy(update={"prices": {"model": price}}))


def test_the_figure_has_every_part_with_its_interval(report: RunReport) -> None:
    figure = report.figure()
    assert [trace.name for trace in figure.data] == ["p50", "p95", "p99"]
    assert list(figure.data[1].x) == ["all", "ask", "eu", "us"]
    p95 = report.metrics.latency.p95
    assert p95 is not None
    assert figure.data[1].error_y.array[0] == pytest.approx(p95.high - p95.value)


def test_the_page_and_the_markdown_are_of_the_same_sections(report: RunReport) -> None:
    assert isinstance(report.sections()[-1], Notes)
    assert any(isinstance(one, Figure) for one in report.sections())
    assert "<table>" in report.to_html()
    assert "| all |" in report.to_markdown()
