"""What `rollout cost` reports: what an action costs, month by month, from what it is made, and whether it is worth it.

Amounts are in the currency of the report. Beside an amount stand its 95 % interval, which is that of the simulation, and
P10, P50 and P90, which are of the uncertain inputs (`percentiles_of`: simulation noise, if no input has a range).
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import model_serializer, model_validator

from simulator.render.numbers import NOTHING
from simulator.render.sections import Quantity
from simulator.studies.common.priced import PricedReport
from simulator.studies.common.step_times import StepTimesSource
from simulator.studies.cost.case_report import BaselineComparison, BillComparison, CostSwing, LeverSavings
from simulator.studies.cost.forecast.undone import UndoneWork
from simulator.studies.record import Estimated, Interval, OptionalInterval, Record, if_any, if_known, json_key
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd

Amounts = Mapping[str, Mapping[str, float]]  # knob path → region → amount


class Amount(Estimated):
    """An amount with its interval and its percentiles; null: infinite.

    Attributes
    ----------
    estimate : with the inputs as stated
    mean : over the draws of uncertain inputs, which is what is expected; None: nothing was drawn
    """

    estimate: Interval
    p10: float | None
    p50: float | None
    p90: float | None
    mean: Annotated[float | None, if_known] = None

    @property
    def value(self) -> float:
        """With the inputs as stated."""
        return self.estimate.value

    @property
    def percentiles(self) -> tuple[float | None, float | None, float | None]:
        """P10, P50 and P90."""
        return self.p10, self.p50, self.p90


class DatedRates(Record):
    """US dollars for one of other currencies, and the day of these rates."""

    date: date
    usd: Mapping[str, float]


class InCurrency(Record):
    """A part of a report whose amounts are in one currency."""

    currency: str

    def money(self, amount: Amount | Estimate | float | None, nothing: str = NOTHING) -> Quantity:
        """An amount as people read it.

        Parameters
        ----------
        nothing : what stands where there is none
        """
        value = amount.estimate if isinstance(amount, Amount) else amount
        return Quantity(value, "money", nothing=nothing, currency=self.currency)


class CostPerUnit(Record):
    """What one costs of what is counted; None: there was none."""

    per_request: Amount | None
    per_action: Amount | None
    per_successful_action: Amount | None

    def to_row(self) -> dict[str, object]:
        """Its numbers and words; of an amount also the percentiles."""
        amounts = {name: getattr(self, name) for name in type(self).model_fields}
        percentiles = {
            f"{name}_{level}": value
            for name, found in amounts.items()
            if isinstance(found, Amount)
            for level, value in zip(("p10", "p50", "p90"), found.percentiles, strict=True)
        }
        return super().to_row() | percentiles


class CostOfStage(CostPerUnit):
    """What a stage costs, and one of its actions."""

    stage: str
    actions: float
    successes: float
    cost: Amount


class CostOfMonth(CostPerUnit):
    """What a calendar month costs, and one of its actions.

    Attributes
    ----------
    month : e.g. `2027-01`
    stages : that run in it
    share_of_month : that they cover
    budget : whether it stays within the budget; None: there is none
    over_budget : chance to exceed the budget; None: there is no budget, or nothing was drawn
    """

    month: str
    stages: tuple[str, ...]
    share_of_month: float
    actions: float
    successes: float
    cost: Amount
    budget: Annotated[Verdict | None, if_known] = None
    over_budget: OptionalInterval


class WaterfallStep(Record):
    """A step from the happy path to the full cost; per action None: there are no actions."""

    part: str
    cost: float
    per_action: float | None


class CostRow(Record):
    """A row of a cost table.

    Attributes
    ----------
    values : by column, e.g. `{"stage": "pilot", "category": "input_tokens"}`; in JSON they stand beside the amounts
    wasted : part of the cost whose answers were not used
    """

    values: Mapping[str, str]
    cost: float
    wasted: float

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, found: Any) -> Any:
        if not isinstance(found, Mapping) or "values" in found:
            return found
        amounts = {name: found[name] for name in ("cost", "wasted") if name in found}
        return {"values": {name: value for name, value in found.items() if name not in amounts}, **amounts}

    @model_serializer
    def _flatten(self) -> dict[str, str | float]:
        return {**self.values, "cost": self.cost, "wasted": self.wasted}


class CostTable(Record):
    """The table that was asked for: its columns, and a row per combination of their values."""

    by: tuple[str, ...]
    rows: tuple[CostRow, ...]


class CostReport(PricedReport, CostPerUnit, InCurrency):
    """What the rollout costs per request, action, month and stage, and how sure that is.

    Attributes
    ----------
    seed, replications : of every window of the forecast
    draws : of the uncertain inputs; 0: none
    percentiles_of : what P10, P50 and P90 are of
    fx : exchange rates of the scenario
    capacity_from : where the amounts of the knobs come from, in words
    capacity : amounts by stage; of what is not in it, as the scenario says
    total : cost of everything
    actions, successes, requests : in all months
    waterfall : from the happy path to the full cost, per action; the last step leads to the cost per success
    by : cost by each of `simulator.metrics.dimensions.COST_VIEWS`
    table : by the columns that were asked for
    case : against the process of today; None: the scenario states none
    budget : per month
    sensitivity : the input that moves the total most first
    levers : None: not asked for
    bill : beside the forecast; None: not given
    left_out : what other studies of the scenario count and a forecast does not, in sentences
    undone : work that is left when the forecast ends, and in no month
    files : that were written
    """

    view: ClassVar[str] = "simulator.studies.cost.view"

    seed: int
    replications: int
    draws: int
    percentiles_of: Literal["uncertain inputs", "simulation noise"] = "simulation noise"
    fx: DatedRates | None
    capacity_from: str
    capacity: Mapping[str, Amounts]
    total: Amount
    actions: float
    successes: float
    requests: float
    months: tuple[CostOfMonth, ...]
    stages: tuple[CostOfStage, ...]
    waterfall: tuple[WaterfallStep, ...]
    by: Mapping[str, tuple[CostRow, ...]]
    table: Annotated[CostTable, json_key("view")]
    case: BaselineComparison | None
    budget: float | None
    sensitivity: tuple[CostSwing, ...]
    levers: LeverSavings | None = None
    bill: BillComparison | None = None
    left_out: Annotated[tuple[str, ...], if_any] = ()
    undone: Annotated[tuple[UndoneWork, ...], if_any] = ()
    files: tuple[str, ...] = ()
    profiles: Mapping[str, StepTimesSource]

    @property
    def percentile_columns(self) -> tuple[str, str, str]:
        """Headings of P10, P50 and P90, which say what they are of."""
        return ("P10", "P50", "P90") if self.draws else ("noise P10", "noise P50", "noise P90")

    def to_frame(self) -> "pd.DataFrame":
        """A row per month; of an amount also its interval and its percentiles."""
        from simulator.render.dataframe import rows_frame

        return rows_frame([{"month": month.month, **month.to_row()} for month in self.months])
