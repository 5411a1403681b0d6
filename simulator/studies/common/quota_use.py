"""How much of a hosted model's limits does its load take, as its provider counts?"""

from collections.abc import Sequence

from simulator.mechanisms.providers.limit_rules import RequestRule, TokenRule
from simulator.mechanisms.providers.limits_build import Limited, rules_of
from simulator.mechanisms.providers.shared_quotas import EVERYWHERE
from simulator.metrics.dimensions import Selection
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.scenario.model import ListedModel, Scenario
from simulator.theory.estimate import Estimate

LIMIT_WORDS = {
    "tpm": "tokens per minute",
    "rpm": "requests per minute",
    "input_tpm": "input tokens per minute",
    "output_tpm": "output tokens per minute",
}


def words_for(limited: Limited, key: str) -> str:
    """What a limit is of, in words."""
    return (
        f"{LIMIT_WORDS[key]} as {limited.limits_as} counts"
        if limited.limits_as is not None
        else LIMIT_WORDS[key]
    )


def counted_per_minute(
    scenario: Scenario,
    model: ListedModel,
    rule: RequestRule,
    results: Sequence[RunResult],
    region: str,
    *,
    turned_away: bool,
) -> Estimate | None:
    """What the load of these runs comes to in a minute where it is counted by a rule; None: nothing was asked.

    Of a limit that is settled it is what is used in the end; reservations need room besides.

    Parameters
    ----------
    turned_away : count the tokens of tries that got a 429, too, as long as those let in
    """
    here = Selection(target=model.model_name, region=region)
    attempts = estimate(results, "requests_per_minute", None, here)
    if attempts is None or not isinstance(rule, TokenRule):
        return attempts
    refused = estimate(results, "rate_limited_rate", None, here) if turned_away else None
    admitted = 1.0 - (0.0 if refused is None else refused.value)
    if admitted <= 0.0:
        return Estimate.exact(float("inf"))
    charge = rule.at_start if rule.at_end is None else rule.at_end
    cached_share = 0.0 if model.prices is None else model.prices.cached_share
    sides = [
        _weighed(charge.of_input(cached_share) / admitted, "input_tokens_per_minute", results, here),
        _weighed(charge.output / admitted, "output_tokens_per_minute", results, here),
    ]
    if rule.at_end is None and charge.max_tokens > 0.0:
        sides += [
            _weighed(
                charge.max_tokens * (workload.max_tokens or 0),
                "requests_per_minute",
                results,
                Selection(target=model.model_name, region=region, workload=workload.name),
            )
            for workload in scenario.workloads
        ]
    if rule.at_end is None and rule.larger:
        sides = [max((sides[0], _sum(sides[1:])), key=lambda side: side.value)]
    return _sum(sides)


def drawn_per_minute(
    scenario: Scenario,
    name: str,
    key: str,
    results: Sequence[RunResult],
    region: str,
    *,
    turned_away: bool,
) -> Estimate:
    """What the load of these runs takes of a shared quota in a minute, all its models together.

    Parameters
    ----------
    key : which of its limits
    region : whose deployments draw on it; `EVERYWHERE`: those of all regions
    turned_away : count the tokens of tries that got a 429, too, as long as those let in
    """
    quota = scenario.quotas[name]
    rule = getattr(rules_of(quota), key)
    regions = list(scenario.regions) if region == EVERYWHERE else [region]
    drawn = [
        counted_per_minute(scenario, model, rule, results, where, turned_away=turned_away)
        for model in scenario.model_list
        if model.model_name in quota.models
        for where in regions
        if model.regions is None or where in model.regions
    ]
    return _sum([found for found in drawn if found is not None])


def _weighed(weight: float, indicator: str, results: Sequence[RunResult], here: Selection) -> Estimate:
    found = estimate(results, indicator, None, here) if weight > 0.0 else None
    if found is None:
        return Estimate.exact(0.0)
    return Estimate(weight * found.value, weight * found.low, weight * found.high)


def _sum(parts: Sequence[Estimate]) -> Estimate:
    return Estimate(
        sum(part.value for part in parts), sum(part.low for part in parts), sum(part.high for part in parts)
    )
