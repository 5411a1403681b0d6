"""From two sides of a what-if to its document, at once or from more pairs."""

from simulator.engine import Runner
from simulator.scenario.change import ScenarioChange
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.capacity.needed_capacity import needed_capacity
from simulator.studies.common.changes.paired_change import PairedChange
from simulator.studies.common.replications import Replications
from simulator.studies.run.document import JsonObject, signature
from simulator.studies.what_if.study import differences, refined


def what_if_document(
    loaded: LoadedScenario, base: Replications, head: Replications, variant: ScenarioChange
) -> JsonObject:
    """What a variant changes at a stage's peak: every measure on both sides, and the paired difference."""
    return {
        **signature(loaded.scenario, scenario_hash(loaded.scenario)),
        "stage": base.stage,
        "seed": base.first_seed,
        "pairs": len(base.results),
        "window_s": base.window.duration_s,
        "overrides": list(variant.overrides),
        "demand_factor": variant.demand_factor,
        "measures": [PairedChange.of(found).to_dict() for found in differences(loaded, base, head)],
    }


def refine_job(
    loaded: LoadedScenario,
    base: Replications,
    head: Replications,
    variant: ScenarioChange,
    n_pairs: int,
    runner: Runner,
) -> JsonObject:
    """The same document from more pairs: those that are there, and the seeds behind them.

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    sides = [refined(side, n_pairs, runner.part(place, 2)) for place, side in enumerate((base, head))]
    return {**what_if_document(loaded, sides[0], sides[1], variant), "interrupted": False}


def capacity_job(
    loaded: LoadedScenario,
    stage: str,
    variant: ScenarioChange,
    before: JsonObject | None,
    runner: Runner,
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

    def needed(of: ScenarioChange, words: str) -> JsonObject:
        def told(done: int, total: int, label: str) -> None:
            runner.progress(done, total, f"capacity {words}, {label}")

        return needed_capacity(loaded, stage, of, runner.telling(told)).to_dict()

    known = before or needed(ScenarioChange(), "as it is")
    return {
        "stage": stage,
        "before": known,
        "after": needed(variant, "with the change"),
        "interrupted": False,
    }
