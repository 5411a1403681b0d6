"""Reading what a benchmark of a served model has measured: results of `vllm bench serve`, GuideLLM and kin.

All are JSON. vLLM (`--save-result`) writes means of one load per file and, with `--save-detailed`, the times of every
token (`vllm/benchmarks/serve.py`); GuideLLM writes several loads per file with a row per request
(`guidellm/schemas/base/request_stats.py`) or, without rows, means; inference-perf the means of a stage; AIPerf
a line per request. Only what step times follow from is read; nothing in a file is run.
"""

import json
from pathlib import Path

import numpy as np

from simulator.mechanisms.replicas.fitting.aiperf_file import aiperf_run, is_aiperf
from simulator.mechanisms.replicas.fitting.benchmark_run import (
    BenchmarkRun,
    Json,
    LoadRequests,
    check_times,
    floats_of,
    list_of,
    milliseconds_of,
    number_of,
    object_of,
    text_of,
)
from simulator.mechanisms.replicas.fitting.inference_perf_file import is_inference_perf, stage_run
from simulator.mechanisms.replicas.profile import PoolProfileError

_MAX_BYTES = 256 << 20
_MAX_TOKENS = 20_000_000  # with a time of their own, in one file


def read_benchmark(path: Path) -> list[BenchmarkRun]:
    """Loads in a result file of `vllm bench serve`, GuideLLM, inference-perf or AIPerf.

    Raises
    ------
    ProfileError
        If the file is too large, no such JSON, lacks a field, or holds times that cannot be.
    """
    text = _text(path)
    if is_aiperf(_first_line(text)):
        return [aiperf_run(text, path.name)]
    content = _parsed(text, path)
    if isinstance(content, dict) and isinstance(content.get("benchmarks"), list):
        loads = content["benchmarks"]
        if not loads:
            raise PoolProfileError(f"{path.name}: `benchmarks` is empty; GuideLLM writes an entry per load")
        model = _model_of(content)
        return [
            _guidellm_run(load, f"{path.name} benchmarks[{place}]", model) for place, load in enumerate(loads)
        ]
    if isinstance(content, dict) and "mean_ttft_ms" in content:
        return [_vllm_run(content, path.name)]
    if isinstance(content, dict) and is_inference_perf(content):
        return [stage_run(content, path.name)]
    raise PoolProfileError(
        f"{path.name}: neither a result of `vllm bench serve --save-result` (a JSON object with `mean_ttft_ms`) "
        "nor of GuideLLM (one with a list `benchmarks`) nor of inference-perf (`stage_0_lifecycle_metrics.json`) "
        "nor of AIPerf (`profile_export.jsonl`)"
    )


def _text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise PoolProfileError(
                f"{path.name}: more than {_MAX_BYTES >> 20} MiB; benchmark with fewer requests"
            )
        return content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise PoolProfileError(f"{path.name}: cannot be read as JSON: {error}") from error


def _first_line(text: str) -> object:
    """What the first line holds, where it is a JSON value by itself."""
    try:
        return json.loads(text.lstrip().partition("\n")[0])
    except (RecursionError, ValueError):
        return None


def _parsed(text: str, path: Path) -> object:
    try:
        return json.loads(text)
    except (RecursionError, ValueError) as error:
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            raise PoolProfileError(
                f"{path.name}: more than one JSON document, as `--append-result` writes; one result per file is read"
            ) from error
        raise PoolProfileError(f"{path.name}: cannot be read as JSON: {error}") from error


# ------------------------------------------------------------------------------------------------------- vLLM


def _vllm_run(content: Json, label: str) -> BenchmarkRun:
    n_requests = number_of(content, "completed", label, least=1.0)
    # vLLM writes `inf` as text; then `max_concurrency` clients ask again as soon as they are answered
    is_closed = str(content.get("request_rate", "inf")) in ("inf", "Infinity")
    return BenchmarkRun(
        label=label,
        model=text_of(content.get("model_id")),
        n_requests=int(n_requests),
        is_closed=is_closed,
        requests_per_s=number_of(content, "request_throughput", label, least=1e-9),
        prompt_tokens=number_of(content, "total_input_tokens", label, least=1.0) / n_requests,
        output_tokens=number_of(content, "total_output_tokens", label, least=1.0) / n_requests,
        ttft_s=milliseconds_of(content, "mean_ttft_ms", label) / 1e3,
        tpot_s=milliseconds_of(content, "mean_tpot_ms", label) / 1e3,
        requests=_vllm_requests(content, label),
    )


def _vllm_requests(content: Json, label: str) -> LoadRequests | None:
    names = ("start_times", "ttfts", "itls", "input_lens", "output_lens")
    if any(name not in content for name in names):
        return None
    columns = [list_of(content, name, label) for name in names]
    lengths = {name: len(column) for name, column in zip(names, columns, strict=True)}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"`{name}` {n}" for name, n in lengths.items())
        raise PoolProfileError(f"{label}: the lists must have an entry per request; they have {told}")
    n_tokens = sum(len(gaps) for gaps in columns[2] if isinstance(gaps, list))
    if n_tokens > _MAX_TOKENS:
        raise PoolProfileError(f"{label}: times of {n_tokens:,} tokens; at most {_MAX_TOKENS:,} are read")
    start_s, ttft_s, prompt, output = (
        floats_of(columns[place], names[place], label) for place in (0, 1, 3, 4)
    )
    gaps_s = [floats_of(gaps, f"itls[{place}]", label, is_time=True) for place, gaps in enumerate(columns[2])]
    check_times(ttft_s, "ttfts", label)
    # who failed has no token; who got several tokens at once does not tell when each was made
    kept = [
        place
        for place, gaps in enumerate(gaps_s)
        if ttft_s[place] > 0.0 and prompt[place] >= 1.0 and gaps.size == output[place] - 1.0
    ]
    if len(kept) < max(1, 0.5 * np.count_nonzero(ttft_s > 0.0)):
        raise PoolProfileError(
            f"{label}: of {np.count_nonzero(ttft_s > 0.0)} answers only {len(kept)} came token by token; step times "
            "cannot be told from tokens that come together (speculative decoding?)"
        )
    tpot_s = np.array([float(gaps_s[place].mean()) if gaps_s[place].size else 0.0 for place in kept])
    return LoadRequests(
        start_s[kept],
        ttft_s[kept],
        tpot_s,
        prompt[kept],
        output[kept],
        tuple(gaps_s[place] for place in kept),
    )


# --------------------------------------------------------------------------------------------------- GuideLLM


def _guidellm_run(load: object, label: str, model: str) -> BenchmarkRun:
    if not isinstance(load, dict):
        raise PoolProfileError(f"{label}: not an object")
    rows = object_of(load, "requests", label).get("successful")
    if not isinstance(rows, list) or not rows:
        return _guidellm_means(load, label, model)
    names = ("request_start_time", "time_to_first_token_ms", "prompt_tokens", "output_tokens")
    columns = np.zeros((len(rows), len(names) + 1))
    for place, row in enumerate(rows):
        where = f"{label} requests.successful[{place}]"
        if not isinstance(row, dict):
            raise PoolProfileError(f"{where}: not an object")
        columns[place, :-1] = [number_of(row, name, where) for name in names]
        if columns[place, 3] > 1.0:
            columns[place, -1] = milliseconds_of(row, "inter_token_latency_ms", where) / 1e3
    start_s, ttft_ms, prompt, output, tpot_s = columns.T
    ttft_s = ttft_ms / 1e3
    check_times(ttft_s, "time_to_first_token_ms", label)
    end_s = start_s + ttft_s + (output - 1.0) * tpot_s
    span_s = float(end_s.max() - start_s.min())
    several = output > 1.0
    if span_s <= 0.0 or not several.any():
        raise PoolProfileError(
            f"{label}: no answer has a second token; time per token needs outputs of 2 or more"
        )
    return BenchmarkRun(
        label=label,
        model=model,
        n_requests=len(rows),
        is_closed=_is_closed(load),
        requests_per_s=len(rows) / span_s,
        prompt_tokens=float(prompt.mean()),
        output_tokens=float(output.mean()),
        ttft_s=float(ttft_s.mean()),
        tpot_s=float(tpot_s[several].mean()),
        requests=LoadRequests(start_s, ttft_s, tpot_s, prompt, output, None),
    )


def _guidellm_means(load: Json, label: str, model: str) -> BenchmarkRun:
    """A load whose requests were not kept, by its means."""
    if not isinstance(load.get("metrics"), dict):
        raise PoolProfileError(f"{label}: `requests.successful` has no requests, and there are no `metrics`")
    metrics = object_of(load, "metrics", label)

    def of(name: str, what: str = "mean", least: float = 1e-9) -> float:
        where = f"{label} metrics.{name}.successful"
        stats = object_of(
            object_of(metrics, name, f"{label} metrics"), "successful", f"{label} metrics.{name}"
        )
        return number_of(stats, what, where, least)

    output = of("output_token_count", least=1.0)
    if output <= 1.0:
        raise PoolProfileError(
            f"{label}: no answer has a second token; time per token needs outputs of 2 or more"
        )
    return BenchmarkRun(
        label=label,
        model=model,
        n_requests=int(of("request_latency", "count", 1.0)),
        is_closed=_is_closed(load),
        requests_per_s=of("requests_per_second"),
        prompt_tokens=of("prompt_token_count", least=1.0),
        output_tokens=output,
        ttft_s=of("time_to_first_token_ms") / 1e3,
        tpot_s=of("inter_token_latency_ms") / 1e3,
        requests=None,
    )


def _is_closed(load: Json) -> bool:
    config = load.get("config")
    strategy = (config if isinstance(config, dict) else load).get("strategy")
    kind = text_of(strategy.get("type_")) if isinstance(strategy, dict) else ""
    return kind in ("synchronous", "concurrent", "throughput")


def _model_of(content: Json) -> str:
    """The model that a report of GuideLLM names: in its arguments, from version 0.8 on in its specification."""
    places = (("args",), ("config", "spec", "backend"))
    for place in places:
        found: object = content
        for name in place:
            found = found.get(name) if isinstance(found, dict) else None
        if isinstance(found, dict) and text_of(found.get("model")):
            return text_of(found.get("model"))
    return ""
