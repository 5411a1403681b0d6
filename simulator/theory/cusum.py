"""When does somebody who looks at a sample of answers notice that more of them are wrong? The Bernoulli CUSUM, exactly.

After every answer looked at, S = max(0, S − 1 + m · wrong); the alarm is raised when S reaches a threshold h. With
m = round(r₂ / r₁), r₁ = −ln((1 − q₁) / (1 − q₀)) and r₂ = ln(q₁ (1 − q₀) / (q₀ (1 − q₁))), this is the sequential test of a
share of wrong answers q₀ against q₁ that restarts whenever nothing speaks for q₁. S is a Markov chain on whole numbers,
so its run lengths are known exactly.

Source: Reynolds and Stoumbos, Journal of Quality Technology 31 (1999), "A CUSUM chart for monitoring a proportion when
inspecting continuously"; Brook and Evans, Biometrika 59 (1972), for the chain.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_banded

from simulator.numerics.chain import bernoulli_walk

_MAX_THRESHOLD = 20_000
_CERTAIN = 1e-4  # of alarms that come later than the last that is looked at
_LATE = 0.1  # of alarms that come after p90


@dataclass(frozen=True)
class Cusum:
    """A chart: what one wrong answer adds (less one, which every answer takes away), and where the alarm is raised."""

    wrong_adds: int  # m
    threshold: int  # h


@dataclass(frozen=True)
class Delay:
    """Answers looked at from the start of a change until the alarm; infinite where it is not raised for sure.

    Attributes
    ----------
    mean, p90 : number of answers
    mean_square : of the number of answers
    """

    mean: float
    p90: float
    mean_square: float


def weight_of_wrong(healthy: float, worse: float) -> int:
    """M for a share of wrong answers `healthy` against `worse`, both between 0 and 1."""
    down = -math.log((1.0 - worse) / (1.0 - healthy))
    up = math.log(worse * (1.0 - healthy) / (healthy * (1.0 - worse)))
    return max(2, round(up / down))


def run_length(chart: Cusum, wrong: float) -> float:
    """Answers looked at until the alarm, on average, from S = 0 with a constant share of wrong ones.

    Solves L(s) = 1 + (1 − q) L(max(0, s − 1)) + q L(s + m − 1), with L = 0 from the threshold on.
    """
    n, up = chart.threshold, chart.wrong_adds - 1
    bands = np.zeros((up + 2, n))  # row up − k holds the k-th diagonal above, the last the one below
    bands[up] = 1.0
    bands[up, 0] -= 1.0 - wrong
    bands[up + 1, :-1] = -(1.0 - wrong)
    bands[0, up:] = -wrong
    return float(solve_banded((1, up), bands, np.ones(n))[0])


def chart_of(healthy: float, worse: float, false_alarm_every: float) -> Cusum:
    """The chart with the least threshold that raises a false alarm no more often than after so many answers on average.

    Parameters
    ----------
    healthy, worse : shares of wrong answers, `worse` the larger
    false_alarm_every : answers looked at
    """
    m = weight_of_wrong(healthy, worse)
    low, high = 1, m
    while run_length(Cusum(m, high), healthy) < false_alarm_every and high < _MAX_THRESHOLD:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if run_length(Cusum(m, middle), healthy) < false_alarm_every:
            low = middle
        else:
            high = middle
    return Cusum(m, high)


def delay(chart: Cusum, wrong: NDArray[np.float64]) -> Delay:
    """Answers until the alarm from S = 0, which is the slowest, while the share of wrong ones changes.

    Parameters
    ----------
    wrong : float64[answer], share of wrong ones at each answer since the change began; where the alarm may come later than
        the last of them the mean is infinite
    """
    chances, left = np.zeros(chart.threshold), np.zeros(wrong.size)
    chances[0] = 1.0
    n_answers = bernoulli_walk(chances, np.zeros_like(chances), wrong, chart.wrong_adds, _CERTAIN, left)
    left = left[:n_answers]
    late = np.flatnonzero(left <= _LATE)
    p90 = float(late[0] + 1) if late.size else math.inf
    if left.size == 0 or left[-1] >= _CERTAIN:
        return Delay(math.inf, p90, math.inf)
    still = np.concatenate([[1.0], left[:-1]])  # without an alarm before each answer
    odd = 2.0 * np.arange(n_answers) + 1.0
    return Delay(float(still.sum()), p90, float(odd @ still))
