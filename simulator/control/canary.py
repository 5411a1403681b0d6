"""The canary of a release: weights, pauses and analyses in their order, and the way back when one fails."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import simpy
from numpy.typing import NDArray

from simulator.control.canary_metrics import Seen, look
from simulator.control.canary_verdict import CanaryPhase, assess, measure, z_worse
from simulator.control.environment import Environment, Process
from simulator.mechanisms.releases.canary import Analyse, Analysis, Canary, Pause, SetMirrorRoute
from simulator.theory.sequential import bounds_of


@dataclass
class CanaryLog:
    """What happened in one rehearsal.

    Attributes
    ----------
    phase : how it ended; None: the run was over before
    ended_s : when the last step was done, or an analysis did not let it go on
    measurements : of all analyses: (time in seconds, analysis, how it ended)
    weights : (time in seconds, share of the actions that had the new version from then on)
    mirrors : (time in seconds, share of the actions that were copied to it from then on)
    """

    phase: CanaryPhase | None = None
    ended_s: float | None = None
    measurements: list[tuple[float, str, CanaryPhase]] = field(default_factory=list)
    weights: list[tuple[float, float]] = field(default_factory=list)
    mirrors: list[tuple[float, float]] = field(default_factory=list)


@dataclass(frozen=True)
class Rehearsal:
    """A canary to be played in a run; see `simulator.engine.simulate`.

    Attributes
    ----------
    canary : its steps
    begins_s : since the start of the run
    sources : streams whose actions may get the new version
    recorded : where their actions are written down
    n_recorded : such places for each version: those of the new one come next, and then the copies
    """

    canary: Canary
    begins_s: float
    sources: Sequence[int]
    recorded: Sequence[int]
    n_recorded: int
    log: CanaryLog = field(default_factory=CanaryLog)

    def process(self, env: Environment) -> Process:
        """Play it."""
        return _Stage(env, self).play()


class _Stage:
    """One rehearsal on the clock."""

    def __init__(self, env: Environment, rehearsal: Rehearsal) -> None:
        self._env = env
        self._canary = rehearsal.canary
        self._begins_s = rehearsal.begins_s
        self._log = rehearsal.log
        self._sources = rehearsal.sources
        self._before = np.array(rehearsal.recorded, dtype=np.int64)
        self._new = np.concatenate([self._before + n * rehearsal.n_recorded for n in (1, 2)])

    def play(self) -> Process:
        """Go through the steps until one does not let it go on."""
        if self._begins_s > 0.0:
            yield self._env.timeout(self._begins_s)
        start = self._look()
        phase = CanaryPhase.SUCCESSFUL
        for step in self._canary.steps:
            if isinstance(step, Pause):
                yield self._env.timeout(step.pause)
            elif isinstance(step, Analyse):
                analysis = self._canary.analyses[step.analysis]
                phase = yield from self._analyse(step.analysis, analysis, start)
                if phase is not CanaryPhase.SUCCESSFUL:
                    break
            elif isinstance(step, SetMirrorRoute):
                self._set_mirror(step.set_mirror_route)
            else:
                self._set_weight(step.set_weight)
        self._log.phase = phase
        self._log.ended_s = self._env.now
        if phase is CanaryPhase.FAILED:
            yield self._env.timeout(self._canary.rollback_time)
            self._set_weight(0.0)
            if self._log.mirrors:
                self._set_mirror(0.0)

    def _set_weight(self, weight: float) -> None:
        for stream in self._sources:
            self._env.plane.set_new_share(stream, weight)
        self._log.weights.append((self._env.now, weight))

    def _set_mirror(self, share: float) -> None:
        for stream in self._sources:
            self._env.plane.set_mirror_share(stream, share)
        self._log.mirrors.append((self._env.now, share))

    def _look(self) -> tuple[Seen, Seen]:
        """What has been seen of the new version, copies included, and of the one before."""
        return look(self._env.plane, self._new), look(self._env.plane, self._before)

    def _analyse(
        self, name: str, analysis: Analysis, start: tuple[Seen, Seen]
    ) -> Generator[simpy.Event, Any, CanaryPhase]:
        """Look at intervals until the analysis has ended."""
        if analysis.initial_delay > 0.0:
            yield self._env.look(analysis.initial_delay)
        measurements: list[CanaryPhase] = []
        before = self._look()
        bounds = _bounds(analysis)
        while True:
            yield self._env.look(analysis.interval)
            now = self._look()
            if analysis.compare is not None:
                new, stable = (seen.since(first) for seen, first in zip(now, start, strict=True))
                z = z_worse(analysis.compare, new, stable)
                is_worse = z > bounds[len(measurements)]
                measurements.append(CanaryPhase.FAILED if is_worse else CanaryPhase.SUCCESSFUL)
            else:
                new, stable = (seen.since(last) for seen, last in zip(now, before, strict=True))
                measurements.append(measure(analysis, new, stable))
            before = now
            self._log.measurements.append((self._env.now, name, measurements[-1]))
            phase = assess(analysis, measurements)
            if phase is not None:
                return phase


def _bounds(analysis: Analysis) -> NDArray[np.float64]:
    compare = analysis.compare
    if compare is None:
        return np.zeros(0)
    return np.array(bounds_of(compare.correction, analysis.count, compare.alpha))
