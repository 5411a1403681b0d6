"""What `scenarios/mirror.yaml` says: a bad release is stopped before anybody has got it, for about a dollar an hour."""

from pathlib import Path

import pytest

from simulator.engine import Runner
from simulator.mechanisms.releases.config import ReleaseChanges
from simulator.scenario.read.load import load_scenario
from simulator.studies.canary.canary import rehearse_canary
from simulator.studies.canary.cases import NO_CHANGE, Case
from simulator.studies.canary.rehearsals import RehearsalPlan
from simulator.studies.canary.report import CanaryReport

_SCENARIOS = Path(__file__).parents[2] / "scenarios"
_WORSE = Case("five points worse", ReleaseChanges(success_rate=-0.05), False)


def _rehearsed(name: str) -> CanaryReport:
    loaded = load_scenario(_SCENARIOS / name)
    plan = RehearsalPlan(None, None, 20)
    return rehearse_canary(loaded.scenario, [_WORSE, NO_CHANGE], plan, Runner(loaded.base_dir))


@pytest.fixture(scope="module")
def mirrored() -> CanaryReport:
    return _rehearsed("mirror.yaml")


def test_nobody_is_hurt_by_what_is_only_copied(mirrored: CanaryReport) -> None:
    worse, same = mirrored.cases
    assert worse.aborted.value == 1.0
    assert worse.exposed.value < 50.0
    assert abs(worse.harmed.value) < 5.0
    assert same.promoted.value >= 0.8
    alone, _ = _rehearsed("canary.yaml").cases
    assert alone.exposed.value > 300.0
    assert alone.copies is None


def test_copies_cost_tokens_that_buy_no_answer(mirrored: CanaryReport) -> None:
    """An hour at a fifth of four tickets a second, at the price of the model."""
    _, same = mirrored.cases
    assert same.copies is not None
    per_copy_usd = same.copies.cost.value / same.copies.actions.value
    assert same.copies.actions.value == pytest.approx(0.2 * 4.0 * 3600.0, rel=0.05)
    assert 0.5 < 3600.0 * 0.2 * 4.0 * per_copy_usd < 2.5
