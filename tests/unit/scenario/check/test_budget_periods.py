"""Budgets with a clock that does not exist, or that bill hours of units that nobody holds."""

from pathlib import Path

from simulator.scenario.check.checks import check_scenario
from simulator.scenario.model import Scenario
from tests.unit.studies.money import answers_document


def _found(**budget: object) -> list[tuple[str, str]]:
    document = answers_document()
    document["workloads"][0]["budget"] = {"max_budget": 5.0, **budget}
    findings = check_scenario(Scenario.model_validate(document), Path())
    return [(".".join(map(str, one.path)), one.message) for one in findings]


def test_a_budget_that_fits_has_no_findings() -> None:
    assert _found() == _found(timezone="Europe/Berlin") == []


def test_a_clock_that_does_not_exist() -> None:
    assert _found(timezone="Europe/Atlantis") == [
        ("workloads.0.budget.timezone", "no time zone `Europe/Atlantis`")
    ]


def test_hours_that_nobody_holds() -> None:
    assert _found(provisioned=True) == [
        ("workloads.0.budget.provisioned", "changes nothing: nobody holds units")
    ]
