"""What a test set sees of a release before any user gets it, and how many questions it would take to see more.

It judges answers only: what is slower or dearer passes it as often as what changes nothing.
"""

from collections.abc import Iterator

from simulator.mechanisms.releases.canary import Evaluation
from simulator.studies.canary.power import POWER
from simulator.studies.canary.report import DetectableFall
from simulator.theory.mcnemar import power, questions_needed

FALLS = (0.01, 0.02, 0.05)  # of success that are asked about


def stops(evaluation: Evaluation, success_rate: float, change: float) -> float:
    """Chance that a release is stopped whose success rate differs by `change` (a share) from `success_rate` before it."""
    against, in_favour = _differing(evaluation, success_rate, change)
    return power(evaluation.questions, against, in_favour, evaluation.alpha)


def detectable_falls(evaluation: Evaluation, success_rate: float) -> Iterator[DetectableFall]:
    """Whether each fall that is asked about, and possible, is seen, and how many questions that takes."""
    for fall in FALLS:
        if fall < success_rate:
            against, in_favour = _differing(evaluation, success_rate, -fall)
            questions = questions_needed(against, in_favour, evaluation.alpha, POWER)
            stopped = stops(evaluation, success_rate, -fall)
            yield DetectableFall(fall=fall, stopped=stopped, questions_needed=questions)


def _differing(evaluation: Evaluation, success_rate: float, change: float) -> tuple[float, float]:
    """Shares of the questions that only the old, and only the new version gets right.

    Half of the flips go either way, as far as there are right and wrong answers to flip; the change comes on top.
    """
    worse, better = max(0.0, -change), max(0.0, change)
    by_chance = min(evaluation.flips / 2.0, success_rate - worse, 1.0 - success_rate - better)
    by_chance = max(0.0, by_chance)
    return min(worse, success_rate) + by_chance, min(better, 1.0 - success_rate) + by_chance
