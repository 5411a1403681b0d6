"""Where a walk through a workload's steps goes on, and what their draws are called."""

from collections.abc import Iterator

from simulator.mechanisms.traffic.config import (
    CacheStep,
    CallStep,
    GenerateStep,
    ReviewStep,
    Step,
    Workload,
)
from tests.reference.action import EndedError
from tests.reference.draws import name_key


def step_keys(workload: Workload) -> Iterator[int]:
    """Keys of the steps: by kind and name, and by how often both came before."""
    seen: dict[tuple[str, str], int] = {}
    for step in workload.steps:
        [(kind, value)] = step.model_dump(by_alias=True).items()
        name = "" if kind == "validate" else value["team"] if kind == "review" else value
        seen[kind, name] = seen.get((kind, name), 0) + 1
        yield name_key("step", workload.name, kind, name, seen[kind, name])


def after_hit(steps: list[Step], place: int) -> int:
    """Behind the next `generate`, or where there is none behind the calls that follow."""
    for later in range(place, len(steps)):
        if isinstance(steps[later], GenerateStep):
            return later + 1
    while place < len(steps) and isinstance(steps[place], CallStep):
        place += 1
    return place


def cache_before(steps: list[Step], place: int) -> str | None:
    """Find the cache that keeps the answer of the `generate` at `place`."""
    for step in reversed(steps[:place] if isinstance(steps[place], GenerateStep) else []):
        if isinstance(step, CacheStep):
            return step.cache
        if isinstance(step, GenerateStep):
            break
    return None


def who_helps(steps: list[Step], place: int, last_result: str) -> int:
    """Place of the review that takes over after an exhausted route."""
    for later in range(place, len(steps)):
        step = steps[later]
        if isinstance(step, ReviewStep) and "exhausted" in step.review.when:
            return later
    raise EndedError("REJECTED" if last_result == "SHED" else "FAILED")
