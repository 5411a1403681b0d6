"""The JSON document of `rollout cliff`, which its tables are made from."""

from simulator.render.step_times import step_time_sources
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.cliff.cliff import Cliff, CliffOptions
from simulator.studies.cliff.load_search import CARRIED
from simulator.studies.run.document import JsonObject, estimate_document, signature
from simulator.theory.estimate import Estimate


def cliff_document(loaded: LoadedScenario, options: CliffOptions, found: Cliff) -> JsonObject:
    """Document of a cliff; factors are on the demand of the stage's peak."""
    scenario = loaded.scenario
    return {
        **signature(scenario, scenario_hash(scenario)),
        "profiles": step_time_sources(scenario, loaded.base_dir),
        "stage": found.stage,
        "seed": scenario.seed,
        "replications": options.n_runs,
        "verdict": found.verdict,
        "peak_rps": found.peak_rps,
        "asked_factor": 1.0 + scenario.capacity.headroom,
        "carried_from": CARRIED,
        "collapse": _load(found.collapse, found.peak_rps),
        "headroom": None if found.collapse is None else estimate_document(_less_one(found.collapse)),
        "shape": found.shape,
        "goodput_kept": found.kept,
        "bottleneck": None
        if found.bottleneck is None
        else {"target": found.bottleneck.target, "region": found.bottleneck.region},
        "overloads": list(found.overloads),
        "recovery": _load(found.recovery, found.peak_rps),
        "curve": [
            {
                "factor": load.factor,
                "arrivals_rps": load.arrivals_rps,
                "goodput_rps": estimate_document(load.goodput_rps),
                "good_share": estimate_document(load.good_share),
            }
            for load in found.curve
        ],
        "interrupted": False,
        "wall_s": found.wall_s,
    }


def _load(factor: Estimate | None, peak_rps: float) -> JsonObject | None:
    if factor is None:
        return None
    rate = Estimate(factor.value * peak_rps, factor.low * peak_rps, factor.high * peak_rps)
    return {"factor": estimate_document(factor), "rps": estimate_document(rate)}


def _less_one(factor: Estimate) -> Estimate:
    return Estimate(factor.value - 1.0, factor.low - 1.0, factor.high - 1.0)
