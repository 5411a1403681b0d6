"""What a sweep leaves beside its runs: tables and a page; and its document, from which the terminal is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from simulator.results.store.sweep_folder import SweepRecord, replace_file
from simulator.studies.run.document import JsonObject
from simulator.studies.sweep.response_table import (
    IS_PARETO,
    RESPONSES,
    SENSITIVITY,
    goals_of,
    response_table,
    sensitivity_table,
    write_frame,
)
from simulator.studies.sweep.sweep_page import PAGE, sweep_page

SCHEMA = 1


@dataclass(frozen=True)
class SweepOutputs:
    """The tables of a sweep, and the files they are in."""

    folder: Path
    table: pd.DataFrame
    sensitivity: pd.DataFrame


def write_outputs(
    folder: Path, record: SweepRecord, documents: Mapping[int, Mapping[str, Any]]
) -> SweepOutputs:
    """Write `responses.parquet`, `sensitivity.parquet` and `sweep.html`.

    Parameters
    ----------
    documents : of the runs, by number of the point; none may be there yet
    """
    outputs = tables_of(folder, record, documents)
    write_frame(folder / RESPONSES, outputs.table)
    write_frame(folder / SENSITIVITY, outputs.sensitivity)
    page = sweep_page(record, outputs.table, outputs.sensitivity)
    replace_file(folder / PAGE, lambda file: file.write(page.encode()))
    return outputs


def tables_of(folder: Path, record: SweepRecord, documents: Mapping[int, Mapping[str, Any]]) -> SweepOutputs:
    """The tables of a sweep, of which nothing is written."""
    table = response_table(record, documents)
    return SweepOutputs(folder, table, sensitivity_table(record, table))


def sweep_document(
    record: SweepRecord,
    outputs: SweepOutputs,
    *,
    n_reused: int,
    n_simulated: int,
    interrupted: bool,
    wall_s: float,
) -> JsonObject:
    """The JSON document of a sweep: how much was done, and every point with its responses."""
    table = outputs.table
    own = record.own_points()
    done = set(table["point"])
    return {
        "schema": SCHEMA,
        "scenario": record.scenario,
        "scenario_hash": record.scenario_hash,
        "engine_version": record.engine_version,
        "stage": record.stage,
        "seed": record.seeds[0],
        "replications": len(record.seeds),
        "design": record.design,
        "factors": [dict(factor) for factor in record.factors],
        "shard": None if record.shard is None else list(record.shard),
        "n_points": len(record.points),
        "n_simulated": n_simulated,
        "n_reused": n_reused,
        "missing": [index for index in own if index not in done],
        "goals": [{"response": goal.response, "direction": goal.direction} for goal in goals_of(record)],
        "pareto": [int(index) for index in table.loc[table[IS_PARETO], "point"]],
        "points": points_document(table),
        "sensitivity": points_document(outputs.sensitivity),
        "files": {
            "responses": str(outputs.folder / RESPONSES),
            "sensitivity": str(outputs.folder / SENSITIVITY),
            "page": str(outputs.folder / PAGE),
        },
        "interrupted": interrupted,
        "wall_s": wall_s,
    }


def points_document(table: pd.DataFrame) -> list[JsonObject]:
    """Rows of a table as JSON: what is not known is null."""
    columns = {name: [_plain(value) for value in table[name].tolist()] for name in table.columns}
    return [{name: values[row] for name, values in columns.items()} for row in range(len(table))]


def _plain(value: Any) -> Any:
    is_number = isinstance(value, float) and not isinstance(value, bool)
    return None if value is None or (is_number and not np.isfinite(value)) else value
