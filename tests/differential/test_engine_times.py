"""Iterations that no CUDA graph holds, decodes alone among them: leaps over them must last as long as their steps."""

from collections.abc import Iterator

import pytest

from simulator.mechanisms.replicas import catalog, engines
from tests.differential import pool_scenarios as scenarios
from tests.differential.twins import assert_same_measures, assert_same_rows, assert_same_stations, run_both


@pytest.fixture
def _small_graphs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Graphs of at most six tokens, so that batches of a dozen are launched kernel by kernel, and smaller ones are not."""
    times = engines.ENGINES[0]
    monkeypatch.setattr(engines, "ENGINES", (times._replace(graph_tokens=6),))
    catalog._with_engine.cache_clear()
    yield
    catalog._with_engine.cache_clear()


@pytest.mark.usefixtures("_small_graphs")
@pytest.mark.parametrize("case", [scenarios.one_replica, scenarios.bursts], ids=lambda case: case.__name__)
def test_leaps_cross_the_limit_of_the_graphs(case: object) -> None:
    twins = run_both(case(), 60.0, 5, 10.0)  # type: ignore[operator]
    assert len(twins.ledger.rows) > 200
    assert_same_rows(twins)
    assert_same_measures(twins)
    assert_same_stations(twins)
