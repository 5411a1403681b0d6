"""From the happy path to the full cost: what each imperfection adds, per action; the parts add up exactly.

Every cent of the ledger lies in one part. Used answers of models and services are the happy path. Hours of people
are split between taking over and reviewing by the cases of each. What is left to divide by when actions fail comes
last: the same money over fewer, successful actions.
"""

from enum import StrEnum

import numpy as np

from simulator.economics.forecast import Forecast
from simulator.economics.lines import Category, Floats
from simulator.economics.span import Span
from simulator.kernel.columns import CountColumn


class Part(StrEnum):
    """Parts of the full cost, in the order of the waterfall."""

    MODELS = "models"  # tokens, GPU-hours and held units whose answers were used
    SERVICES = "services"
    UNUSED_ATTEMPTS = "unused attempts"  # timed out and tried again, overtaken, or rejected by a cascade
    TAKE_OVER = "people taking over"
    REVIEW = "review of samples"
    REWORK = "rework"
    WRONG_ANSWERS = "wrong answers"
    IDLE = "idle capacity"
    COMMITMENTS = "unused commitments"
    PLATFORM = "platform"


_OF_CATEGORY = {
    Category.INPUT_TOKENS: Part.MODELS,
    Category.CACHED_INPUT_TOKENS: Part.MODELS,
    Category.OUTPUT_TOKENS: Part.MODELS,
    Category.PROVISIONED_HOURS: Part.MODELS,
    Category.GPU_HOURS: Part.MODELS,
    Category.SERVICE_CALLS: Part.SERVICES,
    Category.SERVICE_HOURS: Part.SERVICES,
    Category.PROVISIONED_IDLE_HOURS: Part.IDLE,
    Category.GPU_IDLE_HOURS: Part.IDLE,
    Category.SERVICE_IDLE_HOURS: Part.IDLE,
    Category.HUMAN_IDLE_HOURS: Part.IDLE,
    Category.REWORK: Part.REWORK,
    Category.WRONG_ANSWERS: Part.WRONG_ANSWERS,
    Category.UNUSED_COMMITMENT: Part.COMMITMENTS,
    Category.PLATFORM: Part.PLATFORM,
}


def waterfall(forecast: Forecast) -> dict[Part, Floats]:
    """Cost of every part that costs something, float64[seed] in US dollars; adds up to the forecast's cost."""
    total = {part: np.zeros(forecast.n_seeds) for part in Part}
    for span in forecast.spans:
        for part, amount_usd in _of_span(span).items():
            total[part] += amount_usd
    return {part: amount_usd for part, amount_usd in total.items() if amount_usd.any()}


def _of_span(span: Span) -> dict[Part, Floats]:
    found = {part: np.zeros(len(span.accounts.seeds)) for part in Part}
    reviewed = _reviewed_share(span)
    for place, line in enumerate(span.lines):
        cost, wasted = span.accounts.cost_usd[:, :, place], span.accounts.wasted_usd[:, :, place]
        found[Part.UNUSED_ATTEMPTS] += wasted.sum(axis=1)
        used = cost - wasted
        if line.category is Category.HUMAN_HOURS:
            found[Part.REVIEW] += (used * reviewed).sum(axis=1)
            found[Part.TAKE_OVER] += (used * (1.0 - reviewed)).sum(axis=1)
        else:
            found[_OF_CATEGORY[line.category]] += used.sum(axis=1)
    return found


def _reviewed_share(span: Span) -> Floats:
    """Share of the cases of people that were reviews of a sample, float64[seed, stream]."""
    reviewed = span.counts[:, :, CountColumn.REVIEWED]
    cases = reviewed + span.counts[:, :, CountColumn.HANDED_OFF]
    share: Floats = np.divide(reviewed, cases, out=np.zeros_like(reviewed), where=cases > 0.0)
    return share
