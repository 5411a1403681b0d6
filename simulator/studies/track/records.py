"""What is kept between one month and the next: forecasts, hour by hour, and what came, month by month.

Nothing of a log is kept but sums. Amounts are in US dollars, so that records of several years can be compared.
"""

from collections.abc import Mapping
from typing import Annotated

from simulator.studies.record import Moment, Record, if_any, if_known


class ModelUse(Record):
    """What was asked of a model, and what that cost; of an hour or of a span.

    Attributes
    ----------
    calls : attempts, whatever became of them
    limited : of them turned away by a rate limit
    fresh_tokens, cached_tokens : of the input
    """

    model: str
    calls: float = 0.0
    limited: float = 0.0
    fresh_tokens: float = 0.0
    cached_tokens: float = 0.0
    output_tokens: float = 0.0
    fresh_usd: float = 0.0
    cached_usd: float = 0.0
    output_usd: float = 0.0

    @property
    def input_tokens(self) -> float:
        """Cached or not."""
        return self.fresh_tokens + self.cached_tokens

    @property
    def tokens(self) -> float:
        """Of input and output."""
        return self.input_tokens + self.output_tokens

    @property
    def usd(self) -> float:
        """Cost of all tokens."""
        return self.fresh_usd + self.cached_usd + self.output_usd

    def plus(self, other: "ModelUse", factor: float = 1.0) -> "ModelUse":
        """The sum of this and a multiple of another one."""
        return self.model_copy(
            update={name: getattr(self, name) + factor * getattr(other, name) for name in _SUMMED}
        )


_SUMMED = tuple(name for name in ModelUse.model_fields if name != "model")


class WorkloadHour(Record):
    """An hour of a workload, as it is forecast.

    Attributes
    ----------
    turns : answers that users wait for
    groups_usd : cost of what is not billed by token, by group (`people`, `held`, `capacity`, `other`)
    """

    workload: str
    actions: float
    turns: float
    models: tuple[ModelUse, ...]
    groups_usd: Annotated[Mapping[str, float], if_any] = {}


class Cell(Record):
    """Hours that are alike.

    Attributes
    ----------
    window : number of the window that stands for them
    """

    start: Moment
    hours: float
    window: int


class Times(Record):
    """How long answers of a workload take: numbers of answers by bin of the sketch, those with any."""

    workload: str
    measure: str
    bins: tuple[int, ...]
    answers: tuple[float, ...]


class ForecastPart(Record):
    """A month as far as one stage runs in it.

    Attributes
    ----------
    windows : an hour of each workload, by window
    tpm : limit of each model that has one, tokens per minute of all regions
    """

    stage: str
    windows: tuple[tuple[WorkloadHour, ...], ...]
    cells: tuple[Cell, ...]
    times: tuple[Times, ...]
    tpm: Annotated[Mapping[str, float], if_any] = {}


class KeptForecast(Record):
    """A forecast with the day it was made.

    Attributes
    ----------
    capacity_from : where the amounts of knobs come from, in words
    """

    made: Moment
    scenario: str
    scenario_hash: str
    engine_version: str
    capacity_from: str
    parts: tuple[ForecastPart, ...]


class CameUse(Record):
    """What logs say was asked of a model.

    Attributes
    ----------
    model : as the scenario calls it, else as the log does
    cached_tokens : None: the log does not say
    cost_usd : None: the log does not say
    """

    model: str
    calls: float
    limited: float
    failed: float
    input_tokens: float
    cached_tokens: Annotated[float | None, if_known] = None
    output_tokens: float
    cost_usd: Annotated[float | None, if_known] = None
    busiest_tpm: Annotated[float | None, if_known] = None


class Came(Record):
    """What came in a month.

    Attributes
    ----------
    month : `2026-11`
    begin, end : of the part that logs cover, else of the part that was billed
    workload : that the logs are of; None: of all
    actions, turns : None: rows of the logs cannot be joined
    models : none: there is no log
    times : seconds by name, e.g. `latency p95`
    busiest_rph : requests of the busiest hour
    billed_usd : of models; None: there is no bill
    costs_usd : by group, as somebody's books have them
    """

    month: str
    begin: Moment
    end: Moment
    workload: str | None = None
    files: tuple[str, ...]
    actions: Annotated[float | None, if_known] = None
    turns: Annotated[float | None, if_known] = None
    models: tuple[CameUse, ...] = ()
    times: Annotated[Mapping[str, float], if_any] = {}
    busiest_rph: Annotated[float | None, if_known] = None
    billed_usd: Annotated[float | None, if_known] = None
    billed_days: Annotated[float | None, if_known] = None
    costs_usd: Annotated[Mapping[str, float], if_any] = {}
    notes: Annotated[tuple[str, ...], if_any] = ()

    @property
    def calls(self) -> float:
        """Requests of all models."""
        return sum(one.calls for one in self.models)
