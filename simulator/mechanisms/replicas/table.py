"""Tables of self-hosted pools: pools, their replicas, the sequences in them, profiles, cached prefixes.

Kernels reach the arrays through one record of addresses, the head, as with the event list.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.numerics.pointers import address_of, array_accessor, record_accessor

_MARGIN = 32  # free rows that are left when the slab of sequences grows

POOL = np.dtype(
    [
        ("station", np.int64),
        ("first_replica", np.int64),
        ("n_replicas", np.int64),  # places, serving or not
        ("balancing", np.int64),  # Balancing
        ("turn", np.int64),  # round-robin: requests sent so far
        ("n_serving", np.int64),
        ("n_waiting", np.int64),  # for a replica to serve
        ("n_first_tokens", np.int64),  # so far, and the sum of the times to them
        ("first_token_s", np.float64),
        ("max_num_seqs", np.int64),
        ("max_num_batched_tokens", np.int64),
        ("n_blocks", np.int64),  # of the KV cache of one replica
        ("limit_tokens", np.int64),  # prompt and output of one request
        ("keeps_prefixes", np.int64),  # 1: cached blocks stay when a sequence leaves
        ("answer_lane", np.int64),  # of a delay of 0 s
        ("head_0", np.int64),  # sequences that wait for a replica to serve, per priority
        ("tail_0", np.int64),
        ("head_1", np.int64),
        ("tail_1", np.int64),
        ("first_prefill", np.int64),  # profile: first knot and number of knots of each axis in `knots`
        ("n_prefill", np.int64),
        ("first_batch", np.int64),
        ("n_batch", np.int64),
        ("first_context", np.int64),
        ("n_context", np.int64),
        ("first_step", np.int64),  # in `step_s`, [prefill, batch, context]
        ("prefill_attention_s", np.float64),  # per pair of a prompt token and one before it
        (
            "tokens_per_seq",
            np.int64,
        ),  # that an iteration works on for each decode: its own, and those a draft proposes
        ("tokens_per_step", np.float64),  # of them, those that come out; times of decodes are of one token
        ("launch_s", np.float64),  # more, of an iteration of more tokens than fit into a graph:
        ("graph_tokens", np.float64),  # of decodes alone
        ("prompt_graph_tokens", np.float64),  # with prompts
        ("stalls_decodes", np.int64),  # 1: an iteration of prompts is one of them alone
    ],
    align=True,
)

REPLICA = np.dtype(
    [
        ("pool", np.int64),
        ("state", np.int64),  # ReplicaState
        ("n_running", np.int64),
        ("n_decoding", np.int64),  # of them, those past their prompt
        ("n_waiting", np.int64),
        ("head_0", np.int64),  # waiting, per priority
        ("tail_0", np.int64),
        ("head_1", np.int64),
        ("tail_1", np.int64),
        ("last_0", np.int64),  # running: last admitted, per priority
        ("last_1", np.int64),
        ("entering", np.int64),  # first of those whose prompt is worked on in the iteration under way
        ("leaving", np.int64),  # first of those aborted while running
        ("partial", np.int64),  # running with its prompt not yet complete; NONE
        ("first_heap", np.int64),
        ("heap_size", np.int64),  # decoding sequences by the iteration they finish with
        ("iteration", np.int64),  # number of iterations complete at `boundary_s`
        ("n_planned", np.int64),  # iterations under way until `wake_s`; 0: idle
        ("is_cut", np.int64),  # 1: `wake_s` is the first boundary at which something changes
        ("is_ending", np.int64),  # 1: sequences that finish at this boundary are being answered
        ("boundary_s", np.float64),
        ("wake_s", np.float64),
        ("context_s", np.float64),  # ∫ mean context dt of the iterations under way
        ("cached_tokens", np.int64),  # of the decoding sequences, at `boundary_s`
        ("used_blocks", np.int64),  # held by running sequences
        ("kept_blocks", np.int64),  # cached, held by nobody
        ("shared_tokens", np.int64),  # held by several sequences: once for each of them beyond the first
        ("prefill_tokens", np.int64),  # of the iteration under way
        ("attended", np.float64),  # pairs of a token of a prompt and one before it in its prompt
        ("decode_s", np.float64),  # its time without them
        ("decode_share_s", np.float64),  # ∫ dt / decoding sequences: what each of them has used
        ("order", np.int64),  # admissions so far
        ("busy_s", np.float64),  # integrals up to `boundary_s`
        ("kv_token_s", np.float64),
        ("sequence_s", np.float64),  # ∫ running sequences dt
        ("serving_s", np.float64),  # up to `state_s`
        ("state_s", np.float64),
        ("n_preemptions", np.int64),
        ("n_stalls", np.int64),  # iterations of prompts for which decodes waited; they have no number
        ("prompt_tokens", np.int64),  # of admissions, hits included
        ("hit_tokens", np.int64),
        ("lost_s", np.float64),  # busy for nobody's attempt: aborted sequences until they are gone
        ("first_prefix", np.int64),  # entries and buckets of the prefix cache
        ("prefix_capacity", np.int64),
        ("first_bucket", np.int64),
        ("bucket_mask", np.int64),
        ("free_prefix", np.int64),  # first unused entry, NONE when full
        ("newest", np.int64),
        ("oldest", np.int64),
    ],
    align=True,
)

SEQUENCE = np.dtype(
    [
        ("slot", np.int64),  # of its request; NONE: aborted
        ("replica", np.int64),  # NONE: waits for one
        ("priority", np.int64),
        ("prompt", np.int64),  # tokens sent
        ("output", np.int64),  # tokens to generate
        ("total", np.int64),  # tokens to have in the cache before the next new one
        ("computed", np.int64),  # while it works on its prompt: tokens in the cache
        ("chunk", np.int64),  # of the prompt in the iteration under way
        ("generated", np.int64),  # before it (re)entered
        ("n_preempted", np.int64),  # how often it was sent back
        ("finish", np.int64),  # number of the iteration at whose end its last token is there
        ("place", np.int64),  # in the heap; NONE: not decoding
        ("order", np.int64),  # of its admission; 0: waits
        ("next", np.int64),  # waiting list, running list (next = admitted later) or free list
        ("previous", np.int64),
        ("next_entering", np.int64),
        ("next_leaving", np.int64),
        ("share_from_s", np.float64),  # `decode_share_s` when it began to decode
        ("busy_s", np.float64),  # share of its replica's time so far, without the decoding under way
        ("chain_key", np.uint64),  # of its conversation
        ("reusable", np.int64),  # leading tokens that an earlier turn may have left in the cache
        ("turn", np.int64),
        ("first_unit", np.int64),  # of the leading part that others may have, in `unit_keys`
        ("n_units", np.int64),
        ("unit_tokens", np.int64),
        ("common_tokens", np.int64),  # of all units; the last one may be shorter than the others
        ("n_held", np.int64),  # leading units that it holds together with others, or that others may find
    ],
    align=True,
)

PREFIX = np.dtype(
    [
        ("key", np.uint64),
        ("n_blocks", np.int64),
        ("first_block", np.int64),  # of a conversation: blocks in front, which are units; of a unit: NONE
        ("n_users", np.int64),  # of a unit: sequences that hold it
        ("turn", np.int64),  # of the conversation, that left it
        ("newer", np.int64),
        ("older", np.int64),
        ("next", np.int64),  # in its bucket, or in the list of unused entries
    ],
    align=True,
)

_FIELDS = (
    "pools",
    "replicas",
    "sequences",
    "heap",
    "residues",
    "knots",
    "step_s",
    "prefixes",
    "buckets",
    "unit_keys",
)

POOLS = np.dtype(
    [("first_free", np.int64), ("n_free", np.int64)]  # of the sequences
    + [(name, np.int64) for name in _FIELDS]
    + [(f"n_{name}", np.int64) for name in _FIELDS],
    align=True,
)


class PoolArrays(NamedTuple):
    """The pools of a run as Python owns them; kernels reach them through `head`."""

    head: NDArray[np.void]  # [1] POOLS
    pools: NDArray[np.void]  # [pool] POOL
    replicas: NDArray[np.void]  # [replica] REPLICA
    sequences: NDArray[np.void]  # [sequence] SEQUENCE
    heap: NDArray[np.int64]  # [replica × max_num_seqs] sequences, a binary heap for each replica
    residues: NDArray[np.int64]  # [replica, 16] decoding sequences by (tokens − iteration) mod 16
    knots: NDArray[np.float64]  # of the profiles' axes, one after the other
    step_s: NDArray[np.float64]  # the profiles' tables, one after the other
    prefixes: NDArray[np.void]  # [replica × capacity] PREFIX
    buckets: NDArray[np.int32]  # first entry by hash of its key, for each replica
    unit_keys: NDArray[np.uint64]  # of the parts that prompts have in common


def write_addresses(arrays: PoolArrays) -> None:
    """Note in the head where the arrays are; valid until one of them is replaced."""
    for name in _FIELDS:
        array = getattr(arrays, name)
        arrays.head[name] = address_of(array)
        arrays.head[f"n_{name}"] = array.shape[0]


def grow_sequences(pools: PoolArrays) -> PoolArrays:
    """Twice as many rows for sequences if nearly all are taken."""
    n = pools.sequences.size
    if n == 0 or pools.head["n_free"][0] >= _MARGIN:
        return pools
    larger = np.zeros(2 * n, dtype=SEQUENCE).view(np.recarray)
    larger[:n] = pools.sequences
    larger["next"][n:-1] = np.arange(n + 1, 2 * n)
    larger["next"][-1] = pools.head["first_free"][0]
    pools.head["first_free"] = n
    pools.head["n_free"] += n
    return pools._replace(sequences=larger)


# (pools, number) → record; pools → array
pool_at = record_accessor(POOLS, "pools", POOL)
replica_at = record_accessor(POOLS, "replicas", REPLICA)
sequence_at = record_accessor(POOLS, "sequences", SEQUENCE)
prefix_at = record_accessor(POOLS, "prefixes", PREFIX)
heap_of = array_accessor(POOLS, "heap", np.int64, "n_heap")
residues_of = array_accessor(POOLS, "residues", np.int64, "n_residues", BLOCK_TOKENS)
knots_of = array_accessor(POOLS, "knots", np.float64, "n_knots")
step_s_of = array_accessor(POOLS, "step_s", np.float64, "n_step_s")
buckets_of = array_accessor(POOLS, "buckets", np.int32, "n_buckets")
unit_keys_of = array_accessor(POOLS, "unit_keys", np.uint64, "n_unit_keys")
