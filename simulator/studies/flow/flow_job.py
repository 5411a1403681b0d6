"""From a scenario to the documents of the page Flow."""

import threading
from dataclasses import dataclass, field

from simulator.engine import Progress, RunOptions
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.failures.replay import replay
from simulator.studies.flow.flow_document import replay_document
from simulator.studies.run.document import JsonObject


@dataclass(frozen=True)
class ReplayRequest:
    """Which incident to replay.

    Attributes
    ----------
    incident, stage : its name, and against whose peak (None: full exposure)
    replications : whose mean is shown
    run : how to simulate
    """

    incident: str
    stage: str | None
    replications: int = 4
    run: RunOptions = field(default_factory=RunOptions)


def replay_job(
    loaded: LoadedScenario, request: ReplayRequest, progress: Progress, cancel: threading.Event
) -> JsonObject:
    """Replay an incident.

    Raises
    ------
    DrillError
        If there is no such incident.
    Cancelled
        If it was cancelled.
    """
    drill, results = replay(
        loaded.scenario,
        loaded.base_dir,
        request.incident,
        request.stage,
        request.replications,
        request.run,
        progress=progress,
        cancel=cancel,
    )
    return replay_document(loaded.scenario, drill, results)
