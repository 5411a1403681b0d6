"""The levers of cost that a scenario has: changes of one thing, each by a stated step."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from simulator.mechanisms.traffic.config import Workload
from simulator.scenario.change import ScenarioChange, setting
from simulator.scenario.model import ListedModel, Scenario
from simulator.scenario.quality import success_rate_of
from simulator.studies.common.input_factors import InputFactors, with_factors
from simulator.studies.common.unsure_answers import flagged, flagging_routes

POINTS = 10.0  # by which shares are moved
CONTEXT_CUT = 0.20


@dataclass(frozen=True)
class CostLever:
    """One change that may save money.

    Attributes
    ----------
    points : its step in points of per cent, by which its saving is divided; None: a step that has none
    """

    change: ScenarioChange
    points: float | None

    @property
    def name(self) -> str:
        """What is changed, and by how much."""
        return self.change.label


MoreHits = Callable[
    [str], tuple[str, ...] | None
]  # overrides by which a cache hits more often; None: it cannot


def levers(scenario: Scenario, more_hits: MoreHits) -> Iterator[CostLever]:
    """Every lever of a scenario, its caches first."""
    for name in scenario.caches:
        overrides = more_hits(name)
        if overrides is not None:
            yield _lever(f"cache `{name}`: hits +{POINTS:g} points", POINTS, *overrides)
    yield from _context(scenario)
    yield from _small_model(scenario)
    for name in flagging_routes(scenario):
        words = f"route `{name}`: threshold, 10% fewer answers flagged"
        yield _lever(words, POINTS, *flagged(scenario, name, 0.9))
    yield from _retries(scenario)
    yield from _review(scenario)
    yield from _batch(scenario)
    yield from _reserved(scenario)


def _lever(label: str, points: float | None, *overrides: str) -> CostLever:
    return CostLever(ScenarioChange(label, overrides), points)


def asking(scenario: Scenario, cache: str) -> list[Workload]:
    """Workloads that ask a cache, and of whose questions it is known how often they come."""
    return [
        workload
        for workload in scenario.workloads
        if workload.popularity is not None
        and any(getattr(step, "cache", None) == cache for step in workload.steps)
    ]


def questions(asking: Sequence[Workload], factor: float) -> tuple[str, ...]:
    """Overrides by which workloads ask another number of different questions."""
    return tuple(
        setting(f"workloads.{one.name}.popularity.items", max(1, round(one.popularity.items * factor)))
        for one in asking
        if one.popularity is not None
    )


def _context(scenario: Scenario) -> Iterator[CostLever]:
    """Shorter prompts: what users and services put into them, both."""
    if not any(workload.prompt_tokens is not None for workload in scenario.workloads):
        return
    shorter = partial(with_factors, factors=InputFactors(prompt_tokens=1.0 - CONTEXT_CUT))
    overrides = tuple(
        setting(f"services.{name}.context_tokens", round(service.context_tokens * (1.0 - CONTEXT_CUT)))
        for name, service in scenario.services.items()
        if service.context_tokens
    )
    change = ScenarioChange(f"context −{CONTEXT_CUT:.0%}", overrides, shorter)
    yield CostLever(change, 100.0 * CONTEXT_CUT)


def _small_model(scenario: Scenario) -> Iterator[CostLever]:
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
        if hard is not None and choose[hard] != easy:
            words = f"route `{name}`: share of `{easy}` +{POINTS:g} points"
            yield _lever(words, POINTS, *_share_moved(scenario, hard, easy))


def _share_moved(scenario: Scenario, hard: str, easy: str) -> Iterator[str]:
    """Part of a class of questions becomes a class of its own, as hard, that goes to another model."""
    part, moved = f"{hard}, to {easy}", POINTS / 100.0
    for workload in scenario.workloads:
        share = workload.complexity.get(hard, 0.0)
        taken = min(share, moved)
        if taken > 0.0:
            classes = {**workload.complexity, hard: share - taken, part: taken}
            yield setting(f"workloads.{workload.name}.complexity", classes)
    for name, route in scenario.routes.items():
        if isinstance(route.choose, dict):
            yield setting(f"routes.{name}.choose", {**route.choose, part: easy})
    for model in scenario.model_list:
        if isinstance(model.success_rate, dict):
            rates = {**model.success_rate, part: success_rate_of(model, hard)}
            yield setting(f"model_list.{model.model_name}.success_rate", rates)


def _retries(scenario: Scenario) -> Iterator[CostLever]:
    for name, route in scenario.routes.items():
        n_tries = route.num_retries
        if n_tries > 0:
            words = f"route `{name}`: retries {n_tries} → {n_tries - 1}"
            yield _lever(words, None, setting(f"routes.{name}.num_retries", n_tries - 1))


def _review(scenario: Scenario) -> Iterator[CostLever]:
    """A lever per workload that halves its review sampling rate."""
    for workload in scenario.workloads:
        samples = {
            place: step.review.sample
            for place, step in enumerate(workload.steps)
            if hasattr(step, "review") and step.review.sample > 0.0
        }
        if samples:
            points = sum(100.0 * sample / 2.0 for sample in samples.values())
            steps = f"workloads.{workload.name}.steps"
            halved = (setting(f"{steps}.{place}.review.sample", rate / 2) for place, rate in samples.items())
            yield _lever(f"`{workload.name}`: review −{points:g} points", points, *halved)


def _batch(scenario: Scenario) -> Iterator[CostLever]:
    """A batch interface at half the price for background work, on models that do not have it yet."""
    asks = any(workload.priority == "batch" for workload in scenario.workloads)
    dear = [model for model in scenario.model_list if asks and _lacks_batch(model)]
    if dear:
        prices = (setting(f"model_list.{one.model_name}.prices.batch_discount", 0.5) for one in dear)
        yield _lever("batch interface at half the price for `batch` workloads", None, *prices)


def _lacks_batch(model: ListedModel) -> bool:
    return model.pool is None and (model.prices is None or model.prices.batch_discount == 0.0)


def _reserved(scenario: Scenario) -> Iterator[CostLever]:
    """One more reserved replica in every region, of pools that have a price for it."""
    for model in scenario.model_list:
        if model.pool is None or model.pool.reserved is None:
            continue
        held = {region: model.pool.reserved.replicas_in(region) for region in scenario.regions}
        more = {region: number + 1 for region, number in held.items() if number > 0}
        if more:
            words = f"`{model.model_name}`: one more reserved replica per region"
            path = f"model_list.{model.model_name}.pool.reserved.replicas"
            yield _lever(words, None, setting(path, {**held, **more}))
