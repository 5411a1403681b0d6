"""From a workload's steps to instructions: names become numbers, jumps become places in the program."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.kernel.codes import Mark, Opcode
from simulator.kernel.state import INSTRUCTION
from simulator.mechanisms.caching.build import CachePlan
from simulator.mechanisms.keys import name_key
from simulator.mechanisms.traffic.config import (
    CacheStep,
    CallStep,
    GenerateStep,
    ReviewStep,
    Step,
    ValidateStep,
    Workload,
)
from simulator.numerics.events import NONE

_TAKES_OVER = {"low_confidence": int(Mark.UNSURE), "exhausted": int(Mark.EXHAUSTED)}


@dataclass(frozen=True)
class Names:
    """What the names in steps stand for."""

    route_of: Mapping[str, int]  # of a route, or the plain route to a single target
    target_of: Mapping[str, int]
    caches: CachePlan
    lane_of: Callable[[float], int]
    classes: Sequence[str]  # of complexity, in the order of their numbers


def compile_programs(workloads: Sequence[Workload], names: Names) -> tuple[NDArray[np.void], list[int]]:
    """Instructions of all workloads, one after the other, and the first place of each."""
    rows: list[dict[str, float]] = []
    first_pcs = []
    for workload in workloads:
        first_pcs.append(len(rows))
        rows += _compile(workload, names, len(rows))
    program = np.zeros(len(rows), dtype=INSTRUCTION).view(np.recarray)
    for place, row in enumerate(rows):
        for name, value in row.items():
            program[name][place] = value
    return program, first_pcs


def _compile(workload: Workload, names: Names, origin: int) -> list[dict[str, float]]:
    rows: list[dict[str, float]] = []
    place_of_step = []
    seen: dict[str, int] = {}
    for step in workload.steps:
        place_of_step.append(len(rows))
        kind, name = _kind_and_name(step)
        seen[f"{kind} {name}"] = seen.get(f"{kind} {name}", 0) + 1
        key = name_key("step", workload.name, kind, name, seen[f"{kind} {name}"])
        delay_s = _delay_s(step, names)
        if delay_s > 0.0:
            rows.append(_row(Opcode.DELAY, key, delay_s=delay_s, lane=names.lane_of(delay_s)))
        rows.append(_instruction(step, key, workload, names))
    place_of_step.append(len(rows))
    rows.append(_row(Opcode.END, name_key("step", workload.name, "end")))
    _link(workload.steps, rows, place_of_step, origin)
    return rows


def _kind_and_name(step: Step) -> tuple[str, str]:
    if isinstance(step, ValidateStep):
        return "validate", ""
    if isinstance(step, CacheStep):
        return "cache", step.cache
    if isinstance(step, CallStep):
        return "call", step.call
    if isinstance(step, GenerateStep):
        return "generate", step.generate
    return "review", step.review.team


def _delay_s(step: Step, names: Names) -> float:
    if isinstance(step, ValidateStep):
        return step.validate_.latency
    if isinstance(step, CacheStep):
        return names.caches.caches[step.cache].latency
    return 0.0


def _row(opcode: Opcode, step_key: np.uint64, **values: float) -> dict[str, float]:
    base: dict[str, float] = {
        "opcode": int(opcode),
        "step_key": int(step_key),
        "lane": NONE,
        "cache": NONE,
        "exhausted_pc": NONE,
    }
    return base | values


def _instruction(step: Step, key: np.uint64, workload: Workload, names: Names) -> dict[str, float]:
    if isinstance(step, ValidateStep):
        return _row(Opcode.VALIDATE, key, probability=step.validate_.reject)
    if isinstance(step, CacheStep):
        return _row(Opcode.CACHE, key, **_cache_fields(step.cache, workload, names))
    if isinstance(step, CallStep):
        return _row(Opcode.ROUTE, key, operand=names.route_of[step.call])
    if isinstance(step, GenerateStep):
        filled = _cache_filled_by(workload, step)
        fields = {} if filled is None else _cache_fields(filled, workload, names)
        return _row(Opcode.ROUTE, key, operand=names.route_of[step.generate], **fields)
    rule = step.review
    return _row(
        Opcode.REVIEW,
        key,
        operand=names.target_of[rule.team],
        probability=rule.sample,
        takes_over=sum(_TAKES_OVER[reason] for reason in set(rule.when)),
        before=rule.before,
        before_classes=sum(
            1 << number
            for number, name in enumerate(names.classes)
            if rule.classes is None or name in rule.classes
        ),
        is_draft=int(rule.draft),
    )


def _cache_fields(cache: str, workload: Workload, names: Names) -> dict[str, float]:
    config = names.caches.caches[cache]
    return {
        "cache": names.caches.first_instance[cache],
        "cache_by_region": int(config.scope == "region"),
        "cache_offset": names.caches.question_offset.get((cache, workload.name), 0),
        "cache_by_phrasing": int(config.type == "exact"),
        "cache_languages": names.caches.n_languages,
    }


def _cache_filled_by(workload: Workload, generate: GenerateStep) -> str | None:
    """The cache asked before this `generate` with no other `generate` in between: it keeps the answer."""
    cache = None
    for step in workload.steps:
        if step is generate:
            return cache
        if isinstance(step, CacheStep):
            cache = step.cache
        elif isinstance(step, GenerateStep):
            cache = None
    return None


def _link(
    steps: Sequence[Step], rows: list[dict[str, float]], place_of_step: Sequence[int], origin: int
) -> None:
    """Fill in where a cache hit and an exhausted route go on."""
    for index, step in enumerate(steps):
        row = rows[place_of_step[index + 1] - 1]
        if isinstance(step, CacheStep):
            row["hit_pc"] = origin + place_of_step[_after_hit(steps, index)]
        elif isinstance(step, CallStep | GenerateStep):
            for later in range(index + 1, len(steps)):
                rule = steps[later]
                if isinstance(rule, ReviewStep) and "exhausted" in rule.review.when:
                    row["exhausted_pc"] = origin + place_of_step[later]
                    break


def _after_hit(steps: Sequence[Step], index: int) -> int:
    """Step a cache hit goes on with: the one after the next `generate`, or without one after the calls that follow."""
    for later in range(index + 1, len(steps)):
        if isinstance(steps[later], GenerateStep):
            return later + 1
    later = index + 1
    while later < len(steps) and isinstance(steps[later], CallStep):
        later += 1
    return later
