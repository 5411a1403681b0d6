"""Reading requests of AIPerf (`profile_export.jsonl`): a line per request, every number with its unit.

The file does not say whether clients or a rate sent the requests: it is read off how many were under way at each sending.
"""

import json
from typing import Any

import numpy as np

from simulator.mechanisms.replicas.fitting.benchmark_run import (
    BenchmarkRun,
    Floats,
    Json,
    LoadRequests,
    floats_of,
    number_of,
    object_of,
)
from simulator.mechanisms.replicas.profile import PoolProfileError

_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "seconds": 1.0}
_TOKENS = {"tokens": 1.0}
_MOST_TOKENS = 20_000_000  # with a time of their own, in one file
_OF_SENDINGS = 0.8  # that find as many others under way as any, in a closed loop
_LEAST = 4  # requests, to tell


def is_aiperf(content: object) -> bool:
    """Whether a JSON value is a line of AIPerf."""
    return isinstance(content, dict) and isinstance(content.get("metadata"), dict) and "metrics" in content


def aiperf_run(text: str, label: str) -> BenchmarkRun:
    """The load of a file.

    Raises
    ------
    PoolProfileError
        If a line is none of AIPerf, has a number in another unit, or no request was answered with a second token.
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    rows = [_row(line, f"{label}:{number}") for number, line in lines]
    found = [row for row in rows if row is not None]
    if not found:
        raise PoolProfileError(f"{label}: none of {len(rows)} requests was answered with a second token")
    if sum(gaps.size for _, gaps in found) > _MOST_TOKENS:
        raise PoolProfileError(f"{label}: times of more than {_MOST_TOKENS:,} tokens")
    start_s, ttft_s, tpot_s, prompt, output = np.array([row for row, _ in found]).T
    start_s = start_s - start_s.min()
    gaps = [gaps for _, gaps in found]
    by_token = all(one.size == tokens - 1.0 for one, tokens in zip(gaps, output.tolist(), strict=True))
    ends_s = start_s + ttft_s + (output - 1.0) * tpot_s
    left_out = len(rows) - len(found)
    return BenchmarkRun(
        label=label,
        model="",
        n_requests=len(found),
        is_closed=_is_closed(start_s, ends_s),
        requests_per_s=len(found) / float(ends_s.max()),
        prompt_tokens=float(prompt.mean()),
        output_tokens=float(output.mean()),
        ttft_s=float(ttft_s.mean()),
        tpot_s=float(tpot_s.mean()),
        requests=LoadRequests(start_s, ttft_s, tpot_s, prompt, output, tuple(gaps) if by_token else None),
        note=f"{label}: {left_out} of {len(rows)} requests failed or had one token, and are left out"
        if left_out
        else "",
    )


def _row(line: str, label: str) -> tuple[tuple[float, ...], Floats] | None:
    """Start, first token, time per token, prompt, and answer of a request, and its gaps; None: it does not count."""
    try:
        content = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise PoolProfileError(f"{label}: cannot be read as JSON: {error}") from error
    if not is_aiperf(content):
        raise PoolProfileError(f"{label}: no request of AIPerf (`profile_export.jsonl`)")
    metadata = object_of(content, "metadata", label)
    phase = metadata.get("benchmark_phase", "profiling")
    if content.get("error") is not None or metadata.get("was_cancelled") or phase != "profiling":
        return None
    metrics = object_of(content, "metrics", label)
    prompt, output = (
        _number(metrics, f"{name}_sequence_length", _TOKENS, label, 1.0) for name in ("input", "output")
    )
    if output < 2.0:
        return None
    ttft_s = _number(metrics, "time_to_first_token", _SECONDS, label, 1e-9)
    tpot_s = _number(metrics, "inter_token_latency", _SECONDS, label, 1e-9)
    start_s = number_of(metadata, "request_start_ns", label) * 1e-9
    return (start_s, ttft_s, tpot_s, prompt, output), _gaps_s(metrics, label)


def _gaps_s(metrics: Json, label: str) -> Floats:
    """Times between the chunks of an answer; none where the file has none."""
    if "inter_chunk_latency" not in metrics:
        return np.zeros(0)
    of = object_of(metrics, "inter_chunk_latency", label)
    factor = _factor(of, "inter_chunk_latency", _SECONDS, label)
    return factor * floats_of(of.get("value"), "inter_chunk_latency", label, is_time=True)


def _number(metrics: Json, name: str, units: dict[str, float], label: str, least: float) -> float:
    of = object_of(metrics, name, label)
    return _factor(of, name, units, label) * number_of(of, "value", f"{label} {name}", least)


def _factor(of: Json, name: str, units: dict[str, float], label: str) -> float:
    unit: Any = of.get("unit")
    if unit not in units:
        known = ", ".join(units)
        raise PoolProfileError(f"{label}: `{name}` is in {str(unit)[:40]!r}; one of {known} is needed")
    return units[unit]


def _is_closed(start_s: Floats, ends_s: Floats) -> bool:
    """Whether nearly every request was sent when as many others were under way as there ever were."""
    if start_s.size < _LEAST:
        return False
    sent = np.sort(start_s)
    others = np.arange(sent.size) - np.searchsorted(np.sort(ends_s), sent, side="right")
    most = int(others.max())
    return bool((others[most:] == most).mean() >= _OF_SENDINGS)
