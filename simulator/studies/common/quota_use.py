"""How much of the limits of hosted models, and of quotas that they share, does the load take, as the provider counts?"""

from collections.abc import Iterator, Sequence
from typing import Annotated

from simulator.mechanisms.providers.limit_rules import RequestRule, TokenRule
from simulator.mechanisms.providers.limits_build import Limited, depth_of, limits_in, rules_of
from simulator.mechanisms.providers.shared_quotas import EVERYWHERE
from simulator.metrics.dimensions import Selection
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.scenario.model import ListedModel, Scenario
from simulator.studies.record import Interval, Record, if_known
from simulator.theory.estimate import Estimate

LIMIT_WORDS = {
    "tpm": "tokens per minute",
    "rpm": "requests per minute",
    "input_tpm": "input tokens per minute",
    "output_tpm": "output tokens per minute",
}


class LimitUse(Record):
    """One limit at a peak, and what of it was in use.

    Attributes
    ----------
    target : hosted model, or quota that several share
    limit : its key, e.g. `tpm`
    unit : what it is of, in words
    full : share of it that the load let in takes, in use and reserved, whichever is more
    refused_share : of tries at the target, answered 429 by whatever limit
    with_real_answers : the same share if nobody asked for more `max_tokens` than answers take; None: that changes nothing
    without_batch : the same share without the work of priority `batch`; None: there is none
    """

    target: str
    region: str
    limit: str
    unit: str
    per_minute: float
    full: Interval
    refused_share: float
    with_real_answers: Annotated[float | None, if_known] = None
    without_batch: Annotated[float | None, if_known] = None


def limit_uses(scenario: Scenario, results: Sequence[RunResult]) -> Iterator[LimitUse]:
    """Every limit of a hosted model or shared quota that something was asked of."""
    for model in scenario.model_list:
        if model.pool is None and model.provisioned is None:
            for region in model.regions or scenario.regions:
                yield from _uses(scenario, model, model.model_name, [model], region, results)
    for name, quota in scenario.quotas.items():
        drawing = [model for model in scenario.model_list if model.model_name in quota.models]
        for region in scenario.regions if quota.scope == "region" else [EVERYWHERE]:
            yield from _uses(scenario, quota, name, drawing, region, results)


def _uses(
    scenario: Scenario,
    limited: Limited,
    name: str,
    models: Sequence[ListedModel],
    region: str,
    results: Sequence[RunResult],
) -> Iterator[LimitUse]:
    wheres = list(scenario.regions) if region == EVERYWHERE else [region]
    places = [(model, where) for model in models for where in wheres if where in (model.regions or wheres)]
    batch = [workload.name for workload in scenario.workloads if workload.priority == "batch"]
    others = [workload.name for workload in scenario.workloads if workload.priority != "batch"]
    for key, per_minute, rule in limits_in(limited, region):
        full = _full(scenario, places, rule, per_minute, results, [None])
        if per_minute <= 0.0 or full.value <= 0.0:
            continue
        answers = _with_real_answers(rule) or rule
        shorter = _full(scenario, places, answers, per_minute, results, [None]).value
        without = _full(scenario, places, rule, per_minute, results, others).value if batch else full.value
        yield LimitUse(
            target=name,
            region=region,
            limit=key,
            unit=words_for(limited, key),
            per_minute=per_minute,
            full=full,
            refused_share=1.0 - min(_admitted(model, where, results) for model, where in places),
            with_real_answers=shorter if shorter < full.value else None,
            without_batch=without if without < full.value else None,
        )


def _with_real_answers(rule: RequestRule) -> TokenRule | None:
    """The rule as if `max_tokens` were what answers take; None: it does not look at `max_tokens`."""
    if not isinstance(rule, TokenRule) or rule.at_start.max_tokens == 0.0:
        return None
    start = rule.at_start.model_copy(update={"output": rule.at_start.max_tokens, "max_tokens": 0.0})
    return rule.model_copy(update={"at_start": start})


def _admitted(model: ListedModel, region: str, results: Sequence[RunResult]) -> float:
    """Share of tries that no limit refused."""
    here = Selection(target=model.model_name, region=region)
    refused = estimate(results, "rate_limited_rate", None, here)
    return 1.0 if refused is None else 1.0 - refused.value


def _full(
    scenario: Scenario,
    places: Sequence[tuple[ListedModel, str]],
    rule: RequestRule,
    per_minute: float,
    results: Sequence[RunResult],
    workloads: Sequence[str | None],
) -> Estimate:
    """Share of a limit that is used in the end, or reserved meanwhile, by what some workloads (None: all) had let in."""
    used, held = [Estimate.exact(0.0)], 0.0
    for model, region in places:
        admitted = _admitted(model, region, results)
        for workload in workloads if admitted > 0.0 else ():
            found = counted_per_minute(
                scenario, model, rule, results, region, turned_away=True, workload=workload
            )
            if found is None:
                continue
            used.append(_times(admitted / per_minute, found))
            if isinstance(rule, TokenRule) and rule.at_end is not None:
                reserving = rule.model_copy(update={"at_end": None})
                begun = counted_per_minute(
                    scenario, model, reserving, results, region, turned_away=True, workload=workload
                )
                here = Selection(target=model.model_name, region=region)
                busy = estimate(results, "carried_load_erlangs", None, here)
                asked = estimate(results, "requests_per_minute", None, here)
                if begun is not None and busy is not None and asked is not None:
                    held += begun.value * busy.value / asked.value
    reserved = held / depth_of(per_minute, rule)
    total = _sum(used)
    return total if total.value >= reserved else Estimate.exact(reserved)


def _times(factor: float, found: Estimate) -> Estimate:
    return Estimate(factor * found.value, factor * found.low, factor * found.high)


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
    workload: str | None = None,
) -> Estimate | None:
    """What the load of these runs comes to in a minute where it is counted by a rule; None: nothing was asked.

    Of a limit that is settled it is what is used in the end; reservations need room besides.

    Parameters
    ----------
    turned_away : count the tokens of tries that got a 429, too, as long as those let in
    workload : only its part; None: all
    """
    here = Selection(target=model.model_name, region=region, workload=workload)
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
                charge.max_tokens * (asking.max_tokens or 0),
                "requests_per_minute",
                results,
                Selection(target=model.model_name, region=region, workload=asking.name),
            )
            for asking in scenario.workloads
            if workload in (None, asking.name)
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
    return _times(weight, found)


def _sum(parts: Sequence[Estimate]) -> Estimate:
    return Estimate(
        sum(part.value for part in parts), sum(part.low for part in parts), sum(part.high for part in parts)
    )
