"""The slot of a request: taken when it arrives, given back when it ends."""

from simulator.kernel.codes import Next, Phase
from simulator.kernel.observe import observe_end
from simulator.kernel.world import events_at, request_at, slab_at, stream_at
from simulator.numerics.jit import jit, shared


@jit
def take_slot(world, stream_id, request_key):
    """A free slot, blank but for whose it is."""
    slab = slab_at(world, 0)
    slot = slab.first_free
    request = request_at(world, slot)
    slab.first_free = request.next
    slab.n_free -= 1
    if slab.n_free < 4:
        events_at(world, 0).is_tight = 1
    stream = stream_at(world, stream_id)
    request.draw_key = request_key
    request.stream = stream_id
    request.workload = stream.workload
    request.region = stream.region
    request.arrival_s = events_at(world, 0).now_s
    request.latency_s = -1.0
    request.ttft_s = -1.0
    request.progress_key = 0
    request.timer_key = 0
    request.turn_key = 0
    request.patience_key = 0
    request.phase = Phase.BETWEEN
    request.marks = 0
    request.turn = 0
    request.n_turns = 1
    request.attempt = 0
    request.n_attempts = 0
    request.context_tokens = 0
    request.reusable_tokens = 0
    request.total_input_tokens = 0
    request.total_output_tokens = 0
    return slot


@jit
def free_slot(world, slot):
    """Give a slot back; no event finds its request any more."""
    request = request_at(world, slot)
    slab = slab_at(world, 0)
    request.phase = Phase.FREE
    request.progress_key = 0
    request.timer_key = 0
    request.turn_key = 0
    request.patience_key = 0
    request.next = slab.first_free
    slab.first_free = slot
    slab.n_free += 1


@shared
def end_action(world, slot, outcome):
    """Count how the action ended and forget it."""
    observe_end(world, request_at(world, slot), outcome, events_at(world, 0).now_s)
    free_slot(world, slot)
    return Next.WAIT
