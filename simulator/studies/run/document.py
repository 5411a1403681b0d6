"""JSON documents that are made by hand: what they begin with, and how an estimate stands in them.

Every estimate is `{value, low, high}`, its 95 % interval; low = high = value where it is exact, null where it
is not known. Names stay within a schema version; additions do not change it.
"""

from math import isfinite
from typing import Any

from simulator import __version__
from simulator.results.samples import CONFIDENCE
from simulator.scenario.model import Scenario
from simulator.theory.estimate import Estimate

SCHEMA = 1

JsonObject = dict[str, Any]


def estimate_document(estimate: Estimate | None) -> JsonObject | None:
    """Return an estimate as JSON; None stays null, and so does an infinite bound."""
    if estimate is None:
        return None
    return {"value": _finite(estimate.value), "low": _finite(estimate.low), "high": _finite(estimate.high)}


def signature(scenario: Scenario, scenario_hash: str) -> JsonObject:
    """What every document of one scenario begins with: which one it was, and what simulated it."""
    return {
        "schema": SCHEMA,
        "scenario": scenario.metadata.name,
        "scenario_hash": scenario_hash,
        "engine_version": __version__,
        "interval_level": CONFIDENCE,
    }


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None
