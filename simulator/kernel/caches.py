"""A request and its cache: asked, filled by the answer, or used however old when all else failed."""

import numpy as np

from simulator.kernel.codes import Event, Mark, Next, Phase, Purpose
from simulator.kernel.observe import count
from simulator.kernel.request import draw_key, schedule
from simulator.kernel.world import (
    cache_at,
    cache_index_of,
    change_s_of,
    entries_of,
    events_at,
    instruction_at,
    language_at,
    near_regions_of,
    network_at,
    request_at,
    rtt_s_of,
    seen_up_of,
    workload_at,
)
from simulator.mechanisms.caching.kernel import find, store
from simulator.mechanisms.regions.kernel import is_seen_up
from simulator.metrics.columns import CountColumn
from simulator.numerics.draws import derive, uniform
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit


@jit
def _region_of_cache(world, request, instruction):
    """Region whose instance of a cache serves a request: its own, or the nearest that the user sees as up."""
    network = network_at(world, 0)
    if network.checks_health == 1 and instruction.cache_by_region == 1:
        user_key = derive(request.draw_key, np.uint64(Purpose.NAME_SERVICE))
        now_s = events_at(world, 0).now_s
        for rank in range(world.n_regions):
            there = near_regions_of(world)[request.region, rank]
            if there == NONE:
                break
            row = world.n_stations + instruction.cache + there
            if is_seen_up(seen_up_of(world), change_s_of(world), row, now_s, network.ttl_s, user_key):
                return there
    return np.int64(request.region)


@jit
def cache_position(world, request, instruction):
    """Instance that serves a request, where its question stands in the index, and the round trip to it in seconds."""
    region = _region_of_cache(world, request, instruction)
    way_s = rtt_s_of(world)[request.region, region] if region != request.region else 0.0
    cache_id = instruction.cache + region * instruction.cache_by_region
    question = np.int64(request.question)
    if instruction.cache_by_phrasing == 1:
        question = question * workload_at(world, request.workload).n_phrasings + request.phrasing
    if instruction.cache_languages > 1:
        question = question * instruction.cache_languages + language_at(world, request.language).number
    return cache_id, cache_at(world, cache_id).first_index + instruction.cache_offset + question, way_s


@jit
def _go_on_at(world, slot, pc, way_s):
    """Go on at a place of the program, at once or when the answer from another region is there."""
    request = request_at(world, slot)
    request.pc = pc
    if way_s <= 0.0:
        return Next.RUN
    request.pc -= 1  # the end of a delay moves it on
    request.phase = Phase.BETWEEN
    schedule(world, request, slot, Event.DELAYED, NONE, way_s)
    return Next.WAIT


@jit
def ask_cache(world, slot):
    """Answer from the cache if it can; a false hit is an answer to another question."""
    request = request_at(world, slot)
    instruction = instruction_at(world, request.pc)
    now_s = events_at(world, 0).now_s
    count(world, request.stream, CountColumn.CACHE_LOOKUPS)
    cache_id, position, way_s = cache_position(world, request, instruction)
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
        return _go_on_at(world, slot, request.pc + 1, way_s)
    count(world, request.stream, CountColumn.CACHE_HITS)
    if instance.false_hit > 0.0 and uniform(draw_key(world, request, Purpose.FALSE_HIT)) < instance.false_hit:
        count(world, request.stream, CountColumn.FALSE_HITS)
        is_correct = 0
    if is_correct == 0:
        request.marks |= Mark.WRONG
    request.ttft_s = now_s + way_s - request.turn_start_s
    request.tpot_s = 0.0
    return _go_on_at(world, slot, instruction.hit_pc, way_s)


@jit
def keep_answer(world, request, instruction, is_correct):
    """Put a model's answer into the cache that the route fills, unless its hit rate is given; a copy's goes nowhere."""
    if (request.marks & Mark.MIRRORED) != 0:
        return
    cache_id, position, _ = cache_position(world, request, instruction)
    instance = cache_at(world, cache_id)
    if instance.hit_rate < 0.0 and instance.is_down == 0:
        now_s = events_at(world, 0).now_s
        store(instance, entries_of(world), cache_index_of(world), position, now_s, 1 if is_correct else 0)


@jit
def find_stale_answer(world, slot):
    """Answer with what the cache still holds, however old: better than nothing, and counted as degraded.

    Returns what comes next; NONE if the cache has no answer.
    """
    request = request_at(world, slot)
    instruction = instruction_at(world, request.pc)
    cache_id, position, way_s = cache_position(world, request, instruction)
    instance = cache_at(world, cache_id)
    if instance.is_down == 1:
        return NONE
    now_s = events_at(world, 0).now_s
    entry_id = find(instance, entries_of(world), cache_index_of(world), position, now_s, True)
    if entry_id == NONE:
        return NONE
    is_false = uniform(draw_key(world, request, Purpose.STALE)) < instance.false_hit
    if is_false or entries_of(world)[entry_id].is_correct == 0:
        request.marks |= Mark.WRONG
    request.marks |= Mark.DEGRADED
    request.ttft_s = now_s + way_s - request.turn_start_s
    request.tpot_s = 0.0
    return _go_on_at(world, slot, request.pc + 1, way_s)
