"""From scenario files to the document of `rollout check`."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from simulator.engine import Cancelled, Runner
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.check.check_document import check_document, scenario_check_document
from simulator.studies.check.study import CheckOptions, check
from simulator.studies.run.document import JsonObject


def check_job(
    files: Sequence[tuple[Path, LoadedScenario]], options: CheckOptions, runner: Runner
) -> JsonObject:
    """Check scenario after scenario; when cancelled, return what was finished.

    An `abort_on_fail` that fails ends the whole check: the scenarios after it are not simulated.

    Raises
    ------
    Cancelled
        If nothing was finished.
    """
    begin = time.perf_counter()
    found: list[JsonObject] = []
    interrupted = False
    for index, (file, loaded) in enumerate(files):
        try:
            here = runner.at(loaded.base_dir).part(index, len(files))
            checked = check(loaded.scenario, _own(options, loaded), here)
        except Cancelled:
            if not found:
                raise
            interrupted = True
            break
        found.append(scenario_check_document(file, loaded, checked))
        interrupted = checked.interrupted
        if interrupted or checked.aborted_by is not None:
            break
    return check_document(found, time.perf_counter() - begin, interrupted=interrupted)


def _own(options: CheckOptions, loaded: LoadedScenario) -> CheckOptions:
    """The options with those of the stages asked for that the scenario has."""
    if options.stages is None:
        return options
    names = [stage.name for stage in loaded.scenario.stages if stage.name in options.stages]
    return replace(options, stages=names or options.stages)
