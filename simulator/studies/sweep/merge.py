"""From the folders of shards to the folder of the whole sweep: runs are copied, checked, and never overwritten."""

import time
from collections.abc import Sequence
from pathlib import Path

from simulator.engine import Runner
from simulator.results.store.store import Store
from simulator.studies.sweep.folder import SWEEP, SweepRecord, read_record, write_record
from simulator.studies.sweep.outputs import Effort, about_sweep, write_outputs
from simulator.studies.sweep.parameters import SweepError
from simulator.studies.sweep.report import SweepReport
from simulator.studies.sweep.response_table import known_outcomes, points_of


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
        If a run is damaged, or the folder cannot be written; what was copied is kept.
    """
    begin = time.perf_counter()
    record = _common(folders)
    target = Store(out)
    for number, key in enumerate(dict.fromkeys(record.keys)):
        if target.find(key) is None:
            run = next((run for run in (Store(f).find(key) for f in folders) if run is not None), None)
            if run is not None:
                target.adopt(run)
        runner.progress(number + 1, len(record.keys), "merging")
    write_record(out, record)
    outcomes = known_outcomes(target, dict(enumerate(record.keys)))
    points = points_of(record, outcomes)
    effort = Effort(0, len(outcomes), interrupted=False, wall_s=time.perf_counter() - begin)
    report = SweepReport(**about_sweep(record, out, points, effort))
    write_outputs(report)
    return report


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
