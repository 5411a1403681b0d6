"""What a benchmark says about single iterations: a point is what an iteration did, and how long it took.

From the times of every token the iterations can be read off: between two tokens of a sequence there is one. From the mean
of a request, or of a whole load, only averages over many iterations follow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.replicas.fitting.benchmark_run import BenchmarkRun, LoadRequests

Floats = NDArray[np.float64]

_JITTER_SHARE = 0.25  # of a short iteration, within which tokens of one iteration reach the client
_N_LOOKS = 32  # into the life of a request of which only the mean is known


@dataclass(frozen=True, eq=False)
class StepPoints:
    """Iterations, or averages over some; an entry each.

    Attributes
    ----------
    prefill_tokens : of prompts in the iteration
    batch : sequences that decode
    kv_tokens : that they read, together
    step_s : seconds
    weight : so that each iteration counts once, though every sequence in it tells of it
    request : number of the request (or load) that tells of it; of a first token, a number of its own
    """

    prefill_tokens: Floats
    batch: Floats
    kv_tokens: Floats
    step_s: Floats
    weight: Floats
    request: NDArray[np.int64]


def step_points(run: BenchmarkRun) -> StepPoints:
    """Points of a load: by token, by request, or one for all of it, as its file tells."""
    if run.requests is None:
        return _of_means(run)
    alone = _alone(run.requests)
    if run.requests.gaps_s is None:
        return joined([_of_requests(run.requests), alone], apart=True)
    return joined([_of_tokens(run.requests, run.requests.gaps_s), alone], apart=True)


def joined(parts: list[StepPoints], *, apart: bool = False) -> StepPoints:
    """Points of several parts; `apart`: their requests are others."""
    requests, first = [], 0
    for part in parts:
        requests.append(part.request + first)
        first += int(part.request.max()) + 1 if apart and part.request.size else 0
    names = ("prefill_tokens", "batch", "kv_tokens", "step_s", "weight")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return StepPoints(**columns, request=np.concatenate(requests))


def _of_means(run: BenchmarkRun) -> StepPoints:
    """One point from the means of a load, and one from its first tokens where requests are alone."""
    context = run.prompt_tokens + run.output_tokens / 2.0
    in_system = run.requests_per_s * (run.ttft_s + (run.output_tokens - 1.0) * run.tpot_s)
    # with a fixed number of clients a sequence meets the prompts of the others only
    others = max(0.0, 1.0 - 1.0 / max(in_system, 1.0)) if run.is_closed else 1.0
    prefill = run.requests_per_s * run.prompt_tokens * run.tpot_s * others
    batch = max(1.0, run.decoding)
    rows = [(prefill, batch, batch * context, run.tpot_s)]
    if run.is_closed and in_system < 1.05:
        rows.append((run.prompt_tokens, 0.0, 0.0, run.ttft_s))
    prefill_tokens, batches, kv_tokens, step_s = np.array(rows).T
    return StepPoints(prefill_tokens, batches, kv_tokens, step_s, np.ones(len(rows)), np.arange(len(rows)))


def _of_tokens(of: LoadRequests, gaps_s: tuple[Floats, ...]) -> StepPoints:
    """A point per gap between two tokens, where it is plain which prompts were worked on in it."""
    n_gaps = np.array([gaps.size for gaps in gaps_s])
    request = np.repeat(np.arange(n_gaps.size), n_gaps)
    step_s = np.concatenate(gaps_s)
    if step_s.size == 0:
        return _none()
    first_s = of.start_s + of.ttft_s
    ends_s = [first + np.cumsum(gaps) for first, gaps in zip(first_s, gaps_s, strict=True)]
    until_s = np.concatenate(ends_s)
    since_s = until_s - step_s
    last_s = np.array([ends[-1] if ends.size else first for first, ends in zip(first_s, ends_s, strict=True)])
    # the gap before; before the first one nothing is known
    before_s = np.concatenate([np.concatenate([[0.0], gaps[:-1]]) for gaps in gaps_s if gaps.size])
    margin_s = _JITTER_SHARE * float(np.percentile(step_s, 5))
    begin_s, end_s = since_s + margin_s, until_s + margin_s

    by_first, by_last = np.argsort(first_s), np.argsort(last_s)
    firsts_s, lasts_s = first_s[by_first], last_s[by_last]
    n_first, n_last = (np.searchsorted(times, begin_s) for times in (firsts_s, lasts_s))
    batch = (n_first - n_last).astype(np.float64)
    prompts = _running_sum(of.prompt_tokens[by_first])
    left = _running_sum((of.prompt_tokens + of.output_tokens)[by_last])
    n_tokens = n_first + np.searchsorted(np.sort(until_s), begin_s)  # that have come out
    kv_tokens = prompts[n_first] + n_tokens - left[n_last]
    n_after = np.searchsorted(firsts_s, end_s)
    prefill = prompts[n_after] - prompts[n_first]

    starts_s = np.sort(of.start_s)
    n_started = np.searchsorted(starts_s, since_s - margin_s)
    is_plain = (batch >= 1.0) & (step_s > margin_s)
    # somebody sent before the iteration has no token after it: maybe waiting, maybe in the middle of the prompt
    is_plain &= n_started <= n_after
    is_plain &= _sent_since(of.start_s[by_first], n_first, n_after, since_s - before_s - margin_s)
    chosen = np.flatnonzero(is_plain)
    return StepPoints(
        prefill[chosen],
        batch[chosen],
        kv_tokens[chosen],
        step_s[chosen],
        1.0 / batch[chosen],
        request[chosen],
    )


def _sent_since(
    starts_s: Floats, low: NDArray[np.int64], high: NDArray[np.int64], since_s: Floats
) -> NDArray[np.bool_]:
    """Whether all of `starts_s[low:high]` are after `since_s`: an earlier one had a part of its prompt done before."""
    found = np.ones(low.size, dtype=np.bool_)
    some = np.flatnonzero(high > low)
    if some.size:
        edges = np.stack([low[some], high[some]], axis=1).ravel()
        earliest_s = np.minimum.reduceat(np.append(starts_s, np.inf), edges)[::2]
        found[some] = earliest_s >= since_s[some]
    return found


def _of_requests(of: LoadRequests) -> StepPoints:
    """A point per request: its mean time per token, and what went on beside it meanwhile."""
    several = np.flatnonzero((of.output_tokens > 1.0) & (of.tpot_s > 0.0))
    first_s = of.start_s + of.ttft_s
    last_s = first_s + (of.output_tokens - 1.0) * of.tpot_s
    per_s = np.divide(1.0, of.tpot_s, out=np.zeros(of.tpot_s.size), where=of.tpot_s > 0.0)
    by_first, by_last = np.argsort(first_s), np.argsort(last_s)
    firsts_s, lasts_s = first_s[by_first], last_s[by_last]

    looks = (np.arange(_N_LOOKS) + 0.5) / _N_LOOKS
    at_s = first_s[several, None] + looks * (last_s - first_s)[several, None]
    n_first, n_last = np.searchsorted(firsts_s, at_s), np.searchsorted(lasts_s, at_s)

    def held(values: Floats) -> Floats:
        """Sum of a value over those that decode, [request, look]."""
        return _running_sum(values[by_first])[n_first] - _running_sum(values[by_last])[n_last]

    # tokens of each grow evenly between its first and its last
    kv_tokens = held(of.prompt_tokens + 1.0 - first_s * per_s) + at_s * held(per_s)
    batch = (n_first - n_last).mean(axis=1)
    prompts = _running_sum(of.prompt_tokens[by_first])
    begin_s, end_s = first_s[several], last_s[several]
    margin_s = _JITTER_SHARE * of.tpot_s[several]
    others = prompts[np.searchsorted(firsts_s, end_s + margin_s)]
    others = others - prompts[np.searchsorted(firsts_s, begin_s + margin_s)]
    prefill = others / (of.output_tokens[several] - 1.0)
    return StepPoints(
        prefill, batch, kv_tokens.mean(axis=1), of.tpot_s[several], np.ones(several.size), several
    )


def _alone(of: LoadRequests) -> StepPoints:
    """First tokens while nobody decodes: an iteration with the prompts of those that were sent together."""
    first_s = of.start_s + of.ttft_s
    last_s = first_s + (of.output_tokens - 1.0) * of.tpot_s
    decoding = of.tpot_s[of.tpot_s > 0.0]
    margin_s = _JITTER_SHARE * float(np.percentile(decoding, 5)) if decoding.size else 0.0
    by_first = np.argsort(first_s)
    low = np.searchsorted(first_s[by_first], first_s - margin_s)
    high = np.searchsorted(first_s[by_first], first_s + margin_s, side="right")
    n_sent = np.searchsorted(np.sort(of.start_s), first_s - margin_s)
    n_gone = np.searchsorted(np.sort(last_s), of.start_s + margin_s, side="right")
    is_alone = (n_sent - n_gone == high - low) & (of.ttft_s > margin_s)
    is_alone &= _sent_since(of.start_s[by_first], low, high, of.start_s - margin_s)
    chosen = np.flatnonzero(is_alone)
    prompts = _running_sum(of.prompt_tokens[by_first])
    prefill = (prompts[high] - prompts[low])[chosen]
    zeros = np.zeros(chosen.size)
    return StepPoints(prefill, zeros, zeros, of.ttft_s[chosen], 1.0 / (high - low)[chosen], chosen)


def _running_sum(values: Floats) -> Floats:
    """Sums of the first 0, 1, 2 … values."""
    return np.concatenate([[0.0], np.cumsum(values)])


def _none() -> StepPoints:
    empty = np.zeros(0)
    return StepPoints(empty, empty, empty, empty, empty, np.zeros(0, dtype=np.int64))
