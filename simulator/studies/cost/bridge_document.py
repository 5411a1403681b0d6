"""The document and the table of `rollout bridge`: from the cost of one forecast to that of another, driver by driver."""

from rich.console import Group
from rich.text import Text

from simulator import __version__
from simulator.economics.accounts import Basis
from simulator.economics.bridge import bridge
from simulator.economics.categories import Floats
from simulator.render.footer import version
from simulator.render.terminal_tables import Document, printable, spaced, table
from simulator.results.samples import CONFIDENCE, Sample, to_signed_estimate
from simulator.scenario.read.currencies import DOLLAR
from simulator.scenario.read.hashing import scenario_hash
from simulator.studies.cost.cost_figures import Money, money_of
from simulator.studies.cost.money import Amounts
from simulator.studies.cost.study import CostStudy
from simulator.studies.run.document import SCHEMA, JsonObject


def bridge_document(names: tuple[str, str], before: CostStudy, after: CostStudy) -> JsonObject:
    """Document of a bridge; amounts in the currency that both scenarios report in, else in US dollars.

    Parameters
    ----------
    names : of the two files
    """
    sides = (money_of(before), money_of(after))
    money = sides[1] if sides[0] == sides[1] else Money(DOLLAR, 1.0)
    parts = bridge(before.forecast, after.forecast)
    difference = after.forecast.cost_usd - before.forecast.cost_usd
    return {
        "schema": SCHEMA,
        "engine_version": __version__,
        "interval_level": CONFIDENCE,
        "currency": money.currency,
        "sides": [_side(name, study, money) for name, study in zip(names, (before, after), strict=True)],
        "difference": _signed(difference, money),
        "drivers": [{"driver": driver.value, **_signed(part, money)} for driver, part in parts.items()],
        "interrupted": False,
    }


def bridge_report(document: Document, _width: int) -> Group:
    """What `rollout bridge` prints."""
    amount = Amounts(document["currency"])
    first, second = document["sides"]
    made = table("driver", "change", "running total", right=(1, 2), no_wrap=(0, 1, 2))
    running = first["cost"]
    made.add_row("A", "", amount(running))
    for row in document["drivers"]:
        running += row["value"]
        made.add_row(row["driver"], amount.estimate(row), amount(running))
    made.add_section()
    made.add_row("B", amount.estimate(document["difference"]), amount(second["cost"]))
    units = table("", "cost", "actions", "per action", "per success", right=range(1, 5), no_wrap=range(1, 5))
    for letter, side in zip("AB", document["sides"], strict=True):
        units.add_row(
            letter,
            amount(side["cost"]),
            f"{round(side['actions']):,}",
            amount(side["per_action"]),
            amount(side["per_successful_action"]),
        )
    notes = [
        f"the parts add up to the difference; {document['interval_level']:.0%} intervals over pairs of replications",
        *(
            f"{letter}: {printable(side['name'])} · {version({**document, **side})}"
            for letter, side in zip("AB", document["sides"], strict=True)
        ),
    ]
    return spaced([units, made, Text("\n".join(notes), style="dim")])


def _side(name: str, study: CostStudy, money: Money) -> JsonObject:
    forecast = study.forecast
    return {
        "name": name,
        "scenario": study.scenario.metadata.name,
        "scenario_hash": scenario_hash(study.scenario),
        "months": [f"{month:%Y-%m}" for month in forecast.months],
        "cost": money.of(forecast.total_usd),
        "actions": float(forecast.numbers(Basis.ACTION).mean()),
        "per_action": _unit(study, Basis.ACTION, money),
        "per_successful_action": _unit(study, Basis.SUCCESSFUL_ACTION, money),
    }


def _unit(study: CostStudy, basis: Basis, money: Money) -> float | None:
    sample = study.forecast.unit_cost(basis)
    return None if sample is None else money.of(sample.value)


def _signed(units_usd: Floats, money: Money) -> JsonObject:
    """A change with its interval over pairs of replications."""
    return money.estimate(to_signed_estimate(Sample(float(units_usd.mean()), units_usd)))
