"""Names become numbers: services, then models, then teams, each with a plain route; stations say what they are."""

import math
from pathlib import Path
from typing import Any

import pytest

from simulator.compiler.lanes import LaneList
from simulator.compiler.targets import Targets, build_targets
from simulator.mechanisms.codes import Station, TargetKind
from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.routes.codes import FallbackKind, Jitter, Strategy
from simulator.numerics.events import NONE
from simulator.scenario.model import Scenario

SECOND = {"distribution": "constant", "value": 1.0}


def _model(name: str, **values: Any) -> dict[str, Any]:
    prices = {"input": 2.0, "output": 8.0}
    return {
        "model_name": name, "provider": "own", "model": name, "prices": prices, "ttft": SECOND, "tpot": SECOND, **values
    }  # fmt: skip


def _build(**parts: Any) -> Targets:
    document = {
        "metadata": {"name": "targets"},
        "regions": {"east": {}, "west": {}},
        "workloads": [{"name": "ask", "arrival_rate": 1.0, "steps": [{"generate": "small"}]}],
        "services": {"crm": {"service_time": SECOND, "regions": ["west"]}},
        "model_list": [_model("small", success_rate={"easy": 0.9, "hard": 0.5}), _model("big", weight=3.0)],
        "teams": {"agents": {"staff": {"east": 4}, "handle_time": SECOND}},
        **parts,
    }
    return build_targets(
        Scenario.model_validate(document), Path(), DistributionTable(), LaneList(use_lanes=False), 0, []
    )


def test_stations_in_the_order_of_the_scenario() -> None:
    targets = _build()
    assert targets.station_names == (
        Station("service", "crm", "west"),
        Station("model", "small", "east"),
        Station("model", "small", "west"),
        Station("model", "big", "east"),
        Station("model", "big", "west"),
        Station("team", "agents", "east"),
    )
    assert targets.target_of == {"crm": 0, "small": 1, "big": 2, "agents": 3}
    assert targets.records["kind"].tolist() == [
        TargetKind.SERVICE, TargetKind.MODEL, TargetKind.MODEL, TargetKind.TEAM
    ]  # fmt: skip
    assert targets.is_team.tolist() == [False, False, False, True]


def test_every_target_but_people_has_a_plain_route() -> None:
    targets = _build()
    assert set(targets.route_of) == {"crm", "small", "big"}
    for name, number in targets.route_of.items():
        route = targets.routing.routes[number]
        assert targets.routing.choices[route.first_choice].target == targets.target_of[name]
        assert (route.n_choices, route.num_retries, route.n_fallbacks) == (1, 0, 0)
        assert (route.timeout_s, route.per_try_s) == (math.inf, math.inf)
        assert route.is_generate == (name != "crm")


def test_a_route_of_the_scenario() -> None:
    route = {
        "choose": ["small", "big"],
        "fallbacks": ["big", "human"],
        "backoff": {"base": 1.0, "jitter": "equal"},
        "num_retries": 1,
    }
    targets = _build(routes={"answer": route})
    row = targets.routing.routes[targets.route_of["answer"]]
    choices = targets.routing.choices[row.first_choice :][: row.n_choices]
    assert choices["target"].tolist() == [1, 2]
    assert choices["weight_cumulative"].tolist() == [0.25, 1.0]  # by the weights of the models
    fallbacks = targets.routing.fallbacks[row.first_fallback :][: row.n_fallbacks]
    assert fallbacks.tolist() == [2, FallbackKind.HUMAN]
    assert (row.jitter, targets.routing.waits[row.first_wait].lane) == (Jitter.EQUAL, NONE)


def test_by_complexity_each_class_has_a_choice() -> None:
    workloads = [
        {
            "name": "ask",
            "arrival_rate": 1.0,
            "complexity": {"easy": 0.5, "hard": 0.3, "odd": 0.2},
            "steps": [{"generate": "answer"}],
        }
    ]
    route = {"routing_strategy": "complexity", "choose": {"hard": "big", "easy": "small"}}
    targets = _build(routes={"answer": route}, workloads=workloads)
    row = targets.routing.routes[targets.route_of["answer"]]
    assert row.strategy == Strategy.COMPLEXITY
    choices = targets.routing.choices["target"][row.first_choice :][: row.n_choices]
    assert choices.tolist() == [1, 2, 2]  # a class that is not named: as the first one that is
    assert targets.success_rate[1, :2].tolist() == [0.9, 0.5]
    assert targets.success_rate[2, :3].tolist() == [1.0, 1.0, 1.0]
    assert (targets.success_rate[[0, 3]] == 1.0).all()


def test_prices_are_per_token() -> None:
    records = _build().records
    assert records["input_usd"].tolist() == pytest.approx([0.0, 2e-6, 2e-6, 0.0])
    assert records["output_usd"].tolist() == pytest.approx([0.0, 8e-6, 8e-6, 0.0])
