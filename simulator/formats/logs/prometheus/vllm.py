"""The requests that metrics of vLLM tell of: as many rows as were counted, their values spread as the histograms have them.

Metrics know no single request: rows have the right counts and quantiles, and nothing of how a request's values belong
together. Names of vLLM's V1 and V0 engines are read (docs.vllm.ai, *Metrics*).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.formats.logs.dialect import Dialect
from simulator.formats.logs.errors import LogError
from simulator.formats.logs.opened import LogFile
from simulator.formats.logs.prometheus.scrape import ScrapedSeries, holds_series, series_of

FloatArray = NDArray[np.float64]

_PREFIX = "vllm:"
_SUCCESS = "vllm:request_success_total"
_HITS = ("vllm:prefix_cache_hits", "vllm:gpu_prefix_cache_hits")
_QUERIES = ("vllm:prefix_cache_queries", "vllm:gpu_prefix_cache_queries")
_PER_TOKEN = (  # the best first: of requests, then of single tokens
    "vllm:request_time_per_output_token_seconds",
    "vllm:time_per_output_token_seconds",
    "vllm:inter_token_latency_seconds",
)
_FATES = {"stop": "success", "length": "success", "tool_calls": "success", "abort": "cancelled"}
_MOST = 5_000_000
_SEED = 7  # of the order in which values of different histograms meet

VLLM = Dialect(
    "vLLM metrics",
    (("vllm: is recognised by its series",),),
    {},
    is_spread=True,
    notes=(
        "lengths and times are spread within the bins of histograms; how those of a request belong together is not known",
    ),
)


@dataclass(frozen=True)
class _Histogram:
    """Cumulative counts up to each bound, the last one infinite."""

    bounds: FloatArray
    counts: FloatArray

    @property
    def n(self) -> float:
        return float(self.counts[-1]) if self.counts.size else 0.0

    def spread(self, n: int, draws: np.random.Generator) -> FloatArray:
        """As many values, evenly over the quantiles, in any order."""
        if self.n <= 0.0:
            return np.full(n, np.nan)
        ranks = (np.arange(n) + 0.5) / n * self.n
        place = np.searchsorted(self.counts, ranks)
        low = np.concatenate([[0.0], self.bounds[:-1]])[place]
        high = np.where(np.isfinite(self.bounds), self.bounds, low.max(initial=0.0))[place]
        before = np.concatenate([[0.0], self.counts[:-1]])[place]
        share = (ranks - before) / np.maximum(self.counts[place] - before, 1e-12)
        values = low + share * np.maximum(high - low, 0.0)
        return draws.permutation(values)


def is_vllm(file: LogFile) -> bool:
    """Whether a file holds metrics of vLLM."""
    return holds_series(file, _PREFIX)


def vllm_rows(file: LogFile) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Rows as of a log, and what a reader must know.

    Raises
    ------
    LogError
        If no request was counted, or too many.
    """
    series = series_of(file, _PREFIX)
    models = sorted({one.labels.get("model_name", "") for one in series if one.name == _SUCCESS})
    frames, notes = [], []
    for model in models:
        own = [one for one in series if one.labels.get("model_name", "") == model]
        frame, more = _rows(file.name, model, own)
        frames.append(frame)
        notes += more
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        raise LogError(
            f"{file.name} (vLLM metrics): no request was counted; `{_SUCCESS}` must grow over the range (of a counter "
            "that is there once, nothing is known but its sum: ask for the whole range in one query)"
        )
    rows = pd.concat(frames, ignore_index=True).sort_values("time", kind="stable", ignore_index=True)
    return rows, tuple(dict.fromkeys(notes))


def _rows(name: str, model: str, series: Sequence[ScrapedSeries]) -> tuple[pd.DataFrame, list[str]]:
    times, fates = _counted(name, [one for one in series if one.name == _SUCCESS])
    n, draws = times.size, np.random.default_rng(_SEED)
    per_token = next((one for one in _PER_TOKEN if _histogram(series, one).n > 0.0), _PER_TOKEN[0])
    values = {
        column: _histogram(series, metric).spread(n, draws)
        for column, metric in (
            ("input", "vllm:request_prompt_tokens"),
            ("output", "vllm:request_generation_tokens"),
            ("ttft", "vllm:time_to_first_token_seconds"),
            ("tpot", per_token),
        )
    }
    tokens = {column: np.maximum(1.0, np.round(values[column])) for column in ("input", "output")}
    asked, hits = _total(series, _QUERIES), _total(series, _HITS)
    frame = pd.DataFrame(
        {
            "time": times,
            "latency": values["ttft"] + values["tpot"] * np.maximum(tokens["output"] - 1.0, 0.0),
            "ttft": values["ttft"],
            **tokens,
            "cached": tokens["input"] * (hits / asked) if asked > 0.0 else np.nan,
            "model": pd.Categorical([model or None] * n),
            "status": pd.Categorical(fates),
        }
    )
    notes = []
    if n and per_token != _PER_TOKEN[0]:
        notes.append(
            f"time per token is that of single tokens (`{per_token}`): it varies more than that of requests"
        )
    if n and np.isnan(times).all():
        notes.append(
            "one scrape has no times, and counts since the server was started: a range of Prometheus (`query_range`) has"
        )
    return frame, notes


def _counted(name: str, series: Sequence[ScrapedSeries]) -> tuple[FloatArray, list[str]]:
    """Time and fate of every request that was counted; within a step of the range times are spread evenly."""
    times, fates = [], []
    total = sum(float(one.increases().sum()) for one in series)
    if total > _MOST:
        raise LogError(
            f"{name} (vLLM metrics): {total:,.0f} requests, more than {_MOST:,}; ask for a shorter range"
        )
    for one in series:
        fate = _FATES.get(one.labels.get("finished_reason", "stop"), "error")
        growth = one.increases()
        whole = np.diff(np.concatenate([[0.0], np.round(np.cumsum(growth))])).astype(np.int64)
        if np.isnan(one.times_s[0]):
            times.append(np.full(int(whole.sum()), np.nan))
        else:
            times += list(_spread_times(one.times_s, whole))
        fates += [fate] * int(whole.sum())
    return (np.concatenate(times) if times else np.zeros(0)), fates


def _spread_times(times_s: FloatArray, counts: NDArray[np.int64]) -> Iterator[FloatArray]:
    for begin, end, n in zip(times_s[:-1], times_s[1:], counts, strict=True):
        yield begin + (end - begin) * (np.arange(n) + 0.5) / max(n, 1)


def _histogram(series: Sequence[ScrapedSeries], name: str) -> _Histogram:
    """A histogram over all instances."""
    found: dict[float, float] = {}
    for one in series:
        if one.name == f"{name}_bucket" and "le" in one.labels:
            bound = float(one.labels["le"].replace("+Inf", "inf"))
            found[bound] = found.get(bound, 0.0) + float(one.increases().sum())
    bounds = np.array(sorted(found))
    counts = np.array([found[bound] for bound in bounds])
    return _Histogram(bounds, np.maximum.accumulate(counts) if counts.size else counts)


def _total(series: Sequence[ScrapedSeries], names: Sequence[str]) -> float:
    known = {suffix for name in names for suffix in (name, f"{name}_total")}
    return sum(float(one.increases().sum()) for one in series if one.name in known)
