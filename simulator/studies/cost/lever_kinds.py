"""The levers that a scenario has: changes of one thing by a stated step, each a scenario of its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from simulator.scenario.model import ListedModel, Scenario
from simulator.scenario.quality import success_rate_of
from simulator.studies.common.input_factors import InputFactors, with_factors

POINTS = 10.0  # by which shares are moved
CONTEXT_CUT = 0.20


@dataclass(frozen=True)
class Lever:
    """One change of a scenario.

    Attributes
    ----------
    name : what is changed, and by how much
    points : its step in points of per cent, by which its saving is divided; None: a step that has none
    after : the scenario with it
    """

    name: str
    points: float | None
    after: Scenario


def levers(scenario: Scenario, with_more_hits: Callable[[str], Scenario | None]) -> Iterator[Lever]:
    """Every lever that changes something of a scenario.

    Parameters
    ----------
    with_more_hits : the scenario in which a cache hits so many points more often; None: it cannot
    """
    for name in scenario.caches:
        after = with_more_hits(name)
        if after is not None:
            yield Lever(f"cache `{name}`: hits +{POINTS:g} points", POINTS, after)
    yield from _context_lever(scenario)
    yield from _small_model_levers(scenario)
    yield from _confidence_levers(scenario)
    yield from _retry_levers(scenario)
    yield from _review_levers(scenario)
    yield from _batch_levers(scenario)
    yield from _reserved_levers(scenario)


def asking(scenario: Scenario, cache: str) -> list[str]:
    """Workloads that ask a cache, and of whose questions it is known how often they come."""
    return [
        workload.name
        for workload in scenario.workloads
        if workload.popularity is not None
        and any(getattr(step, "cache", None) == cache for step in workload.steps)
    ]


def with_questions(scenario: Scenario, asking: Sequence[str], factor: float) -> Scenario:
    """The scenario with another number of different questions."""
    workloads = []
    for workload in scenario.workloads:
        if workload.name in asking and workload.popularity is not None:
            items = max(1, round(workload.popularity.items * factor))
            popularity = workload.popularity.model_copy(update={"items": items})
            workload = workload.model_copy(update={"popularity": popularity})
        workloads.append(workload)
    return scenario.model_copy(update={"workloads": workloads})


def _context_lever(scenario: Scenario) -> Iterator[Lever]:
    """Shorter prompts: what users and services put into them, both."""
    if not any(workload.prompt_tokens is not None for workload in scenario.workloads):
        return
    shorter = with_factors(scenario, InputFactors(prompt_tokens=1.0 - CONTEXT_CUT))
    services = {
        name: service.model_copy(update={"context_tokens": _cut(service.context_tokens)})
        for name, service in scenario.services.items()
    }
    after = shorter.model_copy(update={"services": services})
    yield Lever(f"context −{CONTEXT_CUT:.0%}", 100.0 * CONTEXT_CUT, after)


def _cut(tokens: int | None) -> int | None:
    """Tokens that a service adds to the prompt, cut like the prompts."""
    return None if tokens is None else round(tokens * (1.0 - CONTEXT_CUT))


def _small_model_levers(scenario: Scenario) -> Iterator[Lever]:
    """Of a route by complexity: ten points of all questions go from the best model to the one chosen for simpler ones."""
    models = {model.model_name: model for model in scenario.model_list}
    for name, route in scenario.routes.items():
        if not isinstance(route.choose, dict) or not set(route.choose.values()) <= set(models):
            continue
        choose = route.choose
        by_rank = sorted(choose, key=lambda kind: success_rate_of(models[choose[kind]], kind))
        hard = next(
            (kind for kind in by_rank if any(kind in one.complexity for one in scenario.workloads)), None
        )
        easy = choose[by_rank[-1]]
        if hard is None or choose[hard] == easy:
            continue
        yield Lever(
            f"route `{name}`: share of `{easy}` +{POINTS:g} points",
            POINTS,
            _with_share_moved(scenario, hard, easy),
        )


def _with_share_moved(scenario: Scenario, hard: str, easy: str) -> Scenario:
    """Part of a class of questions becomes a class of its own, as hard, that goes to another model."""
    part, moved = f"{hard}, to {easy}", POINTS / 100.0
    workloads = []
    for workload in scenario.workloads:
        share = workload.complexity.get(hard, 0.0)
        taken = min(share, moved)
        classes = (
            {**workload.complexity, hard: share - taken, part: taken} if taken > 0.0 else workload.complexity
        )
        workloads.append(workload.model_copy(update={"complexity": classes}))
    routes = {
        name: route.model_copy(update={"choose": {**route.choose, part: easy}})
        if isinstance(route.choose, dict)
        else route
        for name, route in scenario.routes.items()
    }
    models = [_with_class(model, hard, part) for model in scenario.model_list]
    return scenario.model_copy(update={"workloads": workloads, "routes": routes, "model_list": models})


def _with_class(model: ListedModel, hard: str, part: str) -> ListedModel:
    if not isinstance(model.success_rate, dict):
        return model
    return model.model_copy(
        update={"success_rate": {**model.success_rate, part: success_rate_of(model, hard)}}
    )


def _confidence_levers(scenario: Scenario) -> Iterator[Lever]:
    """The threshold below which an answer counts as unsure: a tenth fewer of right and of wrong answers are flagged."""
    for name in flagging_routes(scenario):
        route = scenario.routes[name]
        fewer = {key: getattr(route.confidence, key) * 0.9 for key in ("flags_wrong", "flags_right")}
        confidence = route.confidence.model_copy(update=fewer)
        after = _with_route(scenario, name, {"confidence": confidence})
        yield Lever(f"route `{name}`: threshold, 10% fewer answers flagged", POINTS, after)


def flagging_routes(scenario: Scenario) -> list[str]:
    """Routes where it matters which answers are flagged as unsure: a better model is asked, or people."""
    return [
        name
        for name, route in scenario.routes.items()
        if route.routing_strategy == "cascade" or _hands_over(scenario, name)
    ]


def _hands_over(scenario: Scenario, route: str) -> bool:
    """Whether people take over what a route is unsure of."""
    return any(
        any(getattr(step, "generate", None) == route for step in workload.steps)
        and any("low_confidence" in step.review.when for step in workload.steps if hasattr(step, "review"))
        for workload in scenario.workloads
    )


def _retry_levers(scenario: Scenario) -> Iterator[Lever]:
    for name, route in scenario.routes.items():
        if route.num_retries > 0:
            after = _with_route(scenario, name, {"num_retries": route.num_retries - 1})
            yield Lever(f"route `{name}`: retries {route.num_retries} → {route.num_retries - 1}", None, after)


def _with_route(scenario: Scenario, name: str, changes: dict[str, object]) -> Scenario:
    changed = scenario.routes[name].model_copy(update=changes)
    return scenario.model_copy(update={"routes": {**scenario.routes, name: changed}})


def _review_levers(scenario: Scenario) -> Iterator[Lever]:
    """Half of the sample that people review."""
    for index, workload in enumerate(scenario.workloads):
        steps, points = list(workload.steps), 0.0
        for place, step in enumerate(steps):
            rule = getattr(step, "review", None)
            if rule is not None and rule.sample > 0.0:
                points += 100.0 * rule.sample / 2.0
                steps[place] = step.model_copy(
                    update={"review": rule.model_copy(update={"sample": rule.sample / 2})}
                )
        if points > 0.0:
            workloads = list(scenario.workloads)
            workloads[index] = workload.model_copy(update={"steps": steps})
            after = scenario.model_copy(update={"workloads": workloads})
            yield Lever(f"`{workload.name}`: review −{points:g} points", points, after)


def _batch_levers(scenario: Scenario) -> Iterator[Lever]:
    """A batch interface at half the price for background work, on models that do not have it yet."""
    asks = any(workload.priority == "batch" for workload in scenario.workloads)
    models = [model for model in scenario.model_list if model.pool is None and asks]
    dear = [model for model in models if model.prices is None or model.prices.batch_discount == 0.0]
    if dear:
        from_now = {model.model_name: _with_batch(model) for model in dear}
        listed = [from_now.get(model.model_name, model) for model in scenario.model_list]
        after = scenario.model_copy(update={"model_list": listed})
        yield Lever("batch interface at half the price for `batch` workloads", None, after)


def _with_batch(model: ListedModel) -> ListedModel:
    given = {} if model.prices is None else model.prices.model_dump()
    return type(model).model_validate({**model.model_dump(), "prices": {**given, "batch_discount": 0.5}})


def _reserved_levers(scenario: Scenario) -> Iterator[Lever]:
    """One more reserved replica in every region, of pools that have a price for it."""
    for index, model in enumerate(scenario.model_list):
        if model.pool is None or model.pool.reserved is None:
            continue
        held = {region: model.pool.reserved.replicas_in(region) for region in scenario.regions}
        more = {region: number + 1 for region, number in held.items() if number > 0}
        if not more:
            continue
        reserved = model.pool.reserved.model_copy(update={"replicas": {**held, **more}})
        pool = model.pool.model_copy(update={"reserved": reserved})
        listed = list(scenario.model_list)
        listed[index] = model.model_copy(update={"pool": pool})
        after = scenario.model_copy(update={"model_list": listed})
        yield Lever(f"`{model.model_name}`: one more reserved replica per region", None, after)
