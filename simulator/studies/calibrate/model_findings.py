"""What a log says of each model, in the scenario's keys: its part of the traffic, times, failures, cached input, cost."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.economics.price_book import price_book
from simulator.formats.logs.rows import LogRows
from simulator.mechanisms.providers.prices import TokenPrices, UnknownPriceError
from simulator.scenario.model import ListedModel, Scenario
from simulator.scenario.write.edit import Edit
from simulator.studies.calibrate.estimators.forms import LEAST, fit, moments, quantile
from simulator.studies.calibrate.estimators.shares import cached_share, ratio, share
from simulator.studies.calibrate.finding import LogFinding, Number, dotted, form_of, parameters

FloatArray = NDArray[np.float64]

_WHOLE = 0.98  # of latency: a first token that late came with all others
_LEAST_OUTPUT = 4  # tokens whose pace can be told
_MOSTLY = 0.7  # share of answers
_OFF = 0.02  # of the price table
_LEAST_TIME = 5  # requests


def model_findings(frame: pd.DataFrame, known: Mapping[str, str], scenario: Scenario) -> Iterator[LogFinding]:
    """What the log says of each model of the scenario, and which models are none."""
    names = frame["model"].map(lambda name: known.get(name) if isinstance(name, str) else None)
    only = [model.model_name for model in scenario.model_list]
    if frame["model"].isna().all() and len(only) == 1:
        names = pd.Series(only[0], index=frame.index)
    prices = _prices(scenario)
    total = int(names.notna().sum())
    for model in scenario.model_list:
        rows = frame[names == model.model_name]
        if rows.empty:
            if total:
                yield LogFinding(
                    kept=[(dotted("model_list", model.model_name), "no request of the log asked it")]
                )
            continue
        if len(scenario.model_list) > 1:
            yield LogFinding(
                [Number(f"requests that ask {model.model_name}", share(len(rows), total), "share", total)]
            )
        yield from _times(rows, model)
        yield from _fates(rows, model)
        yield from _cached(rows, model)
        yield from _cost(rows, model, prices)
    others = frame.loc[names.isna() & frame["model"].notna(), "model"].value_counts()
    if len(others):
        told = ", ".join(f"{name} ({n:,})" for name, n in others.head(4).items())
        yield LogFinding(
            notes=[
                f"models of the log that are none of `model_list`: {told}; add them, or their times stay unknown"
            ]
        )
    elif frame["model"].isna().all() and len(only) > 1:
        yield LogFinding(kept=[("model_list", "the log does not say which model answered")])


def _times(rows: pd.DataFrame, model: ListedModel) -> Iterator[LogFinding]:
    if model.pool is not None:
        yield LogFinding(
            notes=[
                f"{model.model_name} has a `pool`, whose times are simulated: the log's stand for comparison"
            ]
        )
    log = LogRows(rows)
    answered = log.where(log.is_answered & (np.nan_to_num(log.cache_hits) == 0.0))
    latency, ttft, output = answered.latency_s, answered.ttft_s, answered.output_tokens
    streamed = streamed_rows(latency, ttft)
    with np.errstate(invalid="ignore"):
        paced = streamed & (output >= _LEAST_OUTPUT) & (latency > ttft)
    pace = (latency[paced] - ttft[paced]) / (output[paced] - 1.0)
    if np.isfinite(latency).sum() >= _LEAST_TIME:
        known = latency[np.isfinite(latency)]
        yield LogFinding(
            [
                Number(f"latency of {model.model_name}, {label}", quantile(known, level), "time", known.size)
                for label, level in (("p50", 0.5), ("p95", 0.95))
            ]
        )
    for key, values in (("ttft", ttft[streamed]), ("tpot", pace)):
        path = ("model_list", model.model_name, key)
        found = fit(values, "time", form_of(getattr(model, key)))
        if found is None:
            yield LogFinding(kept=[(dotted(*path), _why_no_times(latency, streamed, values.size))])
        elif model.pool is not None:
            yield LogFinding(parameters(found, path, "time", "of the pool as it ran"))
        else:
            yield LogFinding(parameters(found, path, "time"), [Edit(path, dict(found.value))])


def streamed_rows(latency: FloatArray, ttft: FloatArray) -> NDArray[np.bool_]:
    """Rows whose first token came before the others.

    Where most do, all but equal times count: without the answers that end soon after their first token, times would look
    slower. Where most do not, a first token near the end is the whole answer.
    """
    with np.errstate(invalid="ignore"):
        before, well_before = ttft < latency, ttft < _WHOLE * latency
    known = np.isfinite(ttft) & np.isfinite(latency)
    is_streaming = bool(known.any()) and float(well_before[known].mean()) > _MOSTLY
    return known & (before if is_streaming else well_before) | np.isfinite(ttft) & ~np.isfinite(latency)


def _why_no_times(latency: FloatArray, streamed: NDArray[np.bool_], n: int) -> str:
    if not np.isfinite(latency).any():
        return "the log has no latencies"
    if not streamed.any():
        return "the log has no times of first tokens (answers were not streamed)"
    return f"{n} streamed answers, and it takes {LEAST}"


def _fates(rows: pd.DataFrame, model: ListedModel) -> Iterator[LogFinding]:
    path = ("model_list", model.model_name, "error_rate")
    known = LogRows(rows).fates
    if known.empty:
        yield LogFinding(kept=[(dotted(*path), "the log does not say what failed")])
        return
    n, counts = len(known), known.value_counts()
    let_in = (
        n
        - int(counts.get("rate_limited", 0))
        - int(counts.get("cancelled", 0))
        - int(counts.get("timeout", 0))
    )
    errors = int(counts.get("error", 0))
    numbers = [
        Number(f"{words} of {model.model_name}", share(int(counts[fate]), n), "share", n)
        for fate, words in (
            ("rate_limited", "429s"),
            ("timeout", "timeouts"),
            ("cancelled", "cancelled requests"),
        )
        if fate in counts
    ]
    if "rate_limited" in counts:
        numbers[0] = Number(
            numbers[0].name, numbers[0].estimate, "share", n, "they follow from limits and demand"
        )
    if errors or len(counts) > 1:
        numbers.append(Number(dotted(*path), share(errors, max(1, let_in)), "share", let_in))
        yield LogFinding(numbers, [Edit(path, f"{100.0 * errors / max(1, let_in):.4g}%")])
    else:
        yield LogFinding(
            numbers,
            kept=[
                (
                    dotted(*path),
                    f"none of {n:,} failed (at most {share(0, n).high:.2%}); a log may hold successes only",
                )
            ],
        )


def _cached(rows: pd.DataFrame, model: ListedModel) -> Iterator[LogFinding]:
    path = ("model_list", model.model_name, "prices")
    found = cached_share(rows)
    if found is None or model.pool is not None:
        return
    estimate, n = found
    value = f"{100.0 * estimate.value:.4g}%"
    edit = (
        Edit((*path, "cached_share"), value)
        if model.prices is not None
        else Edit(path, {"cached_share": value})
    )
    yield LogFinding([Number(dotted(*path, "cached_share"), estimate, "share", n)], [edit])


def _prices(scenario: Scenario) -> Mapping[str, TokenPrices]:
    try:
        return price_book(scenario).models
    except UnknownPriceError:
        return {}


def _cost(rows: pd.DataFrame, model: ListedModel, prices: Mapping[str, TokenPrices]) -> Iterator[LogFinding]:
    """Cost per request as it was logged, against the price table."""
    log = LogRows(rows)
    has_cost = np.nan_to_num(log.cost_usd) > 0.0
    priced = log.where(has_cost & ~np.isnan(log.input_tokens) & ~np.isnan(log.output_tokens))
    if len(priced) < _LEAST_TIME or model.model_name not in prices:
        return
    table = prices[model.model_name]
    cached = np.nan_to_num(priced.cached_tokens)
    cached_usd = table.cached_input_usd_per_mtok or table.input_usd_per_mtok
    thought = (
        (priced.input_tokens - cached) * table.input_usd_per_mtok
        + cached * cached_usd
        + priced.output_tokens * table.output_usd_per_mtok
    ) / 1e6
    logged = priced.cost_usd
    mean, _ = moments(logged)
    numbers = [Number(f"cost of a request of {model.model_name}", mean, "money", len(priced))]
    found = ratio(logged, thought)
    notes = []
    if found is not None:
        numbers.append(
            Number(
                f"cost of {model.model_name} over the price table",
                found,
                "number",
                len(priced),
                f"prices of {table.source}",
            )
        )
        if abs(found.value - 1.0) > _OFF:
            notes.append(
                f"{model.model_name}: requests cost {found.value:.3g} times what the prices of the scenario say "
                f"({table.source}): a discount, another price, or tokens that are billed apart"
            )
    yield LogFinding(numbers, notes=notes)
