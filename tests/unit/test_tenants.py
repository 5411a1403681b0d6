"""Workloads that tenants share: parts that add up, quotas that hold, budgets and bills of each."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.compiler.demand import stage_window
from simulator.compiler.stage_demand import pace_rps
from simulator.compiler.streams import Stream, streams
from simulator.economics.accounts import Accounts, Basis, accounts
from simulator.economics.ledger import ledger
from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.kernel.codes import Outcome
from simulator.metrics.columns import CountColumn
from simulator.metrics.dimensions import Selection
from simulator.results.run_result import RunResult
from simulator.results.summarize import summarize
from simulator.scenario.check.checks import check_scenario
from simulator.scenario.model import Scenario
from tests.differential.scenarios import TOKENS, model, scenario_of

_SHARES = {"acme": 0.5, "bits": 0.3, "rest": 0.2}
_DURATION_S = 1_200.0


def shared(workload: dict[str, Any] | None = None, **tenants: dict[str, Any]) -> Scenario:
    """A workload of three tenants at a model that takes all; `tenants`: what they have besides a share."""
    parts = {name: {"share": share, **tenants.get(name, {})} for name, share in _SHARES.items()}
    return scenario_of(
        regions={"east": {}, "west": {}},
        network={"default": "70ms"},
        workloads=[
            {
                "name": "chat",
                "arrival_rate": 4.0,
                "tenants": parts,
                "steps": [{"generate": "large"}],
                **TOKENS,
            }
            | (workload or {})
        ],
        model_list=[model("large", 0.5, 0.01, 30.0)],
        economics={"platform": 730.0, "rework": 0.5},
    )


def simulated(scenario: Scenario, seed: int = 3) -> RunResult:
    """One run, its scenario checked."""
    assert not check_scenario(scenario, Path())
    window = stage_window(scenario, None, 0.0, _DURATION_S, 60.0)
    return Runner(record_rows=True).run(scenario, window, seed)


def money_of(result: RunResult, scenario: Scenario) -> Accounts:
    """Accounts of one run."""
    return accounts([result], price_book(scenario), in_batches=False)


def test_demand_is_split_by_share_in_every_region() -> None:
    scenario = shared()
    assert streams(scenario) == tuple(
        Stream("chat", region, tenant=name) for region in ("east", "west") for name in _SHARES
    )
    rates = pace_rps(scenario, None, Path()).mean(axis=1)
    assert rates.tolist() == pytest.approx([4.0 * share for _ in range(2) for share in _SHARES.values()])


def test_tenants_add_up_to_the_workload() -> None:
    """Counts to the last action, money to the cent and below."""
    scenario = shared(acme={"limits": {"rpm": 60}}, bits={"burstiness": 3.0})
    result = simulated(scenario)
    summary = summarize([result])
    assert list(summary.by.tenant) == list(_SHARES)
    for name in ("arrived", "succeeded", "failed", "rejected", "abandoned", "in_flight"):
        parts = [getattr(part.counts, name) for part in summary.by.tenant.values()]
        assert sum(parts) == getattr(summary.by.workload["chat"].counts, name)
    money = money_of(result, scenario)
    parts_usd = [money.money(Selection(tenant=name)).sum() for name in _SHARES]
    assert sum(parts_usd) == pytest.approx(money.money().sum(), rel=1e-12)
    assert min(parts_usd) > 0.0
    frame = ledger([result], price_book(scenario)).to_pandas()
    by_tenant = frame.groupby("tenant")["cost_usd"].sum()
    assert [by_tenant[name] for name in _SHARES] == pytest.approx(parts_usd)


def test_a_quota_turns_away_what_is_beyond_it_and_nobody_elses() -> None:
    """A bucket of 60 turns, refilled at 1 a second, under two a second: filled and emptied by hand, arrival by arrival."""
    result = simulated(shared(acme={"limits": {"rpm": 60}}))
    assert _n_turned_away(result, "acme", 60.0) > 1_000
    assert _n_turned_away(result, "bits", np.inf) == _n_turned_away(result, "rest", np.inf) == 0


def test_without_a_quota_of_its_own_each_tenant_has_the_workloads() -> None:
    result = simulated(shared({"limits": {"rpm": 30}}, rest={"limits": {"rpm": 1_000}}))
    assert min(_n_turned_away(result, name, 30.0) for name in ("acme", "bits")) > 500
    assert _n_turned_away(result, "rest", 1_000.0) == 0


def _n_turned_away(result: RunResult, tenant: str, rpm: float) -> int:
    """How many of a tenant's actions were rejected, each of which a bucket kept by hand rejects, too."""
    assert result.rows is not None
    n = 0
    for stream_id, stream in enumerate(result.streams):
        rows = result.rows[result.rows["stream"] == stream_id].sort_values("arrival_s")
        if stream.tenant != tenant:
            continue
        level, last_s = rpm, 0.0
        for arrival_s, outcome in zip(rows["arrival_s"], rows["outcome"], strict=True):
            if arrival_s > 60.0 + _DURATION_S - 60.0:  # later ones may not have ended
                break
            level, last_s = min(rpm, level + (arrival_s - last_s) * rpm / 60.0), arrival_s
            is_let_in = level >= 1.0
            level -= is_let_in
            n += not is_let_in
            assert (outcome == Outcome.REJECTED) == (not is_let_in)
    return n


def test_a_tenants_luck_hangs_on_its_name_alone() -> None:
    """A quota of one changes nothing of what the others ask, nor when."""
    free, limited = simulated(shared()), simulated(shared(acme={"limits": {"rpm": 60}}))
    arrived = [one.counts[..., CountColumn.ARRIVED] for one in (free, limited)]
    np.testing.assert_array_equal(*arrived)


def test_a_budget_stops_its_tenant_and_nobody_else() -> None:
    budget = {"max_budget": 8.0, "check_every": 10.0}
    scenario = shared(acme={"budget": budget})
    result = simulated(scenario)
    (event,) = result.budget_events
    assert (event.workload, event.kind) == ("acme of chat", "exceeded")
    assert event.spent_usd >= 8.0
    spent_before = simulated(shared()).budget_events
    assert spent_before == ()
    limited = {
        stream.tenant: int(result.counts[:, stream_id, CountColumn.LIMITED].sum())
        for stream_id, stream in enumerate(result.streams)
    }
    assert limited["acme"] > 100
    assert limited["bits"] == limited["rest"] == 0
    metered = money_of(result, scenario).money(Selection(tenant="acme", target="large")).sum()
    assert metered < 8.0 * 1.5  # what was under way, and what was spent between two looks


def test_a_success_of_a_tenant_has_its_own_unit_cost() -> None:
    scenario = shared(acme={"limits": {"rpm": 60}})
    money = money_of(simulated(scenario), scenario)
    dear, usual = (
        money.money(Selection(tenant=name)).sum()
        / money.numbers(Basis.SUCCESSFUL_ACTION, Selection(tenant=name)).sum()
        for name in ("acme", "rest")
    )
    assert dear > usual + 0.2  # what is turned away has to be done over


@pytest.mark.parametrize(
    ("tenants", "message"),
    [
        ({"acme": {"share": 0.6}}, "the shares of `tenants` add up to 1.1, not 1"),
        (
            {"acme": {"budget": {"max_budget": 1, "on_exceed": "downgrade", "models": {"large": "large"}}}},
            "not a tenant's",
        ),
    ],
)
def test_what_cannot_be_is_told(tenants: dict[str, dict[str, Any]], message: str) -> None:
    try:
        found = [finding.message for finding in check_scenario(shared(**tenants), Path())]
    except ValueError as error:
        found = [str(error)]
    assert any(message in text for text in found)
