"""Classes of complexity against probability: how many ask what, how often they are answered right, what each one costs."""

from typing import Any

from simulator.compiler.demand import stage_window
from simulator.economics.accounts import accounts
from simulator.economics.price_book import price_book
from simulator.economics.unit_cost import Basis, unit_cost
from simulator.engine import Runner
from simulator.metrics.columns import CountColumn
from simulator.metrics.dimensions import Selection
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from tests.theory.experiments import assert_agrees, constant, instant_model, replications, scenario_of, tokens

SHARES = {"easy": 0.55, "hard": 0.3, "odd": 0.15}
RIGHT = {"easy": 0.95, "hard": 0.7, "odd": 0.4}


def asked(workload: dict[str, Any] | None = None, **parts: Any) -> Scenario:
    """Users of two languages who ask questions of three classes; the hard ones go to a model of their own."""
    ask = {
        "name": "ask",
        "arrival_rate": 20.0,
        "complexity": SHARES,
        **tokens(1_000, 100),
        "steps": [{"generate": "answer"}],
    }
    models = [
        instant_model("small", success_rate=RIGHT, prices={"input": 1.0, "output": 0}),
        instant_model("large", success_rate=RIGHT, prices={"input": 5.0, "output": 0}),
    ]
    route = {"routing_strategy": "complexity", "choose": {"easy": "small", "hard": "large", "odd": "small"}}
    return scenario_of(
        {
            "regions": {"home": {"languages": {"en": 0.75, "de": 0.25}}},
            "languages": {"de": {"success_factor": 0.8}},
            "workloads": [ask | (workload or {})],
            "model_list": models,
            "routes": {"answer": route},
            **parts,
        }
    )


def shares(results: list[RunResult], part: CountColumn, whole: CountColumn, **of: str) -> list[float]:
    """Ratio of two counters of a part of the actions, in each replication."""
    rows = [result.measured_counts[result.stream_ids(Selection(**of))] for result in results]
    return [float(row[:, part].sum() / row[:, whole].sum()) for row in rows]


def test_each_class_is_asked_and_answered_right_as_is_said() -> None:
    results = replications(asked(), 900.0, 0.0)
    for name, share in SHARES.items():
        arrived = [
            float(r.measured_counts[r.stream_ids(Selection(complexity=name)), CountColumn.ARRIVED].sum())
            / r.measured_counts[:, CountColumn.ARRIVED].sum()
            for r in results
        ]
        assert_agrees(arrived, share)
        for language, factor in {"en": 1.0, "de": 0.8}.items():
            right = shares(
                results, CountColumn.CORRECT, CountColumn.SUCCEEDED, complexity=name, language=language
            )
            assert_agrees(right, RIGHT[name] * factor)


def test_a_class_pays_for_the_model_that_it_goes_to() -> None:
    scenario = asked()
    window = stage_window(scenario, None, 0.0, 60.0, 0.0)
    results = Runner(n_threads=1).replicate(scenario, window, [1, 2])
    paid = accounts(results, price_book(scenario))
    for name, usd in {"easy": 0.001, "hard": 0.005, "odd": 0.001}.items():
        found = unit_cost(paid, Basis.ACTION, Selection(complexity=name))
        assert found is not None
        assert abs(found.value - usd) < 1e-12


def test_telling_classes_apart_changes_nothing_else() -> None:
    """Two classes that differ in nothing, one class, and a class that nobody asks: the same actions, one by one."""
    alike = [instant_model("small", success_rate=0.9, ttft=constant(0.2))]
    parts: dict[str, Any] = {"model_list": alike, "routes": {}}
    steps = [{"generate": "small"}]
    told, plain, idle = (
        replications(asked({"complexity": classes, "steps": steps}, **parts), 300.0, 60.0, n=1, rows=True)[0]
        for classes in ({"easy": 0.5, "hard": 0.5}, {"easy": 1.0}, {"easy": 1.0, "hard": 0.0})
    )
    assert [stream.complexity for stream in told.streams] == ["easy", "hard"] * 2
    assert [stream.complexity for stream in plain.streams] == [""] * 2
    assert idle.streams == plain.streams
    in_pairs = told.counts.reshape(len(told.counts), 2, 2, -1).sum(axis=2)
    assert (in_pairs == plain.counts).all()
    assert (idle.counts == plain.counts).all()
    assert told.rows is not None
    assert plain.rows is not None
    names = [name for name in plain.rows.columns if name != "stream"]
    assert told.rows[names].equals(plain.rows[names])
