"""Search for the Pareto-optimal points, by optuna: it proposes batches, the caller simulates them.

Batches have a fixed size, and what is reported back goes in the order of the proposals. So one seed gives one search,
however many workers simulate; and a search that was cut short repeats itself up to there from stored points.
"""

from collections.abc import Callable, Sequence
from typing import Any

from simulator.studies.sweep.designs import Values
from simulator.studies.sweep.parameters import Levels, Parameter, SweepError

BATCH = 8
Evaluation = tuple[Sequence[float], Sequence[float]]  # a cost per goal, low is good; an excess per constraint
Evaluate = Callable[[Sequence[Values]], Sequence[Evaluation | None] | None]


def search(
    factors: Sequence[Parameter], n_goals: int, n_points: int, seed: int, evaluate: Evaluate
) -> list[Values]:
    """Propose up to `n_points` points, batch by batch.

    Parameters
    ----------
    factors : what may be chosen; lists are taken as words, without an order
    n_goals : costs per evaluation
    seed : of the search
    evaluate : costs and excesses of each point of a batch; None for a point that has none; None: stop

    Returns
    -------
    All points that were proposed, in order; some may be proposed twice

    Raises
    ------
    SweepError
        If optuna is not installed, or there is nothing to choose.
    """
    try:
        import optuna  # an extra, and slow to import
    except ImportError as error:
        raise SweepError("a search takes the extra `optimise`: pip install '.[optimise]'") from error
    if not factors or n_goals < 1 or n_points < 1:
        raise SweepError("a search takes something to vary, a goal, and at least one point")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(
        seed=seed,
        n_startup_trials=min(max(10, 2 * len(factors)), max(1, n_points // 2)),
    )
    study = optuna.create_study(directions=["minimize"] * n_goals, sampler=sampler)
    proposed: list[Values] = []
    while len(proposed) < n_points:
        trials = [study.ask() for _ in range(min(BATCH, n_points - len(proposed)))]
        batch = [tuple(_suggest(trial, factor) for factor in factors) for trial in trials]
        evaluations = evaluate(batch)
        if evaluations is None:
            break
        proposed += batch
        for trial, evaluation in zip(trials, evaluations, strict=True):
            if evaluation is None:
                study.tell(trial, state=optuna.trial.TrialState.FAIL)
            else:
                costs, excesses = evaluation
                for number, excess in enumerate(excesses):
                    trial.set_constraint(f"constraint {number}", excess)
                study.tell(trial, list(costs))
    return proposed


def _suggest(trial: Any, factor: Parameter) -> str:
    domain = factor.domain
    if isinstance(domain, Levels):
        return str(trial.suggest_categorical(factor.path, list(domain.texts)))
    if domain.kind == "integers":
        return domain.write(
            float(trial.suggest_int(factor.path, int(domain.parameters[0]), int(domain.parameters[1])))
        )
    # Sought over the distribution's shares, so that its shape says where to look most.
    return domain.at(float(trial.suggest_float(factor.path, 0.0, 1.0)))
