"""Closed loops through every study: what is refused, what exposure does, and what the money counts."""

from pathlib import Path

import numpy as np
import pytest

from simulator.compiler.demand import stage_window
from simulator.economics.accounts import Basis
from simulator.economics.month import WeightedWindow, month_accounts
from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.metrics.columns import CountColumn
from simulator.results.backlog import growths
from simulator.results.closed_pace import closed_pace
from simulator.scenario.model import Scenario
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_text
from simulator.studies.capacity.bounds import guessed_amount, least_amount
from simulator.studies.capacity.knobs import axes_of
from simulator.studies.cliff.study import CliffStudy
from simulator.studies.drill.drill_plan import DrillError

HERE = Path()
DESK = """\
metadata: {name: desk}
workloads:
  - name: ask
    clients: 40
    think_time: {distribution: exponential, mean: 9s}
    steps: [{call: desk}]
services:
  desk: {replicas: 2, max_ongoing_requests: 1, service_time: {distribution: exponential, mean: 1s}, cost: $0.01/call}
stages:
  - {name: few, duration: 4w, exposure: 10%}
  - {name: all, duration: 4w, exposure: 100%}
window: {start: 0s, duration: 20m, warmup: 2m}
slos: [{name: wait, indicator: latency, objective: "p95 < 30s"}]
capacity: {knobs: [{path: services.desk.replicas, min: 1, max: 12, unit_cost: $10/month}]}
"""


def _scenario(text: str = DESK) -> Scenario:
    return load_text(text, "desk.yaml", HERE).scenario


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("clients: 40", "clients: 40\n    arrival_rate: 2", "`arrival_rate` has no effect"),
        ("clients: 40", "clients: 40\n    users: {default: 3}\n    actions_per_user: 2 per day", "`users` has no effect"),
        ("clients: 40", "clients: 40\n    burstiness: 2", "`burstiness` has no effect"),
        ("clients: 40", "arrival_rate: 3", "`think_time` is of `clients`"),
        ("clients: 40", "clients: 0", "nobody asks"),
        ("clients: 40", "clients: -4", "must be at least 0"),
        ("clients: 40", "clients: {nowhere: 3}", "nowhere"),
        ("clients: 40", "clients: many", "many"),
        ("mean: 9s", "mean: -9s", "mean"),
        ("exposure: 10%", "exposure: 1%", "lets in 0.4 clients of `ask`, which is none"),
    ],
)  # fmt: skip
def test_what_does_not_go_with_clients_is_refused_with_its_place(old: str, new: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        _scenario(DESK.replace(old, new))
    assert message in str(caught.value)
    assert "desk.yaml:" in str(caught.value)


def test_exposure_scales_the_number_of_clients() -> None:
    """A tenth of 40 at 9 s of thinking and hardly any wait: 0.4 actions per second; all of them saturate two servers."""
    scenario = _scenario()
    asked = {}
    for stage in ("few", "all"):
        window = stage_window(scenario, stage, 0.0, 1200.0, 120.0)
        run = Runner().run(scenario, window, 1)
        asked[stage] = run.measured_counts[0, CountColumn.ARRIVED] / run.duration_s
        assert run.in_flight.sum() <= {"few": 4, "all": 40}[stage]
    assert asked["few"] == pytest.approx(0.4, rel=0.2)
    assert asked["all"] == pytest.approx(2.0, rel=0.1)


def test_money_and_volume_are_those_of_what_was_done() -> None:
    """Not of nominal rates: half of the servers do half of the work, for half of the money."""
    month_usd = []
    for replicas in (1, 2):
        scenario = _scenario(DESK.replace("replicas: 2", f"replicas: {replicas}"))
        window = stage_window(scenario, "all", 0.0, 1200.0, 120.0)
        runs = Runner().replicate(scenario, window, range(4))
        month = month_accounts([WeightedWindow.of(window, runs)], price_book(scenario))
        ended = np.mean(
            [run.measured_counts[:, CountColumn.SUCCEEDED].sum() / run.duration_s for run in runs]
        )
        assert month.numbers(Basis.ACTION).mean() == pytest.approx(ended * 730.0 * 3600.0, rel=0.02)
        assert closed_pace(window, runs)[0] == pytest.approx(ended * 10.0 / 40.0, rel=0.02)
        month_usd.append(month.money().mean())
    assert month_usd[1] == pytest.approx(2.0 * month_usd[0], rel=0.05)


def test_no_queue_of_clients_grows_without_end() -> None:
    """They begin to wait in the window, and are no backlog; nor must the load that more servers would draw be carried."""
    scenario = _scenario(DESK.replace("warmup: 2m", "warmup: 0s"))
    runs = Runner().replicate(scenario, stage_window(scenario, "all", 0.0, 300.0, 0.0), range(4))
    assert growths(runs) == []
    [axis] = axes_of(scenario)
    assert least_amount(scenario, axis, runs, Runner()) == 0.0
    assert guessed_amount(scenario, axis, runs, Runner()) > 0.0


def test_a_cliff_of_clients_is_refused() -> None:
    with pytest.raises(DrillError, match="`ask` is a closed loop"):
        CliffStudy(runs=4).run(load_text(DESK, "desk.yaml", HERE), Runner())
