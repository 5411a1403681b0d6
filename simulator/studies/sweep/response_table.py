"""The table of a sweep: a row per point, with what was varied and what came of it; and what follows from it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.metrics.registry import ACTIONS
from simulator.results.store.store import Store
from simulator.results.store.stored_run import StoreError
from simulator.studies.run.report import RunReport
from simulator.studies.sweep.design_kind import DesignKind
from simulator.studies.sweep.folder import SweepRecord
from simulator.studies.sweep.parameters import numbers_of
from simulator.studies.sweep.report import Goal, Sensitivity, Setting, SweepPoint
from simulator.studies.sweep.responses import PointOutcome, find_response, outcome_of
from simulator.studies.sweep.sensitivity import sensitivities, sobol_sensitivities
from simulator.theory.pareto import pareto_front

RESPONSES = "responses.parquet"
SENSITIVITY = "sensitivity.parquet"
DEFAULT_GOALS = (
    Goal(response=ACTIONS["latency"].path("p95"), direction="minimise"),
    Goal(response="cost_per_successful_action", direction="minimise"),
)
_ALWAYS_OF_INTEREST = ("success_rate", "availability", "goodput_rps")


def known_outcomes(
    store: Store, keys: Mapping[int, str]
) -> tuple[dict[int, PointOutcome], dict[int, StoreError]]:
    """What the runs that are in the store answer, and what is wrong with those that are damaged, by number of the point."""
    outcomes, damaged = {}, {}
    for index, key in keys.items():
        try:
            run = store.find(key)
            if run is not None:
                run.verify()
                outcomes[index] = outcome_of(run.summary(RunReport))
        except StoreError as error:
            damaged[index] = error
    return outcomes, damaged


def without_damaged(store: Store, keys: Mapping[int, str]) -> tuple[dict[int, PointOutcome], tuple[str, ...]]:
    """What the whole runs in the store answer; the damaged ones are set aside, so that they can be run again, and told.

    Raises
    ------
    StoreError
        If the folder cannot be written.
    """
    outcomes, damaged = known_outcomes(store, keys)
    for key in {keys[index] for index in damaged}:
        store.set_aside(key)
    return outcomes, tuple(dict.fromkeys(map(str, damaged.values())))


def points_of(
    record: SweepRecord,
    outcomes: Mapping[int, PointOutcome],
    is_feasible: Callable[[PointOutcome], bool] | None = None,
) -> tuple[SweepPoint, ...]:
    """Every point that was run, in the order of the design.

    Parameters
    ----------
    record : the sweep
    outcomes : of the runs, by number of the point
    is_feasible : whether a point may be on the Pareto front; None: every point may
    """
    indices = sorted(outcomes)
    settings = {
        factor.path: _settings([record.points[index][place] for index in indices])
        for place, factor in enumerate(record.factors)
    }
    names = dict.fromkeys(name for index in indices for name in outcomes[index].responses)
    feasible = [None if is_feasible is None else is_feasible(outcomes[index]) for index in indices]
    on_front = _front(record.goals, [outcomes[index] for index in indices], feasible)
    return tuple(
        SweepPoint(
            point=index,
            key=record.keys[index],
            settings={path: values[row] for path, values in settings.items()},
            verdict=outcomes[index].verdict,
            responses={name: outcomes[index].responses.get(name) for name in names},
            is_pareto=bool(on_front[row]),
            is_feasible=feasible[row],
        )
        for row, index in enumerate(indices)
    )


def sensitivities_of(record: SweepRecord, points: Sequence[SweepPoint]) -> tuple[Sensitivity, ...]:
    """Sensitivity of what the sweep is after to each factor; none where there are too few points."""
    if not points:
        return ()
    factors = {factor.path: _numbers([p.settings[factor.path] for p in points]) for factor in record.factors}
    wanted = dict.fromkeys([*(goal.response for goal in record.goals), *_ALWAYS_OF_INTEREST])
    responses = {
        name: np.array([point.value(name) for point in points], dtype=np.float64)
        for name in wanted
        if name in points[0].responses
    }
    if record.design == DesignKind.SALTELLI:
        numbers = np.array([point.point for point in points], dtype=np.int64)
        return tuple(sobol_sensitivities(factors, responses, numbers))
    return tuple(sensitivities(factors, responses))


def response_frame(points: Sequence[SweepPoint]) -> pd.DataFrame:
    """A row per point.

    Returns
    -------
    `point` and `key` of the run; a column per factor, numbers where they are; `verdict`, the worst of the
    objectives; per response its value, and `.low` and `.high` of its 95 % interval; `is_pareto`; and
    `is_feasible` of a search
    """
    if not points:
        return pd.DataFrame(columns=["point", "key", "verdict", "is_pareto"])
    frame = pd.DataFrame([point.row() for point in points])
    measured = [f"{name}{end}" for name in points[0].responses for end in ("", ".low", ".high")]
    return frame.astype(dict.fromkeys(measured, "float64"))


def sensitivity_frame(found: Sequence[Sensitivity]) -> pd.DataFrame:
    """A row per response and factor."""
    names = list(Sensitivity.model_fields)
    frame = pd.DataFrame([row.model_dump() for row in found], columns=names)
    return frame.astype(dict.fromkeys(names[2:], "float64"))


def resolved_goals(goals: Sequence[Goal], known: Sequence[str]) -> list[Goal]:
    """Goals with the names that the table has; the usual ones where none are given."""
    return [
        goal.model_copy(update={"response": find_response(goal.response, known)})
        for goal in goals or DEFAULT_GOALS
    ]


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


def _settings(texts: Sequence[str]) -> Sequence[Setting]:
    numbers = numbers_of(texts)
    return texts if numbers is None else numbers


def _front(
    goals: Sequence[Goal], outcomes: Sequence[PointOutcome], feasible: Sequence[bool | None]
) -> NDArray[np.bool_]:
    """Which points no other one beats; a goal of which nothing was observed anywhere is left out."""
    columns = [
        [
            None if may is False else outcome.value(goal.response)
            for outcome, may in zip(outcomes, feasible, strict=True)
        ]
        for goal in goals
    ]
    costs = [
        goal.sign * np.array(column, dtype=np.float64) for goal, column in zip(goals, columns, strict=True)
    ]
    costs = [column for column in costs if np.isfinite(column).any()]
    return pareto_front(np.column_stack(costs)) if costs else np.zeros(len(outcomes), dtype=np.bool_)


def _numbers(settings: Sequence[Setting]) -> NDArray[np.float64]:
    """Settings as numbers; words by the order in which they come up."""
    if all(isinstance(setting, float) for setting in settings):
        return np.array(settings, dtype=np.float64)
    codes, _ = pd.factorize(np.array(settings, dtype=object))
    return np.asarray(codes, dtype=np.float64)
