"""From the happy path to the full cost: what each imperfection adds, per action; the parts add up exactly.

Every cent of the ledger lies in one part. Used answers of models and services are the happy path. What was spent on
answers that nobody used is split by the number of tries that timed out and that were overtaken at the same station;
hours of people by the cases they took over and reviewed. What is left to divide by when actions fail comes
last: the same money over fewer, successful actions.
"""

from enum import StrEnum

import numpy as np

from simulator.economics.categories import Category, Floats, Line
from simulator.economics.forecast import Forecast
from simulator.economics.span import Span
from simulator.metrics.columns import CountColumn, UsageColumn


class WaterfallPart(StrEnum):
    """Parts of the full cost, in the order of the waterfall."""

    MODELS = "models"  # tokens, GPU-hours and held units whose answers were used
    SERVICES = "services"
    TIMED_OUT = "tries that timed out"  # and were tried again, or given up
    HEDGES = "hedges"  # overtaken by another try
    REJECTED = "answers not good enough"  # for a cascade, which asked on
    TAKE_OVER = "people taking over"
    REVIEW = "review of samples"
    REWORK = "rework"
    WRONG_ANSWERS = "wrong answers"
    IDLE = "idle capacity"
    EGRESS = "egress"
    LOGS = "logs"
    MIRRORED = "copies to new versions"
    COMMITMENTS = "unused commitments"
    PLATFORM = "platform"


_OF_CATEGORY = {
    Category.INPUT_TOKENS: WaterfallPart.MODELS,
    Category.CACHED_INPUT_TOKENS: WaterfallPart.MODELS,
    Category.OUTPUT_TOKENS: WaterfallPart.MODELS,
    Category.PROVISIONED_HOURS: WaterfallPart.MODELS,
    Category.GPU_HOURS: WaterfallPart.MODELS,
    Category.SPOT_GPU_HOURS: WaterfallPart.MODELS,
    Category.SERVICE_CALLS: WaterfallPart.SERVICES,
    Category.SERVICE_HOURS: WaterfallPart.SERVICES,
    Category.PROVISIONED_IDLE_HOURS: WaterfallPart.IDLE,
    Category.GPU_IDLE_HOURS: WaterfallPart.IDLE,
    Category.SPOT_GPU_IDLE_HOURS: WaterfallPart.IDLE,
    Category.SERVICE_IDLE_HOURS: WaterfallPart.IDLE,
    Category.HUMAN_IDLE_HOURS: WaterfallPart.IDLE,
    Category.EGRESS: WaterfallPart.EGRESS,
    Category.LOG_INGESTION: WaterfallPart.LOGS,
    Category.LOG_STORAGE: WaterfallPart.LOGS,
    Category.MIRRORED_TOKENS: WaterfallPart.MIRRORED,
    Category.MIRRORED_CALLS: WaterfallPart.MIRRORED,
    Category.REWORK: WaterfallPart.REWORK,
    Category.WRONG_ANSWERS: WaterfallPart.WRONG_ANSWERS,
    Category.UNUSED_COMMITMENT: WaterfallPart.COMMITMENTS,
    Category.PLATFORM: WaterfallPart.PLATFORM,
}


def waterfall(forecast: Forecast) -> dict[WaterfallPart, Floats]:
    """Cost of every part that costs something, float64[seed] in US dollars; adds up to the forecast's cost."""
    total = {part: np.zeros(forecast.n_seeds) for part in WaterfallPart}
    for span in forecast.spans:
        for part, amount_usd in _of_span(span).items():
            total[part] += amount_usd
    return {part: amount_usd for part, amount_usd in total.items() if amount_usd.any()}


def _of_span(span: Span) -> dict[WaterfallPart, Floats]:
    found = {part: np.zeros(len(span.accounts.seeds)) for part in WaterfallPart}
    reviewed = _reviewed_share(span)
    for place, line in enumerate(span.lines):
        cost, wasted = span.accounts.cost_usd[:, :, place], span.accounts.wasted_usd[:, :, place]
        for part, share in _why_unused(span, line).items():
            found[part] += (wasted * share).sum(axis=1)
        used = cost - wasted
        if line.category is Category.HUMAN_HOURS:
            found[WaterfallPart.REVIEW] += (used * reviewed).sum(axis=1)
            found[WaterfallPart.TAKE_OVER] += (used * (1.0 - reviewed)).sum(axis=1)
        else:
            found[_OF_CATEGORY[line.category]] += used.sum(axis=1)
    return found


def _why_unused(span: Span, line: Line) -> dict[WaterfallPart, Floats]:
    """Shares of a line's unused part, float64[seed, stream] each, that add up to 1."""
    if line.station is None:
        return {}
    if _OF_CATEGORY.get(line.category) is WaterfallPart.MIRRORED:
        return {WaterfallPart.MIRRORED: np.ones(span.accounts.cost_usd.shape[:2])}
    used = span.usage[:, :, span.stations.index(line.station)]
    timed_out, overtaken = used[:, :, UsageColumn.TIMED_OUT], used[:, :, UsageColumn.CANCELLED]
    ended = timed_out + overtaken
    late, cut = (
        np.divide(tries, ended, out=np.zeros_like(ended), where=ended > 0.0)
        for tries in (timed_out, overtaken)
    )
    return {
        WaterfallPart.TIMED_OUT: late,
        WaterfallPart.HEDGES: cut,
        WaterfallPart.REJECTED: (ended == 0.0).astype(np.float64),
    }


def _reviewed_share(span: Span) -> Floats:
    """Share of the cases of people that were reviews of a sample, float64[seed, stream]."""
    reviewed = span.counts[:, :, CountColumn.REVIEWED]
    cases = reviewed + span.counts[:, :, CountColumn.HANDED_OFF]
    share: Floats = np.divide(reviewed, cases, out=np.zeros_like(reviewed), where=cases > 0.0)
    return share
