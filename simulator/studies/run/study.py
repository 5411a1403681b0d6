"""From a scenario to the document of `rollout run`: simulate, price, judge, and keep if asked to.

What was run before with the same inputs is read from the store instead of being simulated again.
"""

from dataclasses import dataclass, replace
from pathlib import Path

from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.results.store.store import Store
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.run.document import JsonObject
from simulator.studies.run.execution import RunSpec, execute, keep, run_identity


@dataclass(frozen=True)
class RunRequest:
    """What to simulate.

    Attributes
    ----------
    stage : whose demand; None: full exposure
    replications : runs, with the scenario's seed and the ones after it
    out : folder of the store; None: nothing is kept
    record_rows : keep every action as a row
    """

    stage: str | None
    replications: int
    out: Path | None = None
    record_rows: bool = False


def run_job(loaded: LoadedScenario, request: RunRequest, runner: Runner) -> JsonObject:
    """Simulate one window and return its document; when cancelled, of the replications that were finished.

    Raises
    ------
    Cancelled
        If not even one replication was finished.
    """
    scenario = loaded.scenario
    book = price_book(scenario)
    seeds = tuple(range(scenario.seed, scenario.seed + request.replications))
    spec = RunSpec(scenario, loaded.base_dir, request.stage, seeds, request.record_rows)
    store = None if request.out is None else Store(request.out)
    if store is not None:
        # A run with rows stands for one without them, not the other way round.
        for with_rows in {True, request.record_rows}:
            known = store.find(run_identity(replace(spec, record_rows=with_rows), book).key)
            if known is not None:
                return {**known.summary(), "from_store": known.key}
    parts = execute(spec, book, runner)
    if store is not None:
        keep(store, parts)
    return parts.document
