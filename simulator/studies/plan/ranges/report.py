"""What is reported of ranges of inputs, by stage: bands, chances, and what each input does alone."""

from collections.abc import Mapping
from typing import Annotated

from simulator.studies.record import OptionalInterval, Record, json_key


class Percentiles(Record):
    """P10, P50 and P90 over the draws in which something was observed; None: in none."""

    p10: float | None
    p50: float | None
    p90: float | None


class FigureBands(Record):
    """Figures of a stage over the draws, with the planned capacity; money (USD, 730 h) with one that follows."""

    peak_rps: Percentiles
    latency_p95: Annotated[Percentiles, json_key("latency_p95_s")]
    ttft_p95: Annotated[Percentiles, json_key("ttft_p95_s")]
    availability: Percentiles
    success_rate: Percentiles
    month_usd: Percentiles
    per_action_usd: Percentiles
    per_successful_action_usd: Percentiles


class ObjectiveBand(Percentiles):
    """An objective over the draws, of the users and the peak (or the month) where it is worst.

    Attributes
    ----------
    chance : share of the draws in which it holds
    """

    slo: str
    metric: str
    op: str
    limit: float
    chance: OptionalInterval


class Chances(Record):
    """Share of the draws in which something holds; None: there is no budget."""

    slos: OptionalInterval
    budget: OptionalInterval
    both: OptionalInterval


class InputAlone(Record):
    """A figure at the P10 and at the P90 of one input's range, all others as the scenario says.

    Attributes
    ----------
    low_factor, high_factor : on the input
    low, high : the figure there; None: nothing was observed
    first_order : share of the figure's variance that the input explains by itself; None: too few draws
    first_order_half_width : half of its 95 % interval
    """

    input: str
    low_factor: float
    high_factor: float
    low: float | None
    high: float | None
    first_order: float | None
    first_order_half_width: float | None

    @property
    def width(self) -> float:
        """How far the input alone moves the figure."""
        return 0.0 if self.low is None or self.high is None else abs(self.high - self.low)


class Sensitivities(Record):
    """What each input does to a figure, the strongest first."""

    month_usd: tuple[InputAlone, ...]
    latency_p95: Annotated[tuple[InputAlone, ...], json_key("latency_p95_s")]


class StageRanges(Record):
    """One stage over the draws of uncertain inputs.

    Attributes
    ----------
    n_draws : with the planned capacity
    n_searched : for which capacity was planned again
    capacity : what these would ask for, knob path → region
    chance_of_any_capacity : share of them for which some setting of the knobs is enough
    """

    n_draws: Annotated[int, json_key("draws")]
    n_searched: Annotated[int, json_key("draws_planned_anew")]
    figures: FigureBands
    slos: tuple[ObjectiveBand, ...]
    chance: Chances
    capacity: Mapping[str, Mapping[str, Percentiles]]
    chance_of_any_capacity: OptionalInterval
    sensitivity: Sensitivities
