"""What ranges of inputs do to a plan: their part of the document, and how it reads on the terminal and the page."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import RenderableType

from simulator.render.numbers import NOTHING, TO, EstimateText, Unit, quantity
from simulator.render.terminal_tables import Document, Row, grids, table, words
from simulator.studies.cost.uncertainty import LEVELS, quantiles_of
from simulator.studies.plan.plan_uncertainty import PlanUncertainty, StageUncertainty
from simulator.studies.run.document import JsonObject, estimate_document
from simulator.theory.intervals import wilson_interval

SENSITIVE = {"month_usd": "cost per month", "latency_p95_s": "p95 latency"}
_FIGURES: dict[str, tuple[str, Unit]] = {
    "peak_rps": ("peak demand", "rate"),
    "latency_p95_s": ("p95 latency", "time"),
    "ttft_p95_s": ("p95 first token", "time"),
    "availability": ("availability", "share"),
    "success_rate": ("success rate", "share"),
    "per_action_usd": ("cost per action", "money"),
    "per_successful_action_usd": ("cost per success", "money"),
    "month_usd": ("cost per month", "money"),
}
_CHANCES = {"slos": "objectives hold", "budget": "within budget", "both": "both"}


def add_ranges(document: JsonObject, found: PlanUncertainty | None) -> None:
    """Add to a plan's document what the draws of uncertain inputs say; in place."""
    document["draws"] = 0 if found is None else len(found.factors)
    if found is None:
        return
    document["interrupted"] = document["interrupted"] or found.interrupted
    for part, stage in zip(document["stages"], found.stages, strict=True):
        part["uncertainty"] = _stage_document(found, stage)


def _stage_document(found: PlanUncertainty, stage: StageUncertainty) -> JsonObject:
    budget = stage.within_budget
    return {
        "draws": len(found.factors),
        "draws_planned_anew": len(stage.is_feasible),
        "figures": {name: _levels(values) for name, values in stage.figures.items()},
        "slos": [
            {
                "slo": name,
                "metric": objective.verdict.metric,
                "op": objective.verdict.op,
                "limit": objective.verdict.limit,
                **_levels(objective.values),
                "chance": _chance(objective.holds),
            }
            for name, objective in stage.objectives.items()
        ],
        "chance": {
            "slos": _chance(stage.holds),
            "budget": None if budget is None else _chance(budget),
            "both": None if budget is None else _chance(stage.holds & budget),
        },
        "capacity": {
            path: {region: _levels(amounts) for region, amounts in by_region.items()}
            for path, by_region in stage.capacity.items()
        },
        "chance_of_any_capacity": _chance(stage.is_feasible),
        "sensitivity": {name: _sensitivity(found, stage, name) for name in SENSITIVE},
    }


def _levels(values: NDArray[np.float64]) -> JsonObject:
    """P10, P50 and P90 over the draws in which something was observed; null without any."""
    seen = values[np.isfinite(values)]
    found: Sequence[float | None] = quantiles_of(seen) if seen.size else [None] * len(LEVELS)
    return {f"p{level * 100:.0f}": value for level, value in zip(LEVELS, found, strict=True)}


def _chance(holds: NDArray[np.bool_]) -> JsonObject | None:
    """Share of the draws in which something holds, with a 95 % interval as of independent draws."""
    if not holds.size:
        return None
    return estimate_document(wilson_interval(float(holds.sum()), float(holds.size)))


def _sensitivity(found: PlanUncertainty, stage: StageUncertainty, figure: str) -> list[JsonObject]:
    """What each input does to a figure, the strongest first: the bars of a tornado, and its Sobol index."""
    explained: dict[str, Any] = {one.factor: one for one in found.sensitivities(stage, figure)}
    rows = [
        {
            "input": swing.name,
            "low_factor": swing.low_factor,
            "high_factor": swing.high_factor,
            "low": _finite(swing.low[figure]),
            "high": _finite(swing.high[figure]),
            "first_order": None if swing.name not in explained else explained[swing.name].first_order,
            "first_order_half_width": None
            if swing.name not in explained
            else explained[swing.name].half_width,
        }
        for swing in stage.swings
    ]
    return sorted(rows, key=lambda row: -_width(row))


def _width(row: JsonObject) -> float:
    return 0.0 if row["low"] is None or row["high"] is None else abs(row["high"] - row["low"])


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def range_tables(document: Document, width: int) -> list[RenderableType]:
    """Bands of every stage, chances, the capacity that draws ask for, and what drives the last stage's cost."""
    stages = [stage for stage in document["stages"] if "uncertainty" in stage]
    if not stages:
        return []
    found = [stage["uncertainty"] for stage in stages]
    title = f"uncertain inputs: P50 (P10 to P90) of {document['draws']} draws with this capacity"
    sections = [list(_figure_rows(found)), list(_chance_rows(found)), list(_capacity_rows(found))]
    tables: list[RenderableType] = [
        *grids([stage["name"] for stage in stages], [rows for rows in sections if rows], width, "", title)
    ]
    last = stages[-1]
    if last["uncertainty"]["sensitivity"]["month_usd"]:
        tables.append(_tornado(last))
    return tables


def _figure_rows(found: Sequence[Document]) -> Iterator[Row]:
    for name, (label, unit) in _FIGURES.items():
        bands = [one["figures"][name] for one in found]
        if any(band["p50"] is not None for band in bands):
            yield Row(label, [band_text(band, unit) for band in bands])


def _chance_rows(found: Sequence[Document]) -> Iterator[Row]:
    for name, label in _CHANCES.items():
        chances = [one["chance"][name] for one in found]
        if any(chances):
            yield Row(label, [EstimateText(chance_text(chance), "") for chance in chances])


def _capacity_rows(found: Sequence[Document]) -> Iterator[Row]:
    for path in dict.fromkeys(path for one in found for path in one["capacity"]):
        bands = [one["capacity"][path] for one in found]
        if all(band["p50"] is None for by_region in bands for band in by_region.values()):
            continue
        yield Row(f"needed {' '.join(path.split('.')[1:])}", [EstimateText("", "")] * len(found))
        for region in bands[0]:
            yield Row(f"  {region}", [band_text(band[region], "count") for band in bands])


def _tornado(stage: Document) -> RenderableType:
    made = table(
        "input alone",
        "P10",
        "P90",
        "month at P10",
        "month at P90",
        "explains",
        title=words(f"{stage['name']}  what moves the cost of a month", "bold"),
        right=range(1, 6),
    )
    for row in stage["uncertainty"]["sensitivity"]["month_usd"]:
        explains = row["first_order"]
        made.add_row(
            row["input"].replace("_", " "),
            f"× {row['low_factor']:.3g}",
            f"× {row['high_factor']:.3g}",
            quantity(row["low"], "money"),
            quantity(row["high"], "money"),
            NOTHING
            if explains is None
            else f"{100.0 * explains:.0f} % ± {100.0 * row['first_order_half_width']:.0f}",
        )
    return made


def band_text(band: Document, unit: Unit) -> EstimateText:
    """P50, with P10 and P90 in brackets where they differ."""
    if band["p50"] is None:
        return EstimateText(NOTHING, "")
    ends = [quantity(band[level], unit) for level in ("p10", "p90")]
    middle = quantity(band["p50"], unit)
    return EstimateText(middle, "" if set(ends) == {middle} else f"({ends[0]}{TO}{ends[1]})")


def chance_text(chance: Document | None) -> str:
    """A chance in whole per cent; never 0 or 100 %, which so few draws cannot tell."""
    if chance is None:
        return NOTHING
    value: float = chance["value"]
    if value >= 1.0:
        return f"> {100.0 * chance['low']:.0f} %"
    return f"< {100.0 * chance['high']:.0f} %" if value <= 0.0 else f"{100.0 * value:.0f} %"


def range_rows(stages: Sequence[Document]) -> list[list[str]]:
    """Plain cells per stage: name, demand, latency, cost per month, per success, chances of objectives and budget."""
    return [
        [
            stage["name"],
            *(
                band_text(found["figures"][name], _FIGURES[name][1]).line
                for name in ("peak_rps", "latency_p95_s", "month_usd", "per_successful_action_usd")
            ),
            chance_text(found["chance"]["slos"]),
            chance_text(found["chance"]["budget"]),
        ]
        for stage in stages
        if (found := stage.get("uncertainty")) is not None
    ]


RANGE_HEADERS = (
    "stage",
    "peak demand",
    "p95 latency",
    "cost per month",
    "per success",
    "objectives hold",
    "within budget",
)
