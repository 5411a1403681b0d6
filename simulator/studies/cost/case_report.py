"""What a cost report holds besides costs: the case against today, ranges of inputs, levers, and a bill.

Amounts are in the currency of the report.
"""

from typing import Annotated

from simulator.studies.record import Interval, OptionalInterval, Record, if_any, if_known, json_key


class BaselineMonth(Record):
    """A month against the process of today: actions and successes of the workloads it handles."""

    month: str
    actions: float
    successes: float
    baseline: float
    cost: float
    saving: float


class CaseRange(Record):
    """P10, P50 and P90 of an amount, and its mean over the draws; None: nothing was drawn."""

    p10: float | None
    p50: float | None
    p90: float | None
    mean: Annotated[float | None, if_known] = None


class CaseRanges(Record):
    """How sure the case is: of the uncertain inputs, without any of them simulation noise.

    Attributes
    ----------
    payback_month : P10, P50 and P90; None: not within the horizon
    """

    saving: CaseRange
    later_saving_per_month: CaseRange
    npv: CaseRange
    payback_month: tuple[str | None, str | None, str | None]


class InvestmentRow(Record):
    """What is paid once, and in which month."""

    what: str
    month: str
    amount: float


class BaselineComparison(Record):
    """Whether the rollout is worth it, against the process of today.

    Attributes
    ----------
    saving : of all months of the stages
    later_saving_per_month : after the last stage, at the pace of its end
    break_even_actions_per_month : volume from which it saves; None: at no volume
    break_even_success_rate : success rate from which it saves; 0: at any; above 1 or None: at none
    success_rate : share of right answers among the actions that the baseline handles; None: there are none
    investment : all of `investments` together
    payback_month : in which savings have paid all of it back; None: not within the horizon
    npv : savings of the horizon less the investments, discounted to the start
    deflected_actions : right without people
    freed_person_hours : None: the baseline does not say how long people take
    ranges : None: the draws were interrupted
    """

    baseline_per_action: float
    baseline_success_rate: float
    value_per_success: float | None
    months: tuple[BaselineMonth, ...]
    saving: float
    saving_per_action: float
    later_saving_per_month: float
    break_even_actions_per_month: float | None
    break_even_success_rate: float | None
    success_rate: float | None
    investment: float
    discount_rate: float
    horizon_months: int
    payback_month: str | None
    npv: float
    deflected_actions: float
    freed_person_hours: float | None
    investments: Annotated[tuple[InvestmentRow, ...], if_any] = ()
    ranges: Annotated[CaseRanges | None, if_known] = None


class CostSwing(Record):
    """What an uncertain input does to the total by itself.

    Attributes
    ----------
    low_factor, high_factor : on the input, at the P10 and P90 of its range
    low, high : total there, with all else as stated
    first_order, first_order_half_width : share of the variance that it explains; None: too few draws
    """

    input: str
    low_factor: float
    high_factor: float
    low: float
    high: float
    first_order: float | None
    first_order_half_width: float | None


class LeverSaving(Record):
    """What a change saves in a month of 730 h, and what users feel in the busiest hour.

    Attributes
    ----------
    points : its step in points of per cent; None: a step that has none
    saving_per_point : None: the same
    latency_p95, success_rate : after less before; None: nothing was observed
    """

    lever: str
    points: float | None
    saving_per_point: float | None
    saving: Interval
    latency_p95: Annotated[OptionalInterval, json_key("p95_latency_s")]
    success_rate: OptionalInterval


class LeverSavings(Record):
    """Levers at the end of a stage, the one that saves most per point first."""

    stage: str
    rows: tuple[LeverSaving, ...]


class BillMonth(Record):
    """A month that was both billed and forecast; the error is None where nothing was billed.

    Attributes
    ----------
    actual_days, forecast_days : that are billed, from the first to the last, and that are forecast
    is_partial : it was billed for fewer days than were forecast
    """

    month: str
    actual: float
    forecast: float
    error: float | None
    actual_days: float
    forecast_days: float
    is_partial: bool


class BillComparison(Record):
    """A bill beside the forecast of hosted models.

    Attributes
    ----------
    file : its name
    format : whose export it is
    n_rows : that bill a model
    actual, forecast : of the months that are both billed and forecast
    error : (forecast - actual) / actual
    mean_absolute_error : of a month that is billed in full
    other_months : that are billed, and not forecast
    notes : what of the bill was left out, repeated or taken for granted
    """

    file: str
    format: str
    n_rows: Annotated[int, json_key("rows")]
    months: tuple[BillMonth, ...]
    actual: float
    forecast: float
    error: float | None
    mean_absolute_error: float | None
    other_months: tuple[str, ...]
    notes: tuple[str, ...] = ()
