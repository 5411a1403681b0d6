"""What `rollout track` reports: month by month forecast against what came, why, the bias, and how long budgets last."""

from typing import Annotated, ClassVar

from simulator.render.numbers import Unit
from simulator.studies.cost.report import InCurrency
from simulator.studies.record import OptionalInterval, Record, if_any
from simulator.studies.report import JudgedReport, ScenarioReport


class Compared(Record):
    """One measure of a month; money in the currency of the report.

    Attributes
    ----------
    error : forecast over what came, less 1; None: nothing came
    """

    metric: str
    unit: Unit
    forecast: float
    actual: float
    error: float | None


class CausePart(Record):
    """The part of a cause in the difference of costs, in the currency of the report."""

    cause: str
    amount: float


class ComparedMonth(Record):
    """A month that was forecast and came.

    Attributes
    ----------
    begin, end : of the part that is compared, ISO 8601
    forecast_made : date of the forecast
    made_before : it was made before the month began
    forecast, actual : cost of what both sides have
    parts : of the difference, what came less what was forecast; they add up to it
    """

    month: str
    begin: str
    end: str
    stages: tuple[str, ...]
    files: tuple[str, ...]
    forecast_made: str
    made_before: bool
    forecast: float
    actual: float
    measures: tuple[Compared, ...]
    parts: tuple[CausePart, ...]
    notes: tuple[str, ...]

    @property
    def difference(self) -> float:
        """What came less what was forecast."""
        return self.actual - self.forecast


class Bias(Record):
    """How far forecasts were off over the months.

    Attributes
    ----------
    too_high, too_low : months
    mean : of forecast over what came, less 1, with its 95 % interval from three months on; geometric
    """

    metric: str
    months: int
    too_high: int
    too_low: int
    mean: OptionalInterval


class BudgetDate(Record):
    """When a budget runs out, if all goes on as it did.

    Attributes
    ----------
    spent : so far, of that what came, and of what nothing is known the forecast
    projected : of the month, or of the whole rollout
    date : first day on which more is spent; None: it lasts
    """

    budget: str
    amount: float
    spent: float
    projected: float
    date: str | None


class Correction(Record):
    """A number of the scenario that the last month speaks against.

    Attributes
    ----------
    path : in the scenario
    amount : its part in the difference of costs; None: it moves no cost
    """

    path: str
    unit: Unit
    forecast: float
    actual: float
    amount: float | None


class TrackReport(ScenarioReport, JudgedReport, InCurrency):
    """Forecasts against what came.

    Attributes
    ----------
    forecasts : that are kept, the present one among them
    ratio : what came over what was forecast of token costs in the last month, at which budgets are projected
    corrections : the largest first
    """

    view: ClassVar[str] = "simulator.studies.track.view"

    months: tuple[ComparedMonth, ...]
    forecasts: int
    kept_in: str | None
    bias: tuple[Bias, ...]
    budgets: tuple[BudgetDate, ...]
    ratio: float | None
    corrections: tuple[Correction, ...]
    tolerance: float
    reasons: tuple[str, ...]
    warnings: Annotated[tuple[str, ...], if_any] = ()

    def not_passed(self) -> list[str]:
        """What speaks against the forecast."""
        return list(self.reasons)
