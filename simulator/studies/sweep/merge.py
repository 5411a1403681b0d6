"""From the folders of shards to the folder of the whole sweep: runs are copied, checked, and never overwritten."""

import time
from collections.abc import Sequence
from pathlib import Path

from simulator.engine import Runner
from simulator.results.store.store import Store
from simulator.results.store.stored_run import StoreError
from simulator.studies.sweep.folder import SWEEP, SweepRecord, read_record, write_record
from simulator.studies.sweep.outputs import Effort, about_sweep, write_outputs
from simulator.studies.sweep.parameters import SweepError
from simulator.studies.sweep.report import SweepReport
from simulator.studies.sweep.response_table import known_outcomes, points_of, without_damaged


def merge(folders: Sequence[Path], out: Path, runner: Runner) -> SweepReport:
    """Bring the points of several folders of one sweep together, and make its tables.

    Parameters
    ----------
    folders : of the shards, in any order; a point may be in several
    out : folder of the whole; may be one of them

    Returns
    -------
    The report of the sweep; `missing` tells the points that none of the folders has

    Raises
    ------
    SweepError
        If a folder holds no sweep, or they hold different ones.
    StoreError
        If the folder cannot be written; what was copied is kept. Damaged runs are left out and told.
    """
    begin = time.perf_counter()
    record = _common(folders)
    target = Store(out)
    keys = dict(enumerate(record.keys))
    _, damaged = without_damaged(target, keys)
    problems = dict.fromkeys(damaged)
    for number, key in enumerate(dict.fromkeys(record.keys)):
        problems |= dict.fromkeys(_adopt(target, [Store(folder) for folder in folders], key))
        runner.progress(number + 1, len(record.keys), "merging")
    out.mkdir(parents=True, exist_ok=True)
    write_record(out, record)
    outcomes, _ = known_outcomes(target, keys)
    points = points_of(record, outcomes)
    effort = Effort(
        0, len(outcomes), interrupted=False, wall_s=time.perf_counter() - begin, damaged=tuple(problems)
    )
    report = SweepReport(**about_sweep(record, out, points, effort))
    write_outputs(report)
    return report


def _adopt(target: Store, stores: Sequence[Store], key: str) -> list[str]:
    """Copy the first whole run of a key; what is wrong with those before it."""
    if target.find(key) is not None:
        return []
    problems = []
    for store in stores:
        try:
            run = store.find(key)
            if run is not None:
                target.adopt(run)
                break
        except StoreError as error:
            problems.append(str(error))
    return problems


def _common(folders: Sequence[Path]) -> SweepRecord:
    records = []
    for folder in folders:
        record = read_record(folder)
        if record is None:
            raise SweepError(f"{folder} holds no sweep: it has no {SWEEP}")
        records.append(record)
    for folder, record in zip(folders, records, strict=True):
        other = record.differences(records[0])
        if other:
            raise SweepError(f"{folder} and {folders[0]} hold different sweeps ({', '.join(other)} differ)")
    return records[0].model_copy(update={"shard": None})
