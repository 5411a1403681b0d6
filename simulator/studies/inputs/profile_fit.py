"""A profile from benchmark results: the document of `rollout profile`, its table, and the file that a pool names."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Group, RenderableType

from simulator.mechanisms.replicas.benchmark_file import BenchmarkRun, read_benchmark
from simulator.mechanisms.replicas.fit import ProfileFit, fit_step_times
from simulator.mechanisms.replicas.profile import PoolProfileError
from simulator.mechanisms.replicas.profile_text import fitted_text
from simulator.render.numbers import quantity
from simulator.render.terminal_tables import Document, notes, spaced, table, words
from simulator.studies.run.document import JsonObject

_MAX_FILES = 64
_LARGE_ERROR = 0.10  # mean relative error from which on a reader is warned


class SetUp(NamedTuple):
    """What the caller says of the set-up; None: not known."""

    model: str | None
    gpu: str | None
    tensor_parallel: int
    kv_tokens: int | None
    max_model_len: int | None
    gpu_power_w: float | None


def profile_document(paths: Sequence[Path], known: SetUp) -> tuple[JsonObject, str]:
    """Fit results; returns the document, and the text of the profile.

    Raises
    ------
    ProfileError
        If a file is no benchmark result, or the results do not determine step times.
    """
    if len(paths) > _MAX_FILES:
        raise PoolProfileError(f"{len(paths)} files; at most {_MAX_FILES} are read")
    runs = [run for path in paths for run in read_benchmark(path)]
    models = list(dict.fromkeys(run.model for run in runs if run.model))
    if known.model is None and len(models) > 1:
        raise PoolProfileError(
            f"the results are of {len(models)} models, {', '.join(models)}; give those of one, or say --model"
        )
    fit = fit_step_times(runs)
    names = ", ".join(" ".join(path.name.split()) for path in paths[:3])
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    without = f" without the cost of {' and of '.join(fit.unknown)}" if fit.unknown else ""
    source = f"fitted to {names}{more} ({fit.n_requests} requests){without}, {datetime.now(UTC).date().isoformat()}"
    told = {
        "model": known.model or (models[0] if models else None),
        "gpu": known.gpu,
        "tensor_parallel": known.tensor_parallel,
        "kv_tokens": known.kv_tokens,
        "max_model_len": known.max_model_len,
        "gpu_power_w": known.gpu_power_w,
    }
    lines = {key: " ".join(str(value).split()) for key, value in told.items() if value is not None}
    document = {
        "schema": 1,
        **told,
        "loads": [
            {
                "label": run.label,
                "requests": run.n_requests,
                "requests_per_s": run.requests_per_s,
                "mean_batch": run.decoding,
                "ttft_s": run.ttft_s,
                "tpot_s": run.tpot_s,
                "by": _detail(run),
            }
            for run in runs
        ],
        "coefficients": fit.times._asdict(),
        "not_identified": list(fit.unknown),
        "requests": fit.n_requests,
        "points": fit.n_points,
        "fit_error_mean": fit.error_mean,
        "fit_error_worst": fit.error_worst,
        "seen": {"batch": fit.batch, "prefill_tokens": fit.prefill_tokens, "context_tokens": fit.context_tokens},
        "warnings": _warnings(fit),
        "source": source,
    }  # fmt: skip
    return document, fitted_text(fit, lines, source)


def write_profile(path: Path, text: str) -> None:
    """Write the file whole or not at all."""
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    try:
        temporary.write_text(text, encoding="utf-8")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _detail(run: BenchmarkRun) -> str:
    """What the file tells times of."""
    if run.requests is None:
        return "load"
    return "request" if run.requests.gaps_s is None else "token"


def _span(ends: tuple[float, float]) -> str:
    low, high = (f"{round(end, 1):g}" for end in ends)
    return low if low == high else f"{low} to {high}"


def _warnings(fit: ProfileFit) -> list[str]:
    found = []
    if fit.unknown:
        found.append(
            f"these results do not tell the cost of {' and of '.join(fit.unknown)} from the others: it is 0 here and "
            f"counted with them, which holds near a batch of {_span(fit.batch)} and "
            f"{_span(fit.context_tokens)} tokens of context only; add results at other "
            "concurrencies and lengths"
        )
    if fit.error_mean > _LARGE_ERROR:
        found.append(
            f"the fit is off by {fit.error_mean:.0%} on average: one load with a queue, speculative decoding or "
            "results of several set-ups are common reasons"
        )
    return found


def profile_report(document: Document, _width: int) -> Group:
    """Tables of the loads and of the coefficients, and how good the fit is."""
    loads = table(
        "load", "requests", "rate", "batch", "first token", "per token", "known by", right=range(1, 6)
    )
    for load in document["loads"]:
        loads.add_row(
            words(load["label"]),
            quantity(load["requests"], "count"),
            quantity(load["requests_per_s"], "rate"),
            quantity(load["mean_batch"], "number"),
            quantity(load["ttft_s"], "time"),
            quantity(load["tpot_s"], "time"),
            load["by"],
        )
    times = table("time of an iteration", "", right=(1,))
    labels = ("each", "per prompt token", "per sequence that decodes", "per token that it reads")
    for label, (_, value) in zip(labels, document["coefficients"].items(), strict=True):
        times.add_row(label, quantity(value, "time") if value else "0")
    mean, worst = (quantity(document[f"fit_error_{kind}"], "share") for kind in ("mean", "worst"))
    seen = document["seen"]
    parts: list[RenderableType] = [
        loads,
        times,
        words(
            f"off by {mean} on average, {worst} at worst ({document['requests']} requests, {document['points']} points)\n"
            f"seen: batch {_span(seen['batch'])}, up to {seen['prefill_tokens'][1]:.0f} prompt tokens in an iteration, "
            f"context {_span(seen['context_tokens'])}"
        ),
    ]
    if document["warnings"]:
        parts.append(notes(document["warnings"]))
    parts.append(words(f"written to {document['file']}", "dim"))
    return spaced(parts)
