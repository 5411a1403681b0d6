"""Every page gives its numbers away: as data, as a table, and as a report that stands by itself."""

import csv
import json
from collections.abc import Callable
from io import StringIO

import pytest

from simulator.app import components as parts
from simulator.app import navigation as frame
from tests.app.pages import finish_job, open_page, opened_with

_HOSTILE = "<img src=x>"
_WAITING = f"""
metadata: {{name: waiting}}
workloads:
  - {{name: '{_HOSTILE}', arrival_rate: 5 rps, steps: [{{call: desk}}, {{review: {{team: agents, sample: 5%}}}}]}}
services:
  desk: {{max_ongoing_requests: 12, service_time: {{distribution: exponential, mean: 1s}}}}
teams:
  agents: {{staff: 20, handle_time: {{distribution: exponential, mean: 3m}}, cost: $28/hour}}
slos:
  - {{name: latency, indicator: latency, objective: "p(95) < 10s"}}
incidents:
  - {{name: slow, kind: latency, target: desk, factor: 5, duration: 5m}}
stages:
  - {{name: all, duration: 1w, exposure: 100%}}
window: {{duration: 10m, warmup: 2m}}
"""

Files = dict[str, str]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    """What the buttons of a page would save, by label; each is made at once."""
    assert frame.show  # all pages are loaded by now, so that none keeps what stands in for its button
    found: Files = {}

    def made(label: str, data: Callable[[], str], *_: str) -> None:
        found[label] = data()

    monkeypatch.setattr(parts, "file_button", made)
    return found


def _hold(files: Files, figures: int) -> None:
    document = json.loads(files["Data (JSON)"])
    assert document
    assert len(list(csv.reader(StringIO(files["Table (CSV)"])))) > 1
    report = files["Report (HTML)"]
    assert report.startswith("<!doctype html>")
    assert report.count('class="plotly-graph-div"') == figures
    assert _HOSTILE not in report
    assert 'src="http' not in report  # it needs no network


@pytest.mark.parametrize(
    ("page", "query", "figures"),
    [
        ("what_if", {"at": "pilot", "demand": "× 1.5"}, 1),
        ("flow", {"at": "global"}, 2),
        ("economics", {}, 5),
        ("rollout", {}, 9),  # every tab of a plan gives the page of the whole plan
        ("rollout", {"rollout": "Gates"}, 9),
        pytest.param("rollout", {"rollout": "Checklist"}, 9, marks=pytest.mark.slow),
        pytest.param("rollout", {"rollout": "Trade off"}, 9, marks=pytest.mark.slow),
        ("scenario", {"edit": "Sources"}, 0),
    ],
)
def test_what_is_there_at_once(page: str, query: dict[str, str], figures: int, files: Files) -> None:
    open_page(page, **query)
    _hold(files, figures)


def test_the_overview_gives_the_page_of_the_plan(files: Files) -> None:
    open_page()
    assert "<h2>Checklist</h2>" in files["Report (HTML)"]
    assert json.loads(files["Data (JSON)"])["decision"]


@pytest.mark.parametrize(
    ("page", "query", "button", "figures"),
    [
        ("failures", {}, "drill", 1),
        pytest.param("rollout", {"rollout": "Drift"}, "drift", 1, marks=pytest.mark.slow),
        ("flow", {"flow": "Incident over time"}, "replay", 1),
    ],
)
def test_what_a_job_found(page: str, query: dict[str, str], button: str, figures: int, files: Files) -> None:
    at = opened_with(page, _WAITING, **query)
    if page == "failures":
        at.checkbox[0].uncheck().run()
    at.button(key=button).click().run()
    finish_job(at)
    _hold(files, figures)
