"""One window, simulated, priced and judged, or read from the store if the same was run before."""

from dataclasses import replace
from pathlib import Path

from simulator.economics.price_book import PriceBook, price_book
from simulator.engine import Runner
from simulator.results.store.store import Store
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.common.run_length import MIN_REPLICATIONS
from simulator.studies.run.execution import RunSpec, execute, keep, run_identity, with_enough_seeds
from simulator.studies.run.report import RunReport
from simulator.studies.run.study import RunStudy


def run_window(loaded: LoadedScenario, study: RunStudy, runner: Runner) -> RunReport:
    """Simulate one window; when cancelled, the replications that were finished.

    Raises
    ------
    Cancelled
        If not even one replication was finished.
    """
    scenario = loaded.at_stage(study.stage).scenario
    book = price_book(scenario)
    n_runs = study.replications or MIN_REPLICATIONS
    seeds = tuple(range(scenario.seed, scenario.seed + n_runs))
    spec = RunSpec(scenario, loaded.base_dir, study.stage, seeds, study.rows)
    if study.replications is None:
        spec = with_enough_seeds(spec, runner)
    if study.out is None:
        return execute(spec, book, runner).report
    store = Store(Path(study.out))
    known = _known(store, spec, book)
    if known is not None:
        return known
    parts = execute(spec, book, runner)
    keep(store, parts)
    return parts.report


def _known(store: Store, spec: RunSpec, book: PriceBook) -> RunReport | None:
    """What is in the store; a run with rows stands for one without them, not the other way round."""
    for with_rows in {True, spec.record_rows}:
        run = store.find(run_identity(replace(spec, record_rows=with_rows), book).key)
        if run is not None:
            return run.summary(RunReport).model_copy(update={"from_store": run.key})
    return None
