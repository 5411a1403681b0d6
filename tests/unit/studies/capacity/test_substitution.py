"""Which knobs spare what is paid by use: prices of those who stand in for each other on a route."""

from typing import Any

import pytest

from simulator.economics.price_book import price_book
from simulator.scenario.asked_targets import targets_of_route
from simulator.scenario.model import Scenario
from simulator.studies.capacity.knobs import axes_of
from simulator.studies.capacity.substitution import substituting_axes

SECOND = {"distribution": "constant", "value": 1.0}
CHAT = {"prompt_tokens": SECOND, "output_tokens": SECOND}


def _hosted(name: str, usd: float) -> dict[str, Any]:
    prices = {"input": usd, "output": 4.0 * usd}
    hosted = {"model_name": name, "provider": "nobody", "model": name, "prices": prices}
    return {**hosted, "ttft": SECOND, "tpot": SECOND, "tpm": 1000, "success_rate": 0.9}


def _pool(name: str, **changes: Any) -> dict[str, Any]:
    pool = {"model": "meta-llama/Meta-Llama-3.1-8B", "gpu": "h100_sxm", "price": 3.0, **changes}
    return {"model_name": name, "pool": pool}


def _spared(path: str, models: list[dict[str, Any]], **route: Any) -> bool:
    """Whether a knob at `path` spares anything on a route."""
    document = {
        "metadata": {"name": "spare"},
        "workloads": [{"name": "ask", "arrival_rate": 1.0, "steps": [{"generate": "route"}], **CHAT}],
        "model_list": models,
        "routes": {"route": route},
        "capacity": {"knobs": [{"path": path, "min": 1, "max": 3}]},
    }
    scenario = Scenario.model_validate(document)
    (spares,) = substituting_axes(scenario, axes_of(scenario), price_book(scenario))
    return spares


@pytest.mark.parametrize(
    ("models", "spares"),
    [
        ([_pool("own"), _hosted("other", 1.0)], True),
        ([_pool("own"), _hosted("other", 0.0)], False),
        ([_pool("own"), _pool("other")], False),
        ([_pool("own"), _pool("other", autoscaling={"max_replicas": 3, "target_ongoing_requests": 9})], True),
    ],
    ids=["tokens", "free tokens", "replicas that are held", "replicas that come and go"],
)
def test_replicas_spare_what_is_paid_by_use_beside_them(models: list[dict[str, Any]], spares: bool) -> None:
    assert _spared("model_list.own.pool.replicas", models, choose=["own"], fallbacks=["other"]) == spares
    assert _spared("model_list.own.pool.replicas", models, choose=["other", "own"]) == spares


@pytest.mark.parametrize(("own_usd", "spares"), [(1.0, True), (2.0, False), (3.0, False)])
def test_quota_spares_if_what_stands_in_is_dearer(own_usd: float, spares: bool) -> None:
    models = [_hosted("own", own_usd), _hosted("other", 2.0)]
    assert _spared("model_list.own.tpm", models, choose=["own"], fallbacks=["other", "human"]) == spares


def test_alone_on_its_route_a_knob_spares_nothing() -> None:
    assert not _spared("model_list.own.pool.replicas", [_pool("own")], choose=["own"], fallbacks=["human"])


def test_targets_of_a_route_are_models_and_services_in_order() -> None:
    document = {
        "metadata": {"name": "route"},
        "workloads": [{"name": "ask", "arrival_rate": 1.0, "steps": [{"generate": "route"}], **CHAT}],
        "model_list": [_hosted("a", 1.0), _hosted("b", 1.0), _hosted("c", 1.0)],
        "routes": {
            "route": {"routing_strategy": "complexity", "choose": {"simple": "b", "complex": "a"}}
            | {"fallbacks": ["c", "b", "human"]}
        },
    }
    assert targets_of_route(Scenario.model_validate(document), "route") == ["b", "a", "c"]
