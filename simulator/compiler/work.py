"""How many actions would a window simulate, and is that more than anybody waits for?

The work that a file implies is known before it is begun: users times actions, or the rate of a recording.
"""

from pathlib import Path

import numpy as np

from simulator.compiler.courses import courses
from simulator.compiler.demand import DemandWindow
from simulator.compiler.stage_shares import daily_shares
from simulator.errors import InvalidScenarioError
from simulator.scenario.model import Scenario

MOST_ACTIONS = 1e9  # in one window: a quarter of an hour for the simplest of them, on one core
_PER_SECOND = 1e6  # simulated, of a usual scenario
_ROUNDING = 1.0 + 1e-9


class TooManyActionsError(InvalidScenarioError):
    """A window that nobody would see the end of; the message says how many actions it has."""


def actions_in(window: DemandWindow) -> float:
    """Actions that are expected to be simulated, those of the warm-up included."""
    return float(window.mean_rps.sum()) * (window.warmup_s + window.duration_s)


def at_most_in_windows(scenario: Scenario, base_dir: Path) -> float:
    """Actions that no window of any stage exceeds: those of a span in which every stream's busiest hour lasts."""
    most_rps = np.array([course.mean_rps * course.week.max() for course in courses(scenario, base_dir)])
    shares = [daily_shares(scenario, stage, base_dir).shares.max(axis=0) for stage in scenario.stages]
    length_s = scenario.window.known_warmup_s + scenario.window.duration
    return max(float(share @ most_rps) for share in shares or [np.ones(most_rps.size)]) * length_s * _ROUNDING


def refuse_too_many(window: DemandWindow) -> None:
    """Complain about a window that has more than `MOST_ACTIONS`.

    Raises
    ------
    TooManyActionsError
        With what one replication would take.
    """
    n_actions = actions_in(window)
    if n_actions > MOST_ACTIONS:
        where = "full exposure" if window.stage is None else f"stage {window.stage}"
        raise TooManyActionsError(
            f"{where} sends {n_actions:.2g} actions in a window of {(window.warmup_s + window.duration_s) / 3600.0:.3g} h, "
            f"about {n_actions / _PER_SECOND / 3600.0:.2g} h for one run; at most {MOST_ACTIONS:.0e}: give a shorter "
            "`window.duration`, or model a share of the users with the same share of capacity and quota"
        )
