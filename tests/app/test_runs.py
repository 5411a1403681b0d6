"""The page Sweeps and runs: define, explore, keep, compare, reproduce; and nothing outside of the store."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from simulator.app.bundled import RUNS
from simulator.app.stored import find_sweep, listed_runs, sweeps
from simulator.results.store.store import Store
from simulator.results.store.stored_run import StoreError
from simulator.studies.run.report import RunReport
from tests.app.pages import DESK, finish_job, opened_with, texts

_PATH = "services.desk.max_ongoing_requests"
_QUICK = DESK.replace("duration: 10m, warmup: 2m", "duration: 2m, warmup: 30s").replace(
    "services:\n  desk: {", "services:\n  desk: {replicas: 1, "
)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "runs"
    monkeypatch.setenv(RUNS, str(folder))
    return folder


def _swept(values: str = "1, 2", users: str = "") -> AppTest:
    at = opened_with("runs", _QUICK)
    paths = ["services.desk.replicas", *([users] if users else [])]
    found = at.multiselect(key="vary")
    found.set_value([option for option in found.options if any(path in option for path in paths)]).run()
    at.text_input(key="values services.desk.replicas").set_value(values).run()
    return at


def _keys(store: Path) -> list[str]:
    return [run.key for run in Store(store).runs()]


def test_a_sweep_is_run_explored_and_found_again(store: Path) -> None:
    at = _swept("1, 2, 3", "workloads.ticket.arrival_rate")
    at.text_input(key="values workloads.ticket.arrival_rate").set_value("4 rps, 6 rps").run()
    assert "6 points" in texts(at)
    at.button(key="sweep").click().run()
    finish_job(at)
    assert {"Trade-off", "Parallel coordinates"} <= {text.strip("*") for text in texts(at).splitlines()}
    assert at.selectbox(key="heat").value == "latency_s.p95"
    assert len(at.dataframe[-1].value) == 6
    [(name, record)] = sweeps()
    assert len(record.points) == 6
    again = opened_with("runs", _QUICK, runs="Past sweeps")
    assert name in texts(again)
    assert len(again.dataframe[-1].value) == 6
    assert [path.name for path in store.iterdir() if not path.name.startswith(".")] == [name]


def test_points_that_are_known_are_not_run_again() -> None:
    at = _swept()
    at.button(key="sweep").click().run()
    finish_job(at)
    at.button(key="sweep").click().run()
    finish_job(at)
    assert at.session_state["job"].document.n_simulated == 0
    assert "2 of them known from before" in texts(at)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ("uniform(3, 1)", "uniform"),
        ("1..900", "the app runs 400 at most"),
        ("", "Give values for"),
    ],
)
def test_a_sweep_that_cannot_be_made_is_told(values: str, told: str) -> None:
    at = _swept(values)
    assert not at.exception
    assert told in texts(at).replace("\\", "")
    assert not [button for button in at.button if button.key == "sweep"]


def test_values_that_make_no_scenario_fail_the_job_in_words() -> None:
    at = _swept("-1, 2")
    at.button(key="sweep").click().run()
    job = at.session_state["job"]
    assert job.ended.wait(60)
    assert job.state == "failed"
    assert "--vary" in job.message
    at.run()
    assert not at.exception


def test_runs_are_kept_reproduced_and_compared(store: Path) -> None:
    at = opened_with("runs", _QUICK, runs="Runs")
    assert "no run yet" in texts(at)
    at.button(key="keep").click().run()
    finish_job(at)
    [run] = Store(store).runs()
    assert list(at.dataframe[0].value["run"]) == [run.key[:12]]
    at.button(key="verify").click().run()
    finish_job(at)
    assert "Identical, bit for bit" in texts(at)
    other = opened_with("runs", _QUICK.replace("replicas: 1", "replicas: 2"), runs="Runs")
    other.button(key="keep").click().run()
    finish_job(other)
    pair = opened_with("runs", _QUICK, runs="Compare")
    pair.selectbox(key="head").set_value(next(key for key in _keys(store) if key != run.key))
    pair.selectbox(key="base").set_value(run.key).run()
    pair.button(key="compare").click().run()
    finish_job(pair)
    wait = next(row for row in pair.dataframe[0].value.itertuples() if "queue wait" in row.measure)
    assert wait.verdict == "PASS"
    assert pair.session_state["job"].document.base.name == run.key[:12]


def test_a_run_that_was_tampered_with_is_told(store: Path) -> None:
    at = opened_with("runs", _QUICK, runs="Runs")
    at.button(key="keep").click().run()
    finish_job(at)
    [summary] = store.glob("[!.]*/summary.json")
    document = json.loads(summary.read_text())
    document["stage"] = "another"
    summary.write_text(json.dumps(document))
    with pytest.raises(StoreError, match="checksum"):
        Store(store).runs()[0].summary(RunReport)


@pytest.mark.parametrize("name", ["..", "../..", "sweep-../../etc", "/etc", "sweep-0123456789abcdef"])
def test_no_name_leads_out_of_the_store(store: Path, name: str) -> None:
    store.mkdir()
    (store / "sweep-0123456789abcdef").symlink_to("/etc")
    with pytest.raises(StoreError):
        find_sweep(name)
    assert sweeps() == []
    assert listed_runs() == ([], [])
