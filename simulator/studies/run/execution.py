"""A run as something that can be sent elsewhere, executed there, and kept here: for `run`, `sweep` and `verify`."""

import getpass
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from simulator import __version__
from simulator.compiler.demand import DemandWindow, stage_window
from simulator.economics.accounts import accounts
from simulator.economics.ledger import ledger
from simulator.economics.price_book import PriceBook
from simulator.engine import Cancelled, Runner
from simulator.numerics.jit import kernel_source_hash
from simulator.results.run_result import RunResult
from simulator.results.store.manifest import RunIdentity
from simulator.results.store.store import RunTables, Store
from simulator.results.store.stored_run import StoredRun
from simulator.results.summarize import summarize
from simulator.results.tables.request_rows import request_table
from simulator.results.tables.series import series
from simulator.scenario.files import file_digest, files_of
from simulator.scenario.model import Scenario, Stage
from simulator.scenario.read.hashing import scenario_hash
from simulator.studies.common.backlogs import backlogs_of
from simulator.studies.common.priced import priced
from simulator.studies.common.run_length import (
    enough_replications,
    short_span_message,
    short_warmup_message,
    wander_s,
    window_warmup_s,
)
from simulator.studies.common.saturation import overloads
from simulator.studies.common.step_times import step_times
from simulator.studies.common.two_futures import CollapsedRuns
from simulator.studies.common.verdicts.objectives import evaluate_slos, slos_at, with_unobserved
from simulator.studies.run.budgets import budget_messages
from simulator.studies.run.pricing import priced_metrics, priced_parts, window_cost
from simulator.studies.run.report import BudgetSpent, RunReport

_kernel_hash = cache(kernel_source_hash)  # of what this process runs, whatever happens to the files


@dataclass(frozen=True)
class RunSpec:
    """What to simulate, whole: it can be sent to another process or machine.

    Attributes
    ----------
    scenario : checked
    base_dir : folder that trace and profile files are relative to
    stage : whose demand; None: full exposure
    seeds : one per replication
    record_rows : keep every action as a row
    warmup_s : of the window, where it was found before
    """

    scenario: Scenario
    base_dir: Path
    stage: str | None
    seeds: tuple[int, ...]
    record_rows: bool = False
    warmup_s: float | None = None


@dataclass(frozen=True)
class RunParts:
    """What a run leaves behind: what it was, its report, and its tables."""

    identity: RunIdentity
    scenario: Mapping[str, object]  # as it is kept, in JSON
    report: RunReport
    tables: RunTables


def run_identity(
    spec: RunSpec, book: PriceBook, digest_of: Callable[[Path], str] | None = None
) -> RunIdentity:
    """Everything that the outcome of a run depends on, known before it is simulated.

    A warm-up that is yet to be found is `auto`: it follows from the scenario and the seeds.

    Parameters
    ----------
    book : prices of the scenario
    digest_of : SHA-256 of a file; a caller with many specs may remember them
    """
    asked = spec.scenario.window
    window = stage_window(
        spec.scenario, spec.stage, asked.start, asked.duration, asked.known_warmup_s, spec.base_dir
    )
    digest_of = digest_of or file_digest
    return RunIdentity(
        scenario_hash=scenario_hash(spec.scenario),
        stage=spec.stage,
        window={
            "name": window.name,
            "start": window.start.isoformat(),
            "duration_s": window.duration_s,
            "warmup_s": asked.warmup,
            "rows": spec.record_rows,
        },
        seeds=list(spec.seeds),
        engine_version=__version__,
        kernel_hash=_kernel_hash(),
        file_hashes=[digest_of(spec.base_dir / name) for name in files_of(spec.scenario)],
        token_prices_usd={name: price.numbers for name, price in book.models.items()},
    )


def execute(spec: RunSpec, book: PriceBook, runner: Runner) -> RunParts:
    """Simulate, price and judge; when cancelled, what was finished.

    Raises
    ------
    Cancelled
        If not even one replication was finished.
    """
    begin = time.perf_counter()
    runner = replace(runner, base_dir=spec.base_dir, record_rows=spec.record_rows)
    window = _window(spec, runner)
    results = _replicate(spec, window, runner)
    identity = run_identity(spec, book)
    if len(results) < len(
        spec.seeds
    ):  # a warm-up was found from all seeds, and holds for no other set of them
        part = {**identity.window, "warmup_s": window.warmup_s}
        identity = replace(identity, seeds=[result.seed for result in results], window=part)
    return RunParts(
        identity,
        spec.scenario.model_dump(mode="json", by_alias=True),
        _report(spec, results, book, begin),
        RunTables(series(results), ledger(results, book), _requests(results)),
    )


def keep(store: Store, parts: RunParts) -> StoredRun:
    """Store a run; if it is there already, the stored one stands."""
    return store.write(
        parts.identity,
        scenario=parts.scenario,
        summary=parts.report.to_json(),
        tables=parts.tables,
        who=_user(),
    )


def with_enough_seeds(spec: RunSpec, runner: Runner) -> RunSpec:
    """As many replications as the slowest target asks for; a pilot run tells."""
    runner = replace(runner, base_dir=spec.base_dir, record_rows=False)
    window = _window(spec, runner)
    pilots = runner.replicate(spec.scenario.without_incidents(), window, spec.seeds[:1])
    first = spec.seeds[0]
    seeds = tuple(range(first, first + enough_replications(pilots)))
    return replace(spec, seeds=seeds, warmup_s=window.warmup_s)


def _window(spec: RunSpec, runner: Runner) -> DemandWindow:
    """Return the window the scenario asks for, with its warm-up."""
    scenario, base_dir, asked = spec.scenario, spec.base_dir, spec.scenario.window

    def window(warmup_s: float) -> DemandWindow:
        return stage_window(scenario, spec.stage, asked.start, asked.duration, warmup_s, base_dir)

    def pilots(warmup_s: float, n_runs: int) -> list[RunResult]:
        return runner.replicate(scenario.without_incidents(), window(warmup_s), spec.seeds[:n_runs])

    if spec.warmup_s is not None:
        return window(spec.warmup_s)
    return window(window_warmup_s(asked, pilots, wander_s(scenario)))


def _replicate(spec: RunSpec, window: DemandWindow, runner: Runner) -> list[RunResult]:
    """Simulate as many seeds at a time as there are threads, so that a cancelled job keeps those before."""
    seeds = spec.seeds
    blueprint = runner.compile(spec.scenario, window)
    results: list[RunResult] = []
    for start in range(0, len(seeds), runner.n_threads):
        batch = seeds[start : start + runner.n_threads]

        def told(done: float, _: int, label: str, before: int = start) -> None:
            runner.progress(before + done, len(seeds), label)

        told(0, len(seeds), window.name if window.stage is None else f"{window.stage}, {window.name}")
        try:
            results += runner.telling(told).simulate_all(blueprint, batch)
        except Cancelled:
            if not results:
                raise
            break
    return results


def _report(spec: RunSpec, results: Sequence[RunResult], book: PriceBook, begin: float) -> RunReport:
    """What the replications say; `begin` is when the work began, on the clock of `time.perf_counter`."""
    scenario, first = spec.scenario, results[0]
    money = accounts(results, book)
    summary = summarize(results)
    overloaded = [warning.message for warning in overloads(scenario, results)]
    asked = slos_at(scenario, _stage(scenario, first.stage))
    short = [
        line for line in (short_warmup_message(results), short_span_message(results)) if line is not None
    ]
    return RunReport(
        **priced(scenario, book, spec.base_dir),
        stage=first.stage,
        window=first.window,
        start=first.start,
        window_s=first.duration_s,
        warmup_s=first.warmup_s,
        seed=first.seed,
        replications=len(results),
        counts=summary.counts,
        metrics=priced_metrics(summary.metrics, money),
        by=priced_parts(summary, money, results),
        cost=window_cost(money),
        objectives=with_unobserved(asked, evaluate_slos(scenario, results, money)),
        warnings=(*overloaded, *short, *budget_messages(scenario, results)),
        budgets=tuple(
            BudgetSpent(seed=result.seed, **event._asdict())
            for result in results
            for event in result.budget_events
        ),
        profiles=step_times(scenario, spec.base_dir),
        collapse=CollapsedRuns.of(results),
        backlogs=backlogs_of(scenario, book, results),
        interrupted=len(results) < len(spec.seeds),
        wall_s=time.perf_counter() - begin,
    )


def _requests(results: Sequence[RunResult]) -> pa.Table | None:
    rows = [
        request_table(
            np.asarray(result.rows.to_records(index=False)),
            result.streams,
            seed=result.seed,
            warmup_s=result.warmup_s,
        )
        for result in results
        if result.rows is not None
    ]
    return pa.concat_tables(rows) if rows else None


def _stage(scenario: Scenario, name: str | None) -> Stage | None:
    return next((stage for stage in scenario.stages if stage.name == name), None)


def _user() -> str | None:
    """Name of the user, for the audit trail; None where the system has none, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None
