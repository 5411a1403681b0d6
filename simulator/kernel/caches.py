"""A request and its cache: asked, filled by the answer, or used however old when all else failed."""

import numpy as np

from simulator.kernel.codes import Mark, Next, Purpose
from simulator.kernel.columns import CountColumn
from simulator.kernel.observe import count
from simulator.kernel.request import draw_key
from simulator.kernel.world import (
    cache_at,
    cache_index_of,
    entries_of,
    events_at,
    instruction_at,
    request_at,
    workload_at,
)
from simulator.mechanisms.caching.kernel import find, store
from simulator.numerics.draws import uniform
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit


@jit
def cache_position(world, request, instruction):
    """Instance that serves the request's region, and where its question stands in the index."""
    cache_id = instruction.cache + request.region * instruction.cache_by_region
    question = np.int64(request.question)
    if instruction.cache_by_phrasing == 1:
        question = question * workload_at(world, request.workload).n_phrasings + request.phrasing
    return cache_id, cache_at(world, cache_id).first_index + instruction.cache_offset + question


@jit
def ask_cache(world, slot):
    """Answer from the cache if it can; a false hit is an answer to another question."""
    request = request_at(world, slot)
    instruction = instruction_at(world, request.pc)
    now_s = events_at(world, 0).now_s
    count(world, request.stream, CountColumn.CACHE_LOOKUPS)
    cache_id, position = cache_position(world, request, instruction)
    instance = cache_at(world, cache_id)
    is_correct = 1
    if instance.is_down == 1:
        is_hit = False
    elif instance.hit_rate >= 0.0:
        is_hit = uniform(draw_key(world, request, Purpose.HIT)) < instance.hit_rate
    else:
        entry_id = find(instance, entries_of(world), cache_index_of(world), position, now_s, False)
        is_hit = entry_id != NONE
        if is_hit:
            is_correct = entries_of(world)[entry_id].is_correct
    if not is_hit:
        request.pc += 1
        return Next.RUN
    count(world, request.stream, CountColumn.CACHE_HITS)
    if instance.false_hit > 0.0 and uniform(draw_key(world, request, Purpose.FALSE_HIT)) < instance.false_hit:
        count(world, request.stream, CountColumn.FALSE_HITS)
        is_correct = 0
    if is_correct == 0:
        request.marks |= Mark.WRONG
    request.ttft_s = now_s - request.turn_start_s
    request.tpot_s = 0.0
    request.pc = instruction.hit_pc
    return Next.RUN


@jit
def keep_answer(world, request, instruction, is_correct):
    """Put a model's answer into the cache that the route fills, unless its hit rate is given."""
    cache_id, position = cache_position(world, request, instruction)
    instance = cache_at(world, cache_id)
    if instance.hit_rate < 0.0 and instance.is_down == 0:
        now_s = events_at(world, 0).now_s
        store(instance, entries_of(world), cache_index_of(world), position, now_s, 1 if is_correct else 0)


@jit
def find_stale_answer(world, slot):
    """Answer with what the cache still holds, however old: better than nothing, and counted as degraded."""
    request = request_at(world, slot)
    instruction = instruction_at(world, request.pc)
    cache_id, position = cache_position(world, request, instruction)
    instance = cache_at(world, cache_id)
    if instance.is_down == 1:
        return False
    now_s = events_at(world, 0).now_s
    entry_id = find(instance, entries_of(world), cache_index_of(world), position, now_s, True)
    if entry_id == NONE:
        return False
    is_false = uniform(draw_key(world, request, Purpose.STALE)) < instance.false_hit
    if is_false or entries_of(world)[entry_id].is_correct == 0:
        request.marks |= Mark.WRONG
    request.marks |= Mark.DEGRADED
    request.ttft_s = now_s - request.turn_start_s
    request.tpot_s = 0.0
    request.pc += 1
    return True
