"""From a request to the sequence that its pool works on: lengths, and what of the prompt a cache may have."""

from simulator.kernel.world import (
    events_at,
    instruction_at,
    pools_at,
    request_at,
    unit_rows_of,
    workload_at,
)
from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.replicas.kernel.sequences import take_sequence
from simulator.mechanisms.replicas.table import sequence_at
from simulator.numerics.draws import derive
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit


@jit
def _note_units(world, request, sequence):
    """Which leading part of the prompt others have too: a system prompt, or blocks by the hashes of a trace."""
    workload = workload_at(world, request.workload)
    sequence.n_units = 0
    sequence.n_held = 0
    sequence.unit_tokens = workload.unit_tokens
    if workload.unit_tokens == 0:
        return
    first_unit = workload.first_unit
    n_units = 1
    n_tokens = min(workload.unit_tokens, request.sent_tokens)
    if first_unit == NONE:
        first_unit = unit_rows_of(world)[request.length_row, 0]
        n_units = unit_rows_of(world)[request.length_row, 1]
        n_tokens = min(n_units * workload.unit_tokens, request.prompt_tokens)
        if request.sent_tokens < request.prompt_tokens:
            return
    sequence.first_unit = first_unit
    sequence.common_tokens = n_tokens
    n_full = n_tokens - n_tokens % BLOCK_TOKENS
    sequence.n_units = (n_full + workload.unit_tokens - 1) // workload.unit_tokens


@jit
def make_sequence(world, slot):
    """The sequence of a request that has reached its pool."""
    request = request_at(world, slot)
    pools = pools_at(world, 0)
    sequence_id = take_sequence(pools)
    if pools.n_free < 4:
        events_at(world, 0).is_tight = 1
    request.sequence = sequence_id
    sequence = sequence_at(pools, sequence_id)
    sequence.slot = slot
    sequence.priority = workload_at(world, request.workload).priority
    sequence.prompt = request.sent_tokens
    sequence.output = request.output_tokens
    sequence.total = request.sent_tokens
    sequence.generated = 0
    sequence.n_preempted = 0
    sequence.place = NONE
    sequence.order = 0
    sequence.busy_s = 0.0
    sequence.chain_key = derive(request.draw_key, instruction_at(world, request.pc).step_key)
    sequence.reusable = 0
    if request.sent_tokens == request.prompt_tokens + request.context_tokens + request.called_tokens:
        sequence.reusable = request.reusable_tokens
    sequence.turn = request.turn
    _note_units(world, request, sequence)
    return sequence_id
