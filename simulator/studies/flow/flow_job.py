"""From a scenario to the documents of the page Flow."""

from simulator.engine import Runner
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.flow.flow_document import replay_document
from simulator.studies.flow.replay import ReplayOptions, replay
from simulator.studies.run.document import JsonObject


def replay_job(loaded: LoadedScenario, options: ReplayOptions, runner: Runner) -> JsonObject:
    """Replay an incident.

    Raises
    ------
    DrillError
        If there is no such incident.
    Cancelled
        If it was cancelled.
    """
    drill, results = replay(loaded.scenario, options, runner.at(loaded.base_dir))
    return replay_document(loaded.scenario, drill, results)
