"""A scenario with some of its inputs changed by a factor: what ranges of inputs and levers are made of.

Factors on use (demand, lengths, handling times, errors) change what is simulated; factors on prices only what it
costs, so that simulated use is priced again instead of being simulated again.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from simulator.economics.categories import TOKEN_CATEGORIES, Category
from simulator.mechanisms.review.config import Team
from simulator.mechanisms.traffic.config import TokenTrace
from simulator.scenario.model import ListedModel, Route, Scenario, Stage

_IN_DOLLARS = (
    Category.PROVISIONED_HOURS,
    Category.PROVISIONED_IDLE_HOURS,
)  # besides tokens, billed so by providers
_SHORTEST = 1e-3  # of what a curve says
_SCALED_FIELDS = ("value", "mean", "low", "high", "p50", "p95")


@dataclass(frozen=True)
class InputFactors:
    """Factors on what a scenario says; 1 leaves it as it is. The names are those of `economics.uncertain`."""

    users: float = 1.0
    prompt_tokens: float = 1.0
    output_tokens: float = 1.0
    token_price: float = 1.0
    handle_time: float = 1.0
    people_cost: float = 1.0
    error_share: float = 1.0
    success_rate: float = 1.0
    hand_off_rate: float = 1.0
    adoption_delay: float = 1.0
    exchange_rate: float = 1.0

    @property
    def use(self) -> tuple[float, ...]:
        """Those that change what is simulated: equal ones need one simulation."""
        return (
            self.users,
            self.prompt_tokens,
            self.output_tokens,
            self.handle_time,
            self.error_share,
            self.success_rate,
            self.hand_off_rate,
            self.adoption_delay,
        )

    @property
    def prices(self) -> dict[Category, float]:
        """Factor on the price of each category."""
        return {
            **dict.fromkeys(
                (*TOKEN_CATEGORIES, Category.MIRRORED_TOKENS), self.token_price / self.exchange_rate
            ),
            **dict.fromkeys(_IN_DOLLARS, 1.0 / self.exchange_rate),
            Category.HUMAN_HOURS: self.people_cost,
            Category.HUMAN_IDLE_HOURS: self.people_cost,
        }


def with_factors(scenario: Scenario, factors: InputFactors) -> Scenario:
    """The scenario with other lengths, handling times and errors; demand is scaled where windows are made."""
    if all(factor == 1.0 for factor in factors.use[1:]):
        return scenario
    workloads = [
        workload.model_copy(
            update={
                "prompt_tokens": scaled(workload.prompt_tokens, factors.prompt_tokens),
                "output_tokens": scaled(workload.output_tokens, factors.output_tokens),
            }
        )
        for workload in scenario.workloads
    ]
    teams = {name: _with_times(team, factors.handle_time) for name, team in scenario.teams.items()}
    models = [_with_errors(model, factors.error_share, factors.success_rate) for model in scenario.model_list]
    routes = {name: _with_hand_offs(route, factors.hand_off_rate) for name, route in scenario.routes.items()}
    stages = [_with_delay(stage, factors.adoption_delay) for stage in scenario.stages]
    return scenario.model_copy(
        update={
            "workloads": workloads,
            "teams": teams,
            "model_list": models,
            "routes": routes,
            "stages": stages,
        }
    )


def _with_times(team: Team, factor: float) -> Team:
    """A team that takes `factor` times as long for everything."""
    drafts = team.drafts
    times = {"approve": drafts.approve, "change": drafts.change, "reject": drafts.reject}
    scaled_times = {name: scaled(time, factor) for name, time in times.items()}
    return team.model_copy(
        update={
            "handle_time": scaled(team.handle_time, factor),
            "drafts": drafts.model_copy(update=scaled_times),
        }
    )


def _with_delay(stage: Stage, factor: float) -> Stage:
    """A stage whose users take `factor` times as long to take it up."""
    if stage.adoption is None or factor == 1.0:
        return stage
    takes = max(_SHORTEST, factor * stage.adoption.takes)
    return stage.model_copy(update={"adoption": stage.adoption.model_copy(update={"takes": takes})})


def scaled(distribution: Any, factor: float) -> Any:
    """A distribution of `factor` times what it draws; of a trace, of its lengths."""
    if distribution is None or factor == 1.0:
        return distribution
    if isinstance(distribution, TokenTrace):
        return distribution.model_copy(update={"scale": distribution.scale * factor})
    assert isinstance(distribution, BaseModel)
    if hasattr(distribution, "quantiles"):
        quantiles = {level: value * factor for level, value in distribution.quantiles.items()}
        return distribution.model_copy(update={"quantiles": quantiles})
    given = {name: getattr(distribution, name, None) for name in _SCALED_FIELDS}
    return distribution.model_copy(
        update={name: value * factor for name, value in given.items() if value is not None}
    )


def _with_errors(model: ListedModel, errors: float, success: float) -> ListedModel:
    if errors == success == 1.0:
        return model
    if isinstance(model.success_rate, dict):
        rates = {name: _right(rate, errors, success) for name, rate in model.success_rate.items()}
        return model.model_copy(update={"success_rate": rates})
    return model.model_copy(update={"success_rate": _right(model.success_rate, errors, success)})


def _right(success_rate: float, errors: float, success: float) -> float:
    """Success rate with `errors` times the wrong answers, and then `success` times the right ones, at most all of them."""
    return min(1.0, success * (1.0 - min(1.0, errors * (1.0 - success_rate))))


def _with_hand_offs(route: Route, factor: float) -> Route:
    """A route whose models flag `factor` times as many answers as unsure, at most all of them."""
    if factor == 1.0:
        return route
    flags = route.confidence
    flagged = {
        "flags_wrong": min(1.0, factor * flags.flags_wrong),
        "flags_right": min(1.0, factor * flags.flags_right),
        "flags_ungrounded": min(1.0, factor * flags.flags_ungrounded),
    }
    return route.model_copy(update={"confidence": flags.model_copy(update=flagged)})
