"""From a file to a report: what is simulated, kept, and read back."""

import getpass
import threading
from datetime import date
from pathlib import Path

import pytest

from simulator.economics.price_book import PriceBook
from simulator.engine import Cancelled, Runner
from simulator.mechanisms.providers.prices import TokenPrices
from simulator.results.store.store import Store
from simulator.scenario.read.load import LoadedScenario, load_scenario
from simulator.studies.run import run as run_module
from simulator.studies.run.report import RunReport
from simulator.studies.run.study import RunStudy

DESK = """
metadata: {name: desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 10m, warmup: 1m}
"""


@pytest.fixture
def desk(tmp_path: Path) -> LoadedScenario:
    return _desk(tmp_path)


def _desk(folder: Path, *overrides: str) -> LoadedScenario:
    path = folder / "desk.yaml"
    path.write_text(DESK, encoding="utf-8")
    return load_scenario(path, overrides)


def _run(loaded: LoadedScenario, study: RunStudy) -> RunReport:
    return study.run(loaded, Runner())


def _content(report: RunReport) -> RunReport:
    return report.model_copy(update={"wall_s": 0.0, "from_store": None})


def test_threads_change_nothing(desk: LoadedScenario) -> None:
    one, two = (RunStudy(replications=3).run(desk, Runner(n_threads=n)) for n in (1, 2))
    assert _content(one) == _content(two)


def test_seeds_count_up_from_the_scenario_s(tmp_path: Path) -> None:
    three = _run(_desk(tmp_path, "seed=4"), RunStudy(replications=3))
    last = _run(_desk(tmp_path, "seed=6"), RunStudy(replications=1))
    assert (three.seed, three.replications) == (4, 3)
    assert last.counts.arrived < three.counts.arrived


def test_progress_counts_replications(desk: LoadedScenario) -> None:
    told: list[tuple[float, int]] = []

    def tell(done: float, total: int, _label: str) -> None:
        told.append((done, total))

    RunStudy(replications=3).run(desk, Runner(progress=tell))
    assert told[0] == (0, 3)
    assert told[-1] == (3, 3)
    assert told == sorted(told)


def test_progress_counts_parts_of_a_long_replication(tmp_path: Path) -> None:
    told: list[float] = []
    cancel = threading.Event()

    def tell(done: float, _total: int, _label: str) -> None:
        told.append(done)
        if 0.0 < done < 1.0:
            cancel.set()

    long = _desk(tmp_path, "window.duration=100d")
    with pytest.raises(Cancelled):
        RunStudy(replications=2).run(long, Runner(n_threads=1, progress=tell, cancel=cancel))
    assert 0.0 < told[-1] < 1.0


def test_what_was_finished_before_the_cancellation_is_returned(desk: LoadedScenario) -> None:
    cancel = threading.Event()

    def stop_after_two(done: float, _total: int, _label: str) -> None:
        if done >= 2:
            cancel.set()

    runner = Runner(n_threads=1, progress=stop_after_two, cancel=cancel)
    report = RunStudy(replications=50).run(desk, runner)
    assert report.interrupted
    assert report.replications == 2
    assert report.counts == _run(desk, RunStudy(replications=2)).counts


def test_a_job_cancelled_before_anything_was_finished_has_nothing_to_show(desk: LoadedScenario) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        RunStudy(replications=3).run(desk, Runner(cancel=cancel))


def test_a_stored_run_is_the_report_and_the_rows(desk: LoadedScenario, tmp_path: Path) -> None:
    report = _run(desk, RunStudy(replications=2, out=tmp_path / "runs", rows=True))
    [stored] = Store(tmp_path / "runs").runs()
    stored.verify()
    rows = stored.requests()
    assert stored.summary(RunReport) == report
    assert rows is not None
    measured = rows[rows["end_s"] > 0.0]
    assert len(measured) == report.counts.arrived - report.counts.in_flight


def test_a_run_without_rows_does_not_stand_for_one_with_rows(desk: LoadedScenario, tmp_path: Path) -> None:
    for record_rows in (False, True):
        report = _run(desk, RunStudy(replications=2, out=tmp_path / "runs", rows=record_rows))
        assert report.from_store is None


def test_the_warm_up_is_found_where_the_scenario_leaves_it_open(tmp_path: Path) -> None:
    report = _run(_desk(tmp_path, "window.warmup=auto"), RunStudy(replications=4))
    assert 0.0 <= report.warmup_s < 600.0


def test_nobody_asks_and_there_is_still_a_report(tmp_path: Path) -> None:
    loaded = _desk(tmp_path, "stages=[{name: none, duration: 4w, exposure: 0%}]", "window.warmup=auto")
    report = _run(loaded, RunStudy("none", replications=2))
    assert report.counts.arrived == 0
    assert report.metrics.latency.p95 is None


def _stored(loaded: LoadedScenario, folder: Path) -> bool:
    """Whether a run was read from the store instead of being simulated."""
    return _run(loaded, RunStudy(replications=1, out=folder)).from_store is not None


def test_a_run_is_made_anew_when_a_file_it_depends_on_has_changed(tmp_path: Path) -> None:
    profile = tmp_path / "week.csv"

    def write(evening_factor: int) -> None:
        factors = [evening_factor if hour % 24 > 18 else 1 for hour in range(168)]
        rows = [f"{hour},{factor}" for hour, factor in enumerate(factors)]
        profile.write_text("\n".join(["hour_of_week,factor", *rows]), encoding="utf-8")

    found = []
    for factor in (2, 2, 3):
        write(factor)
        loaded = _desk(tmp_path, "workloads.ticket.profile={file: week.csv}")
        found.append(_stored(loaded, tmp_path / "runs"))
    assert found == [False, True, False]


def test_a_run_is_made_anew_when_the_catalog_has_other_prices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = "{model_name: m, provider: openai, model: gpt-4o-mini, ttft: T, tpot: T}".replace(
        "T", "{distribution: constant, value: 10ms}"
    )
    tokens = "{distribution: constant, value: 10}"
    loaded = _desk(
        tmp_path,
        f"model_list=[{model}]",
        "workloads.ticket.steps=[{generate: m}]",
        f"workloads.ticket.prompt_tokens={tokens}",
        f"workloads.ticket.output_tokens={tokens}",
        "services=null",
    )
    assert [_stored(loaded, tmp_path / "runs") for _ in range(2)] == [False, True]
    dearer = PriceBook({"m": TokenPrices(9.0, 9.0, "elsewhere", date(2027, 1, 4))}, {}, {}, {}, 0.0)
    monkeypatch.setattr(run_module, "price_book", lambda _: dearer)
    assert not _stored(loaded, tmp_path / "runs")


def test_a_run_is_kept_where_the_user_has_no_name(
    desk: LoadedScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", nameless)
    _run(desk, RunStudy(replications=1, out=tmp_path / "runs"))
    [stored] = Store(tmp_path / "runs").runs()
    assert stored.manifest.who is None
