"""From a scenario to the document of `rollout canary`."""

import time
from collections.abc import Sequence

from simulator.engine import Runner
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.canary.canary_document import canary_document
from simulator.studies.canary.cases import Case
from simulator.studies.canary.rehearsals import CanaryOptions, rehearse_canary
from simulator.studies.run.document import JsonObject


def canary_job(
    loaded: LoadedScenario, cases: Sequence[Case], options: CanaryOptions, runner: Runner
) -> JsonObject:
    """Rehearse a canary; when cancelled, return the cases that were finished.

    Raises
    ------
    Cancelled
        If nothing was finished.
    """
    begin = time.perf_counter()
    report = rehearse_canary(loaded.scenario, cases, options, runner.at(loaded.base_dir))
    return canary_document(loaded.scenario, report, time.perf_counter() - begin)
