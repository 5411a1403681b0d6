"""What every part of a request's story needs: its luck, and the event that moves it on."""

import numpy as np

from simulator.kernel.codes import Purpose
from simulator.kernel.world import (
    distribution_at,
    events_at,
    instruction_at,
    levels_of,
    release_at,
    values_of,
    way_loss_of,
)
from simulator.numerics.draws import derive, sample, uniform
from simulator.numerics.events import next_key, push
from simulator.numerics.jit import jit

_TURN_SHIFT = 20
_ATTEMPT_SHIFT = 8
ATTEMPTS_PER_ASK = 512  # numbers of tries at a step, for each time that a user asks


@jit
def draw_key(world, request, purpose):
    """Key of a draw of this request for `purpose` at its step, turn and attempt."""
    step_key = instruction_at(world, request.pc).step_key
    code = (request.turn << _TURN_SHIFT) | (request.attempt << _ATTEMPT_SHIFT) | purpose
    return derive(request.draw_key, step_key + np.uint64(code))


@jit
def draw_value(world, distribution, key):
    """Value of distribution number `distribution` for a draw."""
    return sample(distribution_at(world, distribution), levels_of(world), values_of(world), key)


@jit
def draws_error(world, request, error_rate, is_model):
    """Whether an attempt fails at a station with this error rate; the release that the action has may change a model's."""
    if is_model and request.release != 0:
        error_rate += release_at(world, request.release).error_shift
    return error_rate > 0.0 and uniform(draw_key(world, request, Purpose.ERROR)) < error_rate


@jit
def schedule(world, request, slot, event, lane, delay_s):
    """Let `event` move the request on after `delay_s`; forgets whatever was to do so before."""
    key = next_key(events_at(world, 0), slot, event)
    request.progress_key = key
    push(events_at(world, 0), lane, delay_s, key)


@jit
def lose_on_the_way(world, request, purpose):
    """Whether the network loses the attempt, or its answer, on this way: then nothing ever arrives."""
    loss = way_loss_of(world)[request.region, request.station]
    if loss > 0.0 and uniform(draw_key(world, request, purpose)) < loss:
        request.progress_key = 0
        return True
    return False
