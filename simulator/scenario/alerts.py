"""What a scenario says about alerts: who is notified when the error budget of an objective burns too fast.

Source of the rules: Beyer et al., The Site Reliability Workbook (2018), chapter 5, "Multiwindow, Multi-Burn-Rate Alerts";
the four that are there by default are those that Sloth generates.
"""

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.units import Seconds

_FROZEN = ConfigDict(frozen=True, extra="forbid")
_LONGEST_S = 28 * 86_400.0


class BurnRateRule(BaseModel):
    """Fires while the error budget burns this fast over both windows: the long one is sure, the short one ends it soon."""

    model_config = _FROZEN
    burn_rate: float = Field(
        gt=0,
        le=1000,
        description="Share of actions that miss the objective, over the share that it allows; 1 uses up exactly the budget.",
    )
    long_window: Seconds = Field(gt=0, le=_LONGEST_S)
    short_window: Seconds = Field(gt=0)

    @model_validator(mode="after")
    def _shorter(self) -> "BurnRateRule":
        if self.short_window >= self.long_window:
            raise ValueError("`short_window` must be shorter than `long_window`; a twelfth of it is usual")
        return self


class Alert(BaseModel):
    """Who is notified when one of the rules fires for one of the objectives."""

    model_config = _FROZEN
    notify: str = Field(min_length=1, max_length=80, description="Who is notified, e.g. `on-call`.")
    slos: list[str] | None = Field(
        default=None,
        min_length=1,
        description="Names of objectives that are watched; none: all that count actions one by one (availability, "
        "success_rate as far as reviewers see it, percentiles of latency and ttft).",
    )
    rules: list[BurnRateRule] = Field(min_length=1, max_length=10)


def usual_alerts() -> dict[str, Alert]:
    """The rules of the workbook: two that page, two that open a ticket."""
    return {
        "page": Alert(notify="on-call", rules=[_rule(14.4, 1.0), _rule(6.0, 6.0)]),
        "ticket": Alert(notify="owner", rules=[_rule(3.0, 24.0), _rule(1.0, 72.0)]),
    }


def _rule(burn_rate: float, long_h: float) -> BurnRateRule:
    return BurnRateRule(burn_rate=burn_rate, long_window=long_h * 3600.0, short_window=long_h * 300.0)
