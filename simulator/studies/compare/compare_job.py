"""From two sides to the document of `rollout compare`."""

import time
from pathlib import Path

from simulator.engine import Runner
from simulator.results.store.stored_run import open_run
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.compare.compare_document import compare_document
from simulator.studies.compare.comparison_sides import ComparisonSide, side_of_file, side_of_run
from simulator.studies.compare.study import CompareOptions, compare
from simulator.studies.run.document import JsonObject


def compare_job(
    base: ComparisonSide, head: ComparisonSide, options: CompareOptions, runner: Runner
) -> JsonObject:
    """Compare two sides; when cancelled, return what the last finished look found.

    Raises
    ------
    Cancelled
        If not even the first look was finished.
    """
    begin = time.perf_counter()
    found = compare(base, head, options, runner)
    return compare_document(base, head, options, found, time.perf_counter() - begin)


def base_side(path: Path, loaded: LoadedScenario | None, head: LoadedScenario) -> ComparisonSide:
    """The base: a scenario file that was loaded, or (None) the folder of a stored run.

    Raises
    ------
    StoreError, CompareError
        If the run is damaged or cannot be simulated again.
    """
    if loaded is not None:
        return side_of_file(str(path), loaded)
    return side_of_run(open_run(path), head.base_dir)
