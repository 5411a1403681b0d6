"""Step times of one's own from benchmark results: four coefficients, what they cannot tell, and how far they are off.

    step_s = iteration_s + per_prefill_token_s p + per_sequence_s b + per_kv_token_s k

for p prompt tokens, b sequences that decode, and k tokens that they read together; none of them is negative, so that more
work never takes less time. Least squares of relative errors, with the weight of outliers reduced (Huber).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import nnls

from simulator.mechanisms.replicas.fitting.benchmark_run import BenchmarkRun
from simulator.mechanisms.replicas.fitting.step_points import StepPoints, joined, step_points
from simulator.mechanisms.replicas.profile import PoolProfileError

Floats = NDArray[np.float64]


class StepTimes(NamedTuple):
    """Coefficients of an iteration's time, in seconds."""

    iteration_s: float
    per_prefill_token_s: float
    per_sequence_s: float
    per_kv_token_s: float


# what is left out where the loads do not tell the terms apart, the first that can be told
_CHOICES: tuple[tuple[int, ...], ...] = ((0, 1, 2, 3), (0, 1, 2), (0, 1, 3), (0, 1))
_TERMS = ("an iteration", "a prompt token", "a sequence", "a token in the KV cache")
# smallest singular value of columns of length 1: with a point per iteration, and with averages, which tell less
_LEAST_ANGLE, _LEAST_ANGLE_OF_MEANS = 0.02, 0.1
_HUBER = 1.345  # standard deviations
_N_ROUNDS = 30
_FALL = 0.10  # of the time per token when the batch grows: beyond it the loads contradict each other
_MIN_REQUESTS = 10


@dataclass(frozen=True)
class ProfileFit:
    """A profile from benchmark results.

    Attributes
    ----------
    unknown : terms that these results do not tell from the others; their coefficients are 0
    n_points : iterations (or averages over some) that were fitted
    error_mean, error_worst : relative, of the time per token over requests (or loads)
    batch, prefill_tokens, context_tokens : smallest and largest that were seen
    """

    times: StepTimes
    unknown: tuple[str, ...]
    n_loads: int
    n_requests: int
    n_points: int
    error_mean: float
    error_worst: float
    batch: tuple[float, float]
    prefill_tokens: tuple[float, float]
    context_tokens: tuple[float, float]


def fit_step_times(runs: Sequence[BenchmarkRun]) -> ProfileFit:
    """Fit step times to one load or several.

    Raises
    ------
    ProfileError
        If the loads contradict each other, or are too few to tell what a prompt token costs.
    """
    n_requests = sum(run.n_requests for run in runs)
    if n_requests < _MIN_REQUESTS:
        raise PoolProfileError(f"{n_requests} requests in all; at least {_MIN_REQUESTS} are needed")
    _check_order(runs)
    points = joined([step_points(run) for run in runs], apart=True)
    terms, step_s = _terms(points), points.step_s
    by_token = any(run.requests is not None and run.requests.gaps_s is not None for run in runs)
    least_angle = _LEAST_ANGLE if by_token else _LEAST_ANGLE_OF_MEANS
    chosen = _identified(terms / step_s[:, None], points.weight, least_angle)
    coefficients = np.zeros(len(_TERMS))
    coefficients[list(chosen)] = _robust(terms[:, list(chosen)] / step_s[:, None], points.weight)
    if not coefficients[:2].all():
        missing = " and ".join(_TERMS[place] for place in (0, 1) if coefficients[place] == 0.0)
        raise PoolProfileError(
            f"the fit leaves no time for {missing} ({step_s.size} points): the times do not rise with the work "
            "as those of one replica without a queue do; benchmark with fewer clients than `max_num_seqs`"
        )
    errors = _errors(points, terms @ coefficients)
    decodes = points.batch > 0.0
    context = points.kv_tokens[decodes] / points.batch[decodes]
    return ProfileFit(
        StepTimes(*map(float, coefficients)),
        tuple(_TERMS[place] for place in range(len(_TERMS)) if place not in chosen),
        len(runs),
        n_requests,
        int(step_s.size),
        float(errors.mean()),
        float(errors.max()),
        _range(points.batch[decodes]),
        _range(points.prefill_tokens),
        _range(context),
    )


def _terms(points: StepPoints) -> Floats:
    """float64[point, coefficient]."""
    ones = np.ones(points.step_s.size)
    return np.stack([ones, points.prefill_tokens, points.batch, points.kv_tokens], axis=1)


def _check_order(runs: Sequence[BenchmarkRun]) -> None:
    """With the same lengths, a larger batch must not be faster."""
    ordered = sorted(runs, key=lambda run: run.decoding)
    for number, small in enumerate(ordered):
        for large in ordered[number + 1 :]:
            is_alike = all(
                abs(getattr(large, name) / getattr(small, name) - 1.0) < 0.05
                for name in ("prompt_tokens", "output_tokens")
            )
            if (
                is_alike
                and large.decoding > 1.5 * small.decoding
                and large.tpot_s < (1.0 - _FALL) * small.tpot_s
            ):
                raise PoolProfileError(
                    f"time per token falls from {small.tpot_s * 1e3:.3g} ms in {small.label} (batch {small.decoding:.3g}) "
                    f"to {large.tpot_s * 1e3:.3g} ms in {large.label} (batch {large.decoding:.3g}); results must be of one "
                    "set-up, where a larger batch takes longer"
                )


def _identified(rows: Floats, weight: Floats, least_angle: float) -> tuple[int, ...]:
    """Terms that the points tell apart, as many as possible."""
    for chosen in _CHOICES:
        if rows.shape[0] < len(chosen):
            continue
        columns = rows[:, list(chosen)] * np.sqrt(weight)[:, None]
        lengths = np.linalg.norm(columns, axis=0)
        if (lengths > 0.0).all() and np.linalg.svd(columns / lengths, compute_uv=False)[-1] > least_angle:
            return chosen
    n_prompts = int(np.count_nonzero(rows[:, 1]))
    raise PoolProfileError(
        f"these results (points: {rows.shape[0]}, with prompts: {n_prompts}) do not tell the cost of a prompt token "
        "from that of an iteration; give results at several concurrencies, 1 among them, or one with the times of tokens "
        "(`vllm bench serve --save-result --save-detailed`)"
    )


def _robust(rows: Floats, weight: Floats) -> Floats:
    """Coefficients ≥ 0 with rows @ coefficients ≈ 1: iteratively reweighted least squares, Huber's weights."""
    trust = np.ones(weight.size)
    lengths = np.linalg.norm(rows * np.sqrt(weight)[:, None], axis=0)
    found = np.zeros(rows.shape[1])
    for _ in range(_N_ROUNDS):
        root = np.sqrt(weight * trust)
        # the triangle of a QR decomposition has the same least squares in as many rows as columns
        triangle = np.asarray(np.linalg.qr(np.column_stack([rows / lengths * root[:, None], root]), mode="r"))
        before, found = found, nnls(triangle[:, :-1], triangle[:, -1])[0] / lengths
        residual = np.abs(rows @ found - 1.0)
        spread = max(1.4826 * _weighted_median(residual, weight), 1e-9)
        trust = np.minimum(1.0, _HUBER * spread / np.maximum(residual, 1e-12))
        if np.allclose(found, before, rtol=1e-9, atol=0.0):
            break
    return found


def _weighted_median(values: Floats, weight: Floats) -> float:
    order = np.argsort(values)
    half = np.searchsorted(np.cumsum(weight[order]), weight.sum() / 2.0)
    return float(values[order][min(half, values.size - 1)])


def _errors(points: StepPoints, fitted_s: Floats) -> Floats:
    """Relative error of the time of all points of a request together; per request."""
    n = int(points.request.max()) + 1
    fitted = np.bincount(points.request, fitted_s, minlength=n)
    measured = np.bincount(points.request, points.step_s, minlength=n)
    told = measured > 0.0
    return np.abs(fitted[told] / measured[told] - 1.0)


def _range(values: Floats) -> tuple[float, float]:
    return (float(values.min()), float(values.max())) if values.size else (0.0, 0.0)
