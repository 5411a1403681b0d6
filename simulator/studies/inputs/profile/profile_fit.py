"""A profile from benchmark results: step times are fitted, and written to the file that a pool names."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from simulator.mechanisms.replicas.fitting.benchmark_file import read_benchmark
from simulator.mechanisms.replicas.fitting.benchmark_run import BenchmarkRun
from simulator.mechanisms.replicas.fitting.fit import ProfileFit, fit_step_times
from simulator.mechanisms.replicas.profile import PoolProfileError
from simulator.mechanisms.replicas.profile_text import fitted_text
from simulator.results.store.whole_file import write_whole
from simulator.studies.inputs.profile.report import BenchmarkLoad, ProfileReport, SeenSpans
from simulator.studies.inputs.profile.view import span_text

_MAX_FILES = 64
_LARGE_ERROR = 0.10  # mean relative error from which on a reader is warned


@dataclass(frozen=True)
class SetUp:
    """What the caller says of the set-up; None: not known."""

    model: str | None
    gpu: str | None
    tensor_parallel: int
    kv_tokens: int | None
    max_model_len: int | None
    gpu_power_w: float | None


def fit_profile(paths: Sequence[Path], known: SetUp, out: Path) -> ProfileReport:
    """Fit results, and write the profile.

    Parameters
    ----------
    paths : of results of one set-up
    out : file that the profile is written to

    Raises
    ------
    PoolProfileError
        If a file is no benchmark result, or the results do not determine step times.
    """
    if len(paths) > _MAX_FILES:
        raise PoolProfileError(f"{len(paths)} files; at most {_MAX_FILES} are read")
    runs = [run for path in paths for run in read_benchmark(path)]
    set_up = {**asdict(known), "model": known.model or _model(runs)}
    fit = fit_step_times(runs)
    source = _source(paths, fit)
    lines = {key: " ".join(str(value).split()) for key, value in set_up.items() if value is not None}
    write_whole(out, fitted_text(fit, lines, source))
    return ProfileReport(
        **set_up,
        loads=tuple(_load(run) for run in runs),
        coefficients=fit.times._asdict(),
        not_identified=tuple(fit.unknown),
        requests=fit.n_requests,
        points=fit.n_points,
        fit_error_mean=fit.error_mean,
        fit_error_worst=fit.error_worst,
        seen=SeenSpans(batch=fit.batch, prefill_tokens=fit.prefill_tokens, context_tokens=fit.context_tokens),
        warnings=(*(run.note for run in runs if run.note), *_warnings(fit)),
        source=source,
        file=str(out),
    )


def _model(runs: Sequence[BenchmarkRun]) -> str | None:
    """The model that the results name; None: they name none."""
    models = list(dict.fromkeys(run.model for run in runs if run.model))
    if len(models) > 1:
        raise PoolProfileError(
            f"the results are of {len(models)} models, {', '.join(models)}; give those of one, or say --model"
        )
    return models[0] if models else None


def _source(paths: Sequence[Path], fit: ProfileFit) -> str:
    names = ", ".join(" ".join(path.name.split()) for path in paths[:3])
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    without = f" without the cost of {' and of '.join(fit.unknown)}" if fit.unknown else ""
    return f"fitted to {names}{more} ({fit.n_requests} requests){without}, {datetime.now(UTC).date().isoformat()}"


def _load(run: BenchmarkRun) -> BenchmarkLoad:
    return BenchmarkLoad(
        label=run.label,
        requests=run.n_requests,
        requests_per_s=run.requests_per_s,
        mean_batch=run.decoding,
        ttft_s=run.ttft_s,
        tpot_s=run.tpot_s,
        by=_detail(run),
    )


def _detail(run: BenchmarkRun) -> Literal["load", "request", "token"]:
    """What the file tells times of."""
    if run.requests is None:
        return "load"
    return "request" if run.requests.gaps_s is None else "token"


def _warnings(fit: ProfileFit) -> list[str]:
    found = []
    if fit.unknown:
        found.append(
            f"these results do not tell the cost of {' and of '.join(fit.unknown)} from the others: it is 0 here and "
            f"counted with them, which holds near a batch of {span_text(fit.batch)} and "
            f"{span_text(fit.context_tokens)} tokens of context only; add results at other "
            "concurrencies and lengths"
        )
    if fit.error_mean > _LARGE_ERROR:
        found.append(
            f"the fit is off by {fit.error_mean:.0%} on average: one load with a queue, speculative decoding or "
            "results of several set-ups are common reasons"
        )
    return found
