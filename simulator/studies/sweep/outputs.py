"""What a sweep leaves beside its runs: two tables and a page; and what its report says of the folder."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.studies.sweep.folder import SweepRecord, replace_file
from simulator.studies.sweep.report import FailedPoint, SweepFiles, SweepPoint, SweepReport
from simulator.studies.sweep.response_table import RESPONSES, SENSITIVITY, sensitivities_of

PAGE = "sweep.html"


@dataclass(frozen=True)
class Effort:
    """What was done for a report: points that were simulated, that were known, that failed, and the time it took."""

    n_simulated: int
    n_reused: int
    interrupted: bool
    wall_s: float
    failed: tuple[FailedPoint, ...] = ()
    damaged: tuple[str, ...] = ()


def about_sweep(
    record: SweepRecord, folder: Path, points: tuple[SweepPoint, ...], effort: Effort
) -> dict[str, Any]:
    """Fields of the report of a sweep, or of a search."""
    done = {point.point for point in points}
    return {
        "scenario": record.scenario,
        "scenario_hash": record.scenario_hash,
        "engine_version": record.engine_version,
        "stage": record.stage,
        "seed": record.seeds[0],
        "replications": len(record.seeds),
        "design": record.design,
        "factors": record.factors,
        "shard": record.shard,
        "n_points": len(record.points),
        "n_simulated": effort.n_simulated,
        "n_reused": effort.n_reused,
        "missing": tuple(index for index in record.own_points() if index not in done),
        "failed": effort.failed,
        "damaged": effort.damaged,
        "goals": record.goals,
        "points": points,
        "sensitivities": sensitivities_of(record, points),
        "files": SweepFiles(
            responses=str(folder / RESPONSES), sensitivity=str(folder / SENSITIVITY), page=str(folder / PAGE)
        ),
        "interrupted": effort.interrupted,
        "wall_s": effort.wall_s,
    }


def write_outputs(report: SweepReport) -> None:
    """Write `responses.parquet`, `sensitivity.parquet` and `sweep.html`.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    _write_frame(report.folder / RESPONSES, report.to_frame())
    _write_frame(report.folder / SENSITIVITY, report.sensitivity())
    page = report.to_html()
    replace_file(report.folder / PAGE, lambda file: file.write(page.encode()))


def _write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a Parquet file, in place of one that is there."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    replace_file(path, lambda file: file.write(buffer.getvalue()))
