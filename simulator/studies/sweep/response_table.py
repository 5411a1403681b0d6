"""The table of a sweep: a row per point, with what was varied and what came of it; and what follows from it."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.metrics.registry import ACTIONS
from simulator.results.store.store import Store
from simulator.results.store.stored_run import StoreError
from simulator.results.store.sweep_folder import SweepRecord, replace_file
from simulator.studies.sweep.design_kind import DesignKind
from simulator.studies.sweep.parameters import numbers_of
from simulator.studies.sweep.pareto import pareto_front
from simulator.studies.sweep.responses import Goal, find_response, response_estimates, worst_verdict
from simulator.studies.sweep.sensitivity import Sensitivity, sensitivities, sobol_sensitivities

RESPONSES = "responses.parquet"
SENSITIVITY = "sensitivity.parquet"
IS_PARETO = "is_pareto"
DEFAULT_GOALS = (
    Goal(ACTIONS["latency"].path("p95"), "minimise"),
    Goal("cost_per_successful_action", "minimise"),
)


def response_table(record: SweepRecord, documents: Mapping[int, Mapping[str, Any]]) -> pd.DataFrame:
    """A row per point that was run, in the order of the design.

    Parameters
    ----------
    record : the sweep
    documents : of the runs, by number of the point

    Returns
    -------
    `point` and `key` of the run; a column per factor, numbers where they are; `verdict`, the worst of the
    objectives; per response its value, and `.low` and `.high` of its 95 % interval; `is_pareto`
    """
    indices = sorted(documents)
    frame = pd.DataFrame({"point": indices, "key": [record.keys[index] for index in indices]})
    columns: dict[str, Any] = {}
    for position, factor in enumerate(record.factors):
        texts = [record.points[index][position] for index in indices]
        numbers = numbers_of(texts)
        columns[factor["path"]] = texts if numbers is None else numbers
    columns["verdict"] = [worst_verdict(documents[index]) for index in indices]
    rows = [response_estimates(documents[index]) for index in indices]
    for name in dict.fromkeys(name for row in rows for name in row):
        for part, suffix in (("value", ""), ("low", ".low"), ("high", ".high")):
            values = [(row.get(name) or {}).get(part) for row in rows]
            columns[name + suffix] = np.array(values, dtype=np.float64)
    columns[IS_PARETO] = front(goals_of(record), columns, len(indices))
    return pd.concat([frame, pd.DataFrame(columns, index=frame.index)], axis=1)


def goals_of(record: SweepRecord) -> list[Goal]:
    """What the Pareto front of a sweep is of."""
    return [Goal(name, "maximise" if how == "maximise" else "minimise") for name, how in record.goals]


def front(goals: Sequence[Goal], columns: Mapping[str, Any], n_points: int) -> NDArray[np.bool_]:
    """Which rows no other row beats; a goal of which nothing was observed anywhere is left out."""
    costs = [goal.sign * np.asarray(columns[goal.response]) for goal in goals if goal.response in columns]
    costs = [column for column in costs if np.isfinite(column).any()]
    return pareto_front(np.column_stack(costs)) if costs else np.zeros(n_points, dtype=np.bool_)


def sensitivity_table(record: SweepRecord, table: pd.DataFrame) -> pd.DataFrame:
    """Sensitivity of what the sweep is after to each factor; no rows where there are too few points."""
    factors = {factor["path"]: _numbers(table[factor["path"]]) for factor in record.factors}
    wanted = [goal.response for goal in goals_of(record)] + ["success_rate", "availability", "goodput_rps"]
    responses = {
        name: table[name].to_numpy(dtype=np.float64) for name in dict.fromkeys(wanted) if name in table
    }
    found: list[Sensitivity] = []
    if record.design == DesignKind.SALTELLI and len(table):
        found = sobol_sensitivities(factors, responses, table["point"].to_numpy(dtype=np.int64))
    elif len(table):
        found = sensitivities(factors, responses)
    names = [field.name for field in fields(Sensitivity)]
    numbers = dict.fromkeys(names[2:], "float64")
    return pd.DataFrame([asdict(row) for row in found], columns=names).astype(numbers)


def read_documents(store: Store, record: SweepRecord) -> dict[int, dict[str, Any]]:
    """Documents of the points whose runs are in the store."""
    found = {}
    for index, key in enumerate(record.keys):
        run = store.find(key)
        if run is not None:
            found[index] = run.summary()
    return found


def write_frame(path: Path, frame: pd.DataFrame) -> None:
    """Write a Parquet file, in place of one that is there."""
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    replace_file(path, lambda file: file.write(buffer.getvalue()))


def resolved_goals(goals: Sequence[Goal], known: Sequence[str]) -> list[Goal]:
    """Goals with the names that the table has; the usual ones where none are given."""
    return [Goal(find_response(goal.response, known), goal.direction) for goal in goals or DEFAULT_GOALS]


def read_table(folder: Path) -> pd.DataFrame:
    """The table of a sweep's folder.

    Raises
    ------
    StoreError
        If it cannot be read.
    """
    try:
        return pd.read_parquet(folder / RESPONSES)
    except (OSError, ValueError) as error:
        raise StoreError(f"cannot read {folder / RESPONSES}: {error}") from error


def _numbers(column: pd.Series) -> NDArray[np.float64]:
    """A column as numbers; words by the order in which they come up."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=np.float64)
    codes, _ = pd.factorize(column)
    return np.asarray(codes, dtype=np.float64)
