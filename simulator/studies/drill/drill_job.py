"""From a scenario to the documents of `rollout drill` and `rollout cliff`."""

from simulator.engine import Runner
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.cliff.cliff import CliffOptions, cliff
from simulator.studies.cliff.cliff_document import cliff_document
from simulator.studies.drill.drill import DrillOptions, drill
from simulator.studies.drill.drill_document import drill_document
from simulator.studies.run.document import JsonObject


def drill_job(loaded: LoadedScenario, options: DrillOptions, runner: Runner) -> JsonObject:
    """Drill the incidents of a scenario; when cancelled, return those that were finished.

    Raises
    ------
    Cancelled
        If not even one drill was finished.
    """
    found = drill(loaded.scenario, options, runner.at(loaded.base_dir))
    return drill_document(loaded, options, found)


def cliff_job(loaded: LoadedScenario, options: CliffOptions, runner: Runner) -> JsonObject:
    """Find the cliff of a scenario.

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    found = cliff(loaded.scenario, options, runner.at(loaded.base_dir))
    return cliff_document(loaded, options, found)
