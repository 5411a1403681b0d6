"""OpenSLO: objectives on ratios and on thresholds. The threshold of a latency may stand in the objective or in a query."""

import re
from typing import Any

from simulator.formats.configs.parts import Block, Imported, items, mapping, number, place

_BUCKET = re.compile(r'le="?([0-9.]+)"?')
_LATENCY = re.compile(r"latenc|duration|time|seconds|response", re.I)
_TTFT = re.compile(r"first.?token|ttft", re.I)


def read_slo(document: Any, name: str, into: Imported) -> None:
    """Add the objectives of an SLO."""
    spec, about = mapping(document.get("spec")), mapping(document.get("metadata"))
    own = re.sub(r"[^a-z0-9-]+", "-", str(about.get("name", "slo")).lower()).strip("-") or "slo"
    indicator = mapping(mapping(spec.get("indicator")).get("spec"))
    words = f"{own} {spec.get('description', '')} {spec.get('indicator', '')}"
    origin = place(spec, "objectives", name)
    for index, objective in enumerate(items(spec.get("objectives"))):
        given = mapping(objective)
        target = number(given.get("target")) or (number(given.get("targetPercent")) or 0.0) / 100.0
        label = own if index == 0 else f"{own}-{index + 1}"
        if not 0.0 < target < 1.0:
            into.dropped.append(f"{origin}: objective {index + 1} of {own} has no target between 0 and 1")
            continue
        limit_s = _limit_s(given, indicator, str(words), origin, into)
        if limit_s is None:
            into.slos.append(
                Block(
                    {"name": label, "indicator": "availability", "objective": f">= {100.0 * target:g}%"},
                    origin,
                )
            )
        else:
            metric = "ttft" if _TTFT.search(str(words)) else "latency"
            into.slos.append(
                Block(
                    {
                        "name": label,
                        "indicator": metric,
                        "objective": f"p{100.0 * target:g} < {1000.0 * limit_s:g}ms",
                    },
                    origin,
                )
            )
    for window in items(spec.get("timeWindow")):
        into.dropped.append(
            f"{name}: the window of {mapping(window).get('duration', '')}: objectives hold for each window "
            "that is simulated"
        )
    if spec.get("budgetingMethod") == "Timeslices":
        into.dropped.append(f"{name}: time slices: the objective is of requests")
    into.formats.append(f"{name}: OpenSLO")


def _limit_s(objective: Any, indicator: Any, words: str, origin: str, into: Imported) -> float | None:
    """Longest time of an objective on a latency; None: it is on a share."""
    value = number(objective.get("value"))
    if (
        "thresholdMetric" in indicator
        and value is not None
        and str(objective.get("op", "lt")) in ("lt", "lte")
    ):
        is_ms = value >= 50.0 or "ms" in words
        into.open.append(
            f"{origin}: is {value:g} in {'milliseconds' if is_ms else 'seconds'}, as it was taken?"
        )
        return value / 1000.0 if is_ms else value
    if found := _BUCKET.search(str(indicator)):
        return float(found[1])
    return None
