"""Where are the step times of a scenario's pools from, and how far are they off? Beside every result that rests on them."""

from pathlib import Path

from simulator.mechanisms.replicas.catalog import load_profile
from simulator.scenario.model import Scenario
from simulator.studies.record import Record, finite


class StepTimesSource(Record):
    """Where the step times of a pool are from, and how far they are off."""

    model: str
    gpu: str
    engine: str
    tensor_parallel: int
    fit_error_mean: float | None
    fit_error_worst: float | None
    gpu_power_w: float | None
    source: str
    host: str


def step_times(scenario: Scenario, base_dir: Path) -> dict[str, StepTimesSource]:
    """Where the step times of each pool are from, by model name."""
    found = {}
    for model in scenario.model_list:
        if model.pool is not None:
            profile = load_profile(model.pool, base_dir)
            found[model.model_name] = StepTimesSource(
                model=profile.model,
                gpu=profile.gpu,
                engine=profile.engine,
                tensor_parallel=model.pool.tensor_parallel,
                fit_error_mean=finite(profile.fit_error_mean),
                fit_error_worst=finite(profile.fit_error_worst),
                gpu_power_w=finite(profile.gpu_power_w),
                source=profile.source,
                host=profile.host,
            )
    return found
