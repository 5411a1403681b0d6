"""From a scenario to the document of `rollout run`: simulate, price, judge, and keep if asked to.

What was run before with the same inputs is read from the store instead of being simulated again.
"""

import getpass
import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from simulator import __version__
from simulator.compiler.demand import DemandWindow, stage_window
from simulator.economics.accounts import accounts
from simulator.economics.ledger import ledger
from simulator.economics.price_book import PriceBook, price_book
from simulator.engine import Cancelled, Progress, RunOptions, replicate
from simulator.mechanisms.traffic.config import CsvProfile
from simulator.numerics.jit import kernel_source_hash
from simulator.planning.overload import overloads
from simulator.planning.verdicts import evaluate_slos
from simulator.reporting.document import JsonObject, run_document
from simulator.results.manifest import RunIdentity
from simulator.results.request_rows import request_frame
from simulator.results.run_result import RunResult
from simulator.results.series import series
from simulator.results.store import Store
from simulator.results.warmup import warmup_s
from simulator.scenario.hashing import scenario_hash
from simulator.scenario.load import LoadedScenario
from simulator.scenario.model import Scenario


@dataclass(frozen=True)
class RunRequest:
    """What to simulate.

    Attributes
    ----------
    stage : whose demand; None: full exposure
    replications : runs, with the scenario's seed and the ones after it
    n_threads : runs at the same time
    out : folder of the store; None: nothing is kept
    record_rows : keep every action as a row
    """

    stage: str | None
    replications: int
    n_threads: int
    out: Path | None = None
    record_rows: bool = False


def run_job(
    loaded: LoadedScenario, request: RunRequest, progress: Progress, cancel: threading.Event
) -> JsonObject:
    """Simulate one window and return its document; when cancelled, of the replications that were finished.

    Raises
    ------
    Cancelled
        If not even one replication was finished.
    """
    begin = time.perf_counter()
    scenario, base_dir = loaded.scenario, loaded.base_dir
    book = price_book(scenario)
    options = RunOptions(record_rows=request.record_rows, n_threads=request.n_threads)
    seeds = range(scenario.seed, scenario.seed + request.replications)
    window = _window(scenario, base_dir, request.stage, seeds, options, cancel)
    store = None if request.out is None else Store(request.out)
    if store is not None:
        # A run with rows stands for one without them, not the other way round.
        for with_rows in {True, request.record_rows}:
            known = store.find(_identity(scenario, base_dir, window, seeds, book, with_rows=with_rows).key)
            if known is not None:
                return {**known.summary(), "from_store": known.key}
    results = _replicate(scenario, base_dir, window, seeds, options, progress, cancel)
    document = {
        **_document(scenario, results, book),
        "interrupted": len(results) < len(seeds),
        "wall_s": time.perf_counter() - begin,
    }
    if store is not None:
        _keep(store, scenario, base_dir, window, results, document, book)
    return document


def _window(
    scenario: Scenario,
    base_dir: Path,
    stage: str | None,
    seeds: Sequence[int],
    options: RunOptions,
    cancel: threading.Event,
) -> DemandWindow:
    """Return the window the scenario asks for; `warmup: auto` is found in pilot runs that start empty."""
    asked = scenario.window
    if asked.warmup != "auto":
        return stage_window(scenario, stage, asked.start, asked.duration, asked.warmup, base_dir)
    window = stage_window(scenario, stage, asked.start, asked.duration, 0.0, base_dir)
    pilots = replicate(scenario, window, seeds, base_dir=base_dir, options=options, cancel=cancel)
    found_s = warmup_s(pilots) if any(pilot.counts.any() for pilot in pilots) else 0.0
    return stage_window(scenario, stage, asked.start, asked.duration, found_s, base_dir)


def _replicate(
    scenario: Scenario,
    base_dir: Path,
    window: DemandWindow,
    seeds: Sequence[int],
    options: RunOptions,
    progress: Progress,
    cancel: threading.Event,
) -> list[RunResult]:
    """Simulate as many seeds at a time as there are threads, so that a cancelled job keeps those before."""
    results: list[RunResult] = []
    for start in range(0, len(seeds), options.n_threads):
        batch = seeds[start : start + options.n_threads]

        def told(done: int, _: int, label: str, before: int = start) -> None:
            progress(before + done, len(seeds), label)

        told(0, len(seeds), window.name if window.stage is None else f"{window.stage}, {window.name}")
        try:
            results += replicate(
                scenario, window, batch, base_dir=base_dir, options=options, progress=told, cancel=cancel
            )
        except Cancelled:
            if not results:
                raise
            break
    return results


def _document(scenario: Scenario, results: Sequence[RunResult], book: PriceBook) -> JsonObject:
    priced = accounts(results, book)
    verdicts = evaluate_slos(scenario, results, priced)
    found = overloads(scenario, results)
    return run_document(scenario, scenario_hash(scenario), results, priced, book, verdicts, found)


def _identity(
    scenario: Scenario,
    base_dir: Path,
    window: DemandWindow,
    seeds: Sequence[int],
    book: PriceBook,
    *,
    with_rows: bool,
) -> RunIdentity:
    return RunIdentity(
        scenario_hash=scenario_hash(scenario),
        stage=window.stage,
        window={
            "name": window.name,
            "start": window.start.isoformat(),
            "duration_s": window.duration_s,
            "warmup_s": window.warmup_s,
            "rows": with_rows,
        },
        seeds=list(seeds),
        engine_version=__version__,
        kernel_hash=kernel_source_hash(),
        file_hashes=[_sha256(base_dir / name) for name in _files(scenario)],
        token_prices_usd={
            name: (price.input_usd_per_mtok, price.output_usd_per_mtok) for name, price in book.models.items()
        },
    )


def _files(scenario: Scenario) -> list[str]:
    """Files whose content a run depends on: traces and profiles."""
    names = []
    for workload in scenario.workloads:
        if workload.trace is not None:
            names.append(workload.trace.file)
        if isinstance(workload.profile, CsvProfile):
            names.append(workload.profile.file)
    return names


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep(
    store: Store,
    scenario: Scenario,
    base_dir: Path,
    window: DemandWindow,
    results: Sequence[RunResult],
    document: JsonObject,
    book: PriceBook,
) -> None:
    rows = [
        request_frame(
            np.asarray(result.rows.to_records(index=False)),
            result.streams,
            seed=result.seed,
            warmup_s=result.warmup_s,
        )
        for result in results
        if result.rows is not None
    ]
    seeds = [result.seed for result in results]
    store.write(
        _identity(scenario, base_dir, window, seeds, book, with_rows=bool(rows)),
        scenario=scenario.model_dump(mode="json", by_alias=True),
        summary=document,
        series=series(results),
        ledger=ledger(results, book),
        requests=pd.concat(rows, ignore_index=True) if rows else None,
        who=_user(),
    )


def _user() -> str | None:
    """Name of the user, for the audit trail; None where the system has none, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None
