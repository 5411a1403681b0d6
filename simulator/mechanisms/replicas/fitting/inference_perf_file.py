"""Reading a stage of inference-perf (`stage_0_lifecycle_metrics.json`): means of one load, in seconds.

The time per token is made of latency and first token, because until June 2026 the reported one was about half of it: every
streamed chunk was tokenised with a token of its own for the beginning (kubernetes-sigs/inference-perf, issue 564).
"""

from typing import Any

from simulator.mechanisms.replicas.fitting.benchmark_run import BenchmarkRun, Json, number_of, object_of
from simulator.mechanisms.replicas.profile import PoolProfileError

_LATE_S = 0.5  # p99 of the delay of sending, above which clients wait for answers before they send
_HALVED = (0.4, 0.6)  # of the time per token, where it was reported by an old version


def is_inference_perf(content: Json) -> bool:
    """Whether a JSON object is a stage of inference-perf."""
    successes = content.get("successes")
    return "load_summary" in content and isinstance(successes, dict) and "latency" in successes


def stage_run(content: Json, label: str) -> BenchmarkRun:
    """The load of a stage.

    Raises
    ------
    PoolProfileError
        If a field is missing, times cannot be, or the stage was saturated, so that its clients waited for each other.
    """
    successes = object_of(content, "successes", label)
    latency = object_of(successes, "latency", label)
    late_s = _late_s(content, label)
    if late_s > _LATE_S:
        raise PoolProfileError(
            f"{label}: 1 in 100 requests was sent {late_s:.3g} s late, so the stage was saturated and its times are "
            "those of a queue; leave it out"
        )
    latency_s, ttft_s = (_mean(latency, name, label) for name in ("request_latency", "time_to_first_token"))
    output = _mean(successes, "output_len", label)
    if output <= 1.0 or latency_s <= ttft_s:
        raise PoolProfileError(
            f"{label}: no answer has a second token; time per token needs outputs of 2 or more"
        )
    tpot_s = (latency_s - ttft_s) / (output - 1.0)
    return BenchmarkRun(
        label=label,
        model="",
        n_requests=int(number_of(successes, "count", label, least=1.0)),
        is_closed=False,
        requests_per_s=number_of(
            object_of(successes, "throughput", label), "requests_per_sec", label, least=1e-9
        ),
        prompt_tokens=_mean(successes, "prompt_len", label),
        output_tokens=output,
        ttft_s=ttft_s,
        tpot_s=tpot_s,
        requests=None,
        note=_note(latency, tpot_s, label),
    )


def _mean(of: Json, name: str, label: str) -> float:
    """Mean of a quantity, above 0."""
    return number_of(object_of(of, name, label), "mean", f"{label} {name}", least=1e-9)


def _late_s(content: Json, label: str) -> float:
    delay: Any = object_of(content, "load_summary", label).get("schedule_delay")
    return (
        number_of(delay, "p99", f"{label} schedule_delay")
        if isinstance(delay, dict) and "p99" in delay
        else 0.0
    )


def _note(latency: Json, tpot_s: float, label: str) -> str:
    """What an old version reported as time per token, where it is half of what latency and first token say."""
    reported = latency.get("time_per_output_token")
    if not isinstance(reported, dict) or "mean" not in reported:
        return ""
    said_s = number_of(reported, "mean", f"{label} time_per_output_token")
    if not _HALVED[0] < said_s / tpot_s < _HALVED[1]:
        return ""
    return (
        f"{label}: {tpot_s * 1e3:.3g} ms a token, from latency and first token, in place of the {said_s * 1e3:.3g} ms "
        "reported: inference-perf before June 2026 counted every token twice"
    )
