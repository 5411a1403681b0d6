"""Where the step times of a scenario's pools are from, and how far they are off: beside every result that rests on them."""

from pathlib import Path
from typing import Any

from simulator.mechanisms.replicas.catalog import load_profile
from simulator.render.numbers import quantity
from simulator.render.terminal_tables import Document
from simulator.scenario.model import Scenario

JsonObject = dict[str, Any]


def step_time_sources(scenario: Scenario, base_dir: Path) -> JsonObject:
    """Profile of each pool, by model name: what it is of, its fit error (null: not known) and its source."""
    found: JsonObject = {}
    for model in scenario.model_list:
        if model.pool is not None:
            profile = load_profile(model.pool, base_dir)
            found[model.model_name] = {
                "model": profile.model,
                "gpu": profile.gpu,
                "engine": profile.engine,
                "tensor_parallel": model.pool.tensor_parallel,
                "fit_error_mean": known(profile.fit_error_mean),
                "fit_error_worst": known(profile.fit_error_worst),
                "gpu_power_w": known(profile.gpu_power_w),
                "source": profile.source,
            }
    return found


def step_time_lines(document: Document) -> list[str]:
    """A line per pool; of a document without pools, none."""
    return [
        f"step times of {name}: {error_text(profile)}; {profile['source']}"
        for name, profile in (document.get("profiles") or {}).items()
    ]


def error_text(profile: Document) -> str:
    """Fit error in words."""
    if profile["fit_error_mean"] is None:
        return "fit error not known"
    worst = profile["fit_error_worst"]
    at_worst = "" if worst is None else f" ({quantity(worst, 'share')} at worst)"
    return f"off by {quantity(profile['fit_error_mean'], 'share')} on average{at_worst}"


def known(value: float) -> float | None:
    """Null for what is not known."""
    return value if value == value else None
