"""What does not fit together about money is told at its key."""

from collections.abc import Callable

import pytest

from simulator.scenario.read.errors import Problem
from simulator.scenario.read.load import LoadedScenario

Problems = Callable[[str], list[Problem]]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ("economics: {investment: $5k}\n", "without `baseline`"),
        ("languages: {de: {investment: -1}}\n", "at least 0"),
        ("economics: {platform: -$5/month}\n", "at least 0"),
        ("economics: {rework: -1}\n", "at least 0"),
        ("economics: {baseline: {cost_per_action: 1, workloads: [asc]}}\n", "asc"),
        ("economics: {commitments: [{name: c, models: [lage], monthly: $5/month}]}\n", "lage"),
        (
            "economics: {commitments: [{name: c, models: [large], monthly: 5}, {name: d, models: [large], monthly: 5}]}\n",
            "also in `c`",
        ),
        (
            "economics: {uncertain: {users: {distribution: triangular, low: 5%, high: -5%}}}\n",
            "must not fall",
        ),
        ("economics: {uncertain: {users: {distribution: uniform, low: -200%, high: 0%}}}\n", "at least -1"),
        ("economics: {uncertain: {user: {distribution: normal, cv: 5%}}}\n", "user"),
    ],
)
def test_money_that_does_not_fit_is_told(small: str, problems: Problems, changed: str, message: str) -> None:
    found = problems(small + changed)
    assert any(message in problem.message + problem.hint for problem in found), found


def test_what_is_invested_in_a_stage_needs_something_to_save_against(small: str, problems: Problems) -> None:
    early = "stages:\n  - {name: early, duration: 1w, exposure: 1%, investment: $5k}"
    found = problems(small.replace("stages:", early, 1))
    assert [(problem.path, problem.message) for problem in found] == [
        ("stages.early.investment", "changes nothing without `economics.baseline`")
    ]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ("prices: {batch_discount: 50%}", "no workload is `batch`"),
        ("prices: {input: 1}", "belong together"),
        ("prices: {input: -1, output: 1}", "at least 0"),
        ("prices: {cached_input: 1}", "without `cached_share`"),
        ("provisioned: {units: 2, price: $1/unit_hour, tpm_per_unit: 1000}", "changes nothing"),
        ("provisioned: {units: {mars: 2}, price: 1, tpm_per_unit: 1000, overflow: true}", "mars"),
        ("provisioned: {units: -2, price: 1, tpm_per_unit: 1000, overflow: true}", "at least 0"),
    ],
)
def test_prices_that_do_not_fit_are_told(small: str, problems: Problems, changed: str, message: str) -> None:
    found = problems(small.replace("    tpm: 800k\n", f"    tpm: 800k\n    {changed}\n"))
    assert any(message in problem.message + problem.hint for problem in found), found


@pytest.mark.parametrize(
    ("cost", "message"), [("{eu: $28/hour, mars: $1/hour}", "mars"), ("{eu: -$28/hour}", "at least 0")]
)
def test_people_cost_what_they_cost_where_they_are(
    small: str, problems: Problems, cost: str, message: str
) -> None:
    found = problems(small.replace("cost: $28/hour", f"cost: {cost}"))
    assert any(message in problem.message for problem in found), found


def test_people_may_cost_less_elsewhere(small: str, load: Callable[[str], LoadedScenario]) -> None:
    team = load(small.replace("cost: $28/hour", "cost: {eu: $28/hour}")).scenario.teams["agents"]
    assert (team.cost_in("eu"), team.cost_in("us")) == (28.0, 0.0)


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        ("{max_budget: 0}", "above 0"),
        ("{max_budget: $5, on_exceed: throttle}", "belong together"),
        ("{max_budget: $5, rpm: 5}", "belong together"),
        ("{max_budget: $5, on_exceed: downgrade}", "belong together"),
        ("{max_budget: $5, on_exceed: downgrade, models: {large: smal}}", "smal"),
        ("{max_budget: $5, on_exceed: downgrade, models: {tiny: large}}", "no route of the workload"),
        ("{max_budget: $5, on_exceed: explode}", "explode"),
    ],
)
def test_budgets_that_do_not_fit_are_told(small: str, problems: Problems, budget: str, message: str) -> None:
    found = problems(small.replace("    popularity:", f"    budget: {budget}\n    popularity:"))
    assert any(message in problem.message + problem.hint for problem in found), found


def test_a_route_that_others_use_cannot_be_downgraded(small: str, problems: Problems) -> None:
    other = "  - {name: more, arrival_rate: 1 rps, steps: [{generate: support}]}\n"
    text = small.replace("caches:", f"{other}caches:", 1).replace(
        "    popularity:",
        "    budget: {max_budget: $5, on_exceed: downgrade, models: {large: large}}\n    popularity:",
    )
    assert any("asked by other workloads" in problem.message for problem in problems(text))
