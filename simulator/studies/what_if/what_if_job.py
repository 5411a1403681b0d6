"""From two sides of a what-if to its document, at once or from more pairs."""

import threading

from simulator.engine import Progress, RunOptions
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.capacity.needed_capacity import Needed, needed_capacity
from simulator.studies.common.replications import Trial
from simulator.studies.compare.compare_document import statement_document
from simulator.studies.run.document import JsonObject, signature
from simulator.studies.what_if.study import Variant, differences, refined


def what_if_document(loaded: LoadedScenario, base: Trial, head: Trial, variant: Variant) -> JsonObject:
    """What a variant changes at a stage's peak: every measure on both sides, and the paired difference."""
    return {
        **signature(loaded.scenario, scenario_hash(loaded.scenario)),
        "stage": base.stage,
        "seed": base.first_seed,
        "pairs": len(base.results),
        "window_s": base.window.duration_s,
        "overrides": list(variant.overrides),
        "demand_factor": variant.demand_factor,
        "measures": [statement_document(found) for found in differences(loaded, base, head)],
    }


def refine_job(
    loaded: LoadedScenario,
    base: Trial,
    head: Trial,
    variant: Variant,
    n_pairs: int,
    progress: Progress,
    cancel: threading.Event,
) -> JsonObject:
    """The same document from more pairs: those that are there, and the seeds behind them.

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    sides = []
    for place, trial in enumerate((base, head)):
        before = place * n_pairs

        def told(number: int, before: int = before) -> None:
            progress(before + number, 2 * n_pairs, "more pairs")

        sides.append(refined(trial, n_pairs, told, cancel))
    return {**what_if_document(loaded, sides[0], sides[1], variant), "interrupted": False}


def capacity_job(
    loaded: LoadedScenario,
    stage: str,
    variant: Variant,
    before: JsonObject | None,
    progress: Progress,
    cancel: threading.Event,
) -> JsonObject:
    """What capacity a stage needs without a variant and with it, each searched as `rollout plan` does.

    Parameters
    ----------
    before : what was found without it, if that is known

    Raises
    ------
    Cancelled
        If it was cancelled.
    """

    def needed(of: Variant, words: str) -> JsonObject:
        def told(_: str, n_settings: int) -> None:
            progress(0, 0, f"capacity {words}, {n_settings} settings")

        return _needed_document(needed_capacity(loaded, stage, of, RunOptions(n_threads=2), told, cancel))

    known = before or needed(Variant(), "as it is")
    return {
        "stage": stage,
        "before": known,
        "after": needed(variant, "with the change"),
        "interrupted": False,
    }


def _needed_document(found: Needed) -> JsonObject:
    return {
        "amounts": {path: dict(by_region) for path, by_region in found.amounts.items()},
        "out_of_reach": list(found.out_of_reach),
        "is_cheapest": found.is_cheapest,
        "held": {"month": found.held_usd},
        "n_settings": found.n_settings,
    }
