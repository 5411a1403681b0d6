"""What a replica can do at most: tokens per second when its batch is full, and replicas that a load needs at least."""

from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import Profile


def decode_s_per_token(profile: Profile, context_tokens: float, max_num_seqs: int) -> float:
    """Least seconds per output token that any batch of sequences with this mean context reaches.

    Batches are bounded by the seats, and by the KV cache: so many tokens for each sequence.
    """
    most = max(1.0, min(float(max_num_seqs), profile.kv_tokens / max(context_tokens, 1.0)))
    batches = [float(batch) for batch in profile.batch if 0.0 < batch < most] + [most]
    return min(profile.step_time_s(0.0, batch, context_tokens) / batch for batch in batches)


def prefill_s_per_token(profile: Profile, max_num_batched_tokens: int) -> float:
    """Least seconds per prompt token, worked on in iterations without decodes."""
    sizes = [float(size) for size in profile.prefill_tokens if 0.0 < size < max_num_batched_tokens]
    sizes.append(float(max_num_batched_tokens))
    alone_s = profile.step_time_s(0.0, 0.0, float(profile.context_tokens[0]))
    # beside decodes a prompt adds to an iteration that takes place anyway, so the time of an empty one does not count
    return min((profile.step_time_s(size, 0.0, 0.0) - alone_s) / size for size in sizes)


def least_replicas(
    pool: Pool, profile: Profile, input_tokens_per_s: float, output_tokens_per_s: float, context_tokens: float
) -> float:
    """Replicas, not rounded, below which no way to batch carries the load: the roofline of the profile.

    Parameters
    ----------
    input_tokens_per_s, output_tokens_per_s : offered to the pool in one region
    context_tokens : mean over the output tokens of what each reads
    """
    prefill_s = prefill_s_per_token(profile, pool.max_num_batched_tokens)
    decode_s = decode_s_per_token(profile, context_tokens, pool.max_num_seqs)
    return input_tokens_per_s * prefill_s + output_tokens_per_s * decode_s
