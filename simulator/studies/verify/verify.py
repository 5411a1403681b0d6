"""Is a stored run what this simulator makes of its inputs? Run again from its manifest, and compared bit by bit."""

import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from simulator import __version__
from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.numerics.jit import kernel_source_hash
from simulator.results.store.manifest import canonical_json, package_versions
from simulator.results.store.stored_run import StoredRun, StoreError, open_run
from simulator.scenario.model import Scenario
from simulator.studies.run.execution import RunParts, RunSpec, execute, run_identity
from simulator.studies.run.report import RunReport
from simulator.studies.verify.report import VerifyReport

_NOT_COMPARED = ("wall_s", "from_store")  # how long it took is no result
_MAX_DIFFERENCES = 10


def verify_run(folder: Path, runner: Runner) -> VerifyReport:
    """Run what a manifest says and compare every number with what is stored.

    Parameters
    ----------
    folder : of the run

    Raises
    ------
    StoreError
        If the run is damaged, or its files are not those it was made with.
    """
    begin = time.perf_counter()
    run = open_run(folder.resolve())
    run.verify()
    identity = run.manifest.identity
    spec = _spec(run, runner)
    book = price_book(spec.scenario)
    notes = list(_notes(run))
    now = run_identity(spec, book)
    if list(now.file_hashes) != list(identity.file_hashes):
        raise StoreError(
            f"the traces or profiles under {runner.base_dir} are not those that {folder} was made with; "
            "give the folder of the scenario with --files"
        )
    parts = execute(spec, book, runner)
    differences = [] if parts.report.interrupted else list(_differences(run, parts))
    return VerifyReport(
        key=run.key,
        scenario=spec.scenario.metadata.name,
        identical=not differences,
        differences=tuple(differences[:_MAX_DIFFERENCES]),
        n_differences=len(differences),
        notes=tuple(notes),
        interrupted=parts.report.interrupted,
        wall_s=time.perf_counter() - begin,
    )


def _spec(run: StoredRun, runner: Runner) -> RunSpec:
    identity = run.manifest.identity
    try:
        scenario = Scenario.model_validate(run.manifest.scenario)
        rows = bool(identity.window["rows"])
    except (ValidationError, KeyError) as error:
        raise StoreError(
            f"stored run {run.folder} cannot be run by this version {__version__} "
            f"(it was made by {identity.engine_version}): {str(error).splitlines()[0]}"
        ) from error
    return RunSpec(scenario, runner.base_dir, identity.stage, tuple(identity.seeds), rows)


def _notes(run: StoredRun) -> Iterator[str]:
    identity = run.manifest.identity
    made_by = (identity.engine_version, identity.kernel_hash)
    here = (__version__, kernel_source_hash())
    if made_by != here:
        yield f"made by version {made_by[0]} (kernels {made_by[1]}); here is {here[0]} ({here[1]})"
    then = run.manifest.packages
    changed = [
        f"{name} {then[name]} → {version}"
        for name, version in package_versions().items()
        if name in then and then[name] != version
    ]
    if changed:
        yield f"made with other packages: {', '.join(changed)}"


def _differences(run: StoredRun, parts: RunParts) -> Iterator[str]:
    yield from _in_json("summary", _content(run.summary(RunReport)), _content(parts.report))
    tables = (
        ("series", run.series(), parts.tables.series.to_pandas()),
        ("ledger", run.ledger(), parts.tables.ledger.to_pandas()),
        (
            "requests",
            run.requests(),
            None if parts.tables.requests is None else parts.tables.requests.to_pandas(),
        ),
    )
    for name, before, after in tables:
        yield from _in_table(name, before, after)


def _content(report: RunReport) -> Mapping[str, object]:
    return {key: value for key, value in report.to_dict().items() if key not in _NOT_COMPARED}


def _in_json(path: str, before: Any, after: Any) -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _in_json(f"{path}.{key}", before.get(key), after.get(key))
    elif canonical_json(before) != canonical_json(after):
        yield f"{path}: {json.dumps(before)[:60]} was stored, {json.dumps(after)[:60]} is found"


def _in_table(name: str, before: pd.DataFrame | None, after: pd.DataFrame | None) -> Iterator[str]:
    if before is None or after is None:
        if before is not after:
            yield f"{name}: {'was' if after is None else 'was not'} stored"
        return
    if list(before.columns) != list(after.columns) or len(before) != len(after):
        yield f"{name}: {before.shape} rows and columns were stored, {after.shape} are found"
        return
    for column in before.columns:
        was, found = before[column].reset_index(drop=True), after[column].reset_index(drop=True)
        is_equal = (was == found) | (was.isna() & found.isna())
        if not is_equal.all():
            row = int(is_equal.to_numpy().argmin())
            yield f"{name}.{column}: {was[row]!r} was stored in row {row}, {found[row]!r} is found"
