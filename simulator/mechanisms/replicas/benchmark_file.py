"""Reading what a benchmark of a served model has measured: results of `vllm bench serve` and of GuideLLM.

Both are JSON. vLLM (`--save-result`) writes means of one load per file and, with `--save-detailed`, the times of every
token (`vllm/benchmarks/serve.py`); GuideLLM writes several loads per file with a row per request
(`guidellm/schemas/base/request_stats.py`). Only what step times follow from is read; nothing in a file is run.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.replicas.profile import PoolProfileError

Floats = NDArray[np.float64]
Json = Mapping[str, Any]

_MAX_BYTES = 256 << 20
_MAX_TOKENS = 20_000_000  # with a time of their own, in one file
_MOST_S = 86_400.0  # of a single time: a day


@dataclass(frozen=True, eq=False)
class Requests:
    """Requests of one load that were answered; an entry each.

    Attributes
    ----------
    start_s : when it was sent, on any clock
    ttft_s : from then to its first token
    tpot_s : mean time per token after the first; 0 where there is only one
    gaps_s : times between tokens, one array per request, or None if only their mean is known
    """

    start_s: Floats
    ttft_s: Floats
    tpot_s: Floats
    prompt_tokens: Floats
    output_tokens: Floats
    gaps_s: tuple[Floats, ...] | None


@dataclass(frozen=True)
class BenchmarkRun:
    """One load and what was measured under it; means are over requests that were answered.

    Attributes
    ----------
    label : file and load, for messages
    n_requests : that were answered
    is_closed : a fixed number of clients, each sending its next request after an answer
    requests_per_s : answered
    requests : each by itself, where the file tells
    """

    label: str
    model: str
    n_requests: int
    is_closed: bool
    requests_per_s: float
    prompt_tokens: float
    output_tokens: float
    ttft_s: float
    tpot_s: float
    requests: Requests | None

    @property
    def decoding(self) -> float:
        """Sequences that decode, on average: Little's law."""
        return self.requests_per_s * (self.output_tokens - 1.0) * self.tpot_s


def read_benchmark(path: Path) -> list[BenchmarkRun]:
    """Loads in a result file of `vllm bench serve` or GuideLLM.

    Raises
    ------
    ProfileError
        If the file is too large, no such JSON, lacks a field, or holds times that cannot be.
    """
    content = _parsed(path)
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
    raise PoolProfileError(
        f"{path.name}: neither a result of `vllm bench serve --save-result` (a JSON object with `mean_ttft_ms`) "
        "nor of GuideLLM (one with a list `benchmarks`)"
    )


def _parsed(path: Path) -> object:
    try:
        with path.open("rb") as stream:
            content = stream.read(_MAX_BYTES + 1)
        if len(content) > _MAX_BYTES:
            raise PoolProfileError(
                f"{path.name}: more than {_MAX_BYTES >> 20} MiB; benchmark with fewer requests"
            )
        return json.loads(content)
    except (OSError, UnicodeDecodeError, RecursionError, ValueError) as error:
        if isinstance(error, PoolProfileError):
            raise
        if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data":
            raise PoolProfileError(
                f"{path.name}: more than one JSON document, as `--append-result` writes; one result per file is read"
            ) from error
        raise PoolProfileError(f"{path.name}: cannot be read as JSON: {error}") from error


# ------------------------------------------------------------------------------------------------------- vLLM


def _vllm_run(content: Json, label: str) -> BenchmarkRun:
    n_requests = _number(content, "completed", label, least=1.0)
    # vLLM writes `inf` as text; then `max_concurrency` clients ask again as soon as they are answered
    is_closed = str(content.get("request_rate", "inf")) in ("inf", "Infinity")
    return BenchmarkRun(
        label=label,
        model=_text(content.get("model_id")),
        n_requests=int(n_requests),
        is_closed=is_closed,
        requests_per_s=_number(content, "request_throughput", label, least=1e-9),
        prompt_tokens=_number(content, "total_input_tokens", label, least=1.0) / n_requests,
        output_tokens=_number(content, "total_output_tokens", label, least=1.0) / n_requests,
        ttft_s=_time(content, "mean_ttft_ms", label) / 1e3,
        tpot_s=_time(content, "mean_tpot_ms", label) / 1e3,
        requests=_vllm_requests(content, label),
    )


def _vllm_requests(content: Json, label: str) -> Requests | None:
    names = ("start_times", "ttfts", "itls", "input_lens", "output_lens")
    if any(name not in content for name in names):
        return None
    columns = [_list(content, name, label) for name in names]
    lengths = {name: len(column) for name, column in zip(names, columns, strict=True)}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"`{name}` {n}" for name, n in lengths.items())
        raise PoolProfileError(f"{label}: the lists must have an entry per request; they have {told}")
    n_tokens = sum(len(gaps) for gaps in columns[2] if isinstance(gaps, list))
    if n_tokens > _MAX_TOKENS:
        raise PoolProfileError(f"{label}: times of {n_tokens:,} tokens; at most {_MAX_TOKENS:,} are read")
    start_s, ttft_s, prompt, output = (_floats(columns[place], names[place], label) for place in (0, 1, 3, 4))
    gaps_s = [_floats(gaps, f"itls[{place}]", label, is_time=True) for place, gaps in enumerate(columns[2])]
    _check_times(ttft_s, "ttfts", label)
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
    return Requests(
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
    rows = _inner(load, "requests", label).get("successful")
    if not isinstance(rows, list) or not rows:
        raise PoolProfileError(
            f"{label}: `requests.successful` has no requests; do not switch their recording off"
        )
    names = ("request_start_time", "time_to_first_token_ms", "prompt_tokens", "output_tokens")
    columns = np.zeros((len(rows), len(names) + 1))
    for place, row in enumerate(rows):
        where = f"{label} requests.successful[{place}]"
        if not isinstance(row, dict):
            raise PoolProfileError(f"{where}: not an object")
        columns[place, :-1] = [_number(row, name, where) for name in names]
        if columns[place, 3] > 1.0:
            columns[place, -1] = _time(row, "inter_token_latency_ms", where) / 1e3
    start_s, ttft_ms, prompt, output, tpot_s = columns.T
    ttft_s = ttft_ms / 1e3
    _check_times(ttft_s, "time_to_first_token_ms", label)
    end_s = start_s + ttft_s + (output - 1.0) * tpot_s
    span_s = float(end_s.max() - start_s.min())
    several = output > 1.0
    if span_s <= 0.0 or not several.any():
        raise PoolProfileError(
            f"{label}: no answer has a second token; time per token needs outputs of 2 or more"
        )
    config = load.get("config")
    strategy = (config if isinstance(config, dict) else load).get("strategy")
    kind = _text(strategy.get("type_")) if isinstance(strategy, dict) else ""
    return BenchmarkRun(
        label=label,
        model=model,
        n_requests=len(rows),
        is_closed=kind in ("synchronous", "concurrent", "throughput"),
        requests_per_s=len(rows) / span_s,
        prompt_tokens=float(prompt.mean()),
        output_tokens=float(output.mean()),
        ttft_s=float(ttft_s.mean()),
        tpot_s=float(tpot_s[several].mean()),
        requests=Requests(start_s, ttft_s, tpot_s, prompt, output, None),
    )


def _model_of(content: Json) -> str:
    args = content.get("args")
    return _text(args.get("model")) if isinstance(args, dict) else ""


# ----------------------------------------------------------------------------------------------------- fields


def _text(value: object) -> str:
    """A name for the comment lines of a profile: one short line."""
    return " ".join(value.split())[:120] if isinstance(value, str) else ""


def _inner(content: Json, name: str, label: str) -> Json:
    value = content.get(name)
    if not isinstance(value, dict):
        raise PoolProfileError(f"{label}: no object `{name}`")
    return value


def _list(content: Json, name: str, label: str) -> Sequence[Any]:
    value = content[name]
    if not isinstance(value, list):
        raise PoolProfileError(f"{label}: `{name}` is no list with an entry per request")
    return value


def _number(content: Json, name: str, label: str, least: float = 0.0) -> float:
    value = content.get(name)
    if value is None:
        raise PoolProfileError(f"{label}: no field `{name}`")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise PoolProfileError(f"{label}: `{name}` is not a number: {str(value)[:40]!r}")
    if value < least:
        raise PoolProfileError(f"{label}: `{name}` is {value:g}; it must be {least:g} or more")
    return float(value)


def _time(content: Json, name: str, label: str) -> float:
    value = _number(content, name, label)
    if not 0.0 < value <= _MOST_S * 1e3:
        raise PoolProfileError(
            f"{label}: `{name}` is {value:g}; a time in ms above 0 and below a day is needed"
        )
    return value


def _floats(values: Any, name: str, label: str, *, is_time: bool = False) -> Floats:
    wrong = f"{label}: `{name}` is no list of numbers"
    if not isinstance(values, list) or any(
        isinstance(value, bool) or not isinstance(value, int | float) for value in values
    ):
        raise PoolProfileError(wrong)
    try:
        found = np.array(values, dtype=np.float64)
    except (OverflowError, ValueError):
        raise PoolProfileError(wrong) from None
    if not np.isfinite(found).all():
        raise PoolProfileError(f"{label}: `{name}` holds a number that is not finite")
    if is_time:
        _check_times(found, name, label)
    return found


def _check_times(times_s: Floats, name: str, label: str) -> None:
    wrong = (times_s < 0.0) | (times_s > _MOST_S)
    if wrong.any():
        place = int(np.argmax(wrong))
        raise PoolProfileError(
            f"{label}: `{name}` entry {place} is {times_s[place]:g} s; times run from 0 to a day"
        )
