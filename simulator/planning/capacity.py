"""The cheapest capacity under which a stage's peak meets every objective.

The black box of `simulator.planning.search` is here a simulation: a setting of the knobs goes into the
scenario, the peak is replicated until its objectives are decided, and the strain of the targets says what
presses. Objectives on cost take no part: more capacity makes them worse, and they are held against the month
afterwards.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from simulator.compiler.demand import DemandWindow
from simulator.planning.bench import Bench, Evidence
from simulator.planning.bounds import first_guess, needed_amount
from simulator.planning.knobs import Axis, amounts, axes_of, with_setting
from simulator.planning.overload import strain_by_station
from simulator.planning.search import Evaluation, Setting, cheapest
from simulator.planning.verdicts import evaluate_slos
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario

MAX_SETTINGS = 80  # simulated for one stage; the search says when it was cut short
_KEPT = 4  # settings whose runs stay in memory: the answer is nearly always among the last


@dataclass(frozen=True)
class StageCapacity:
    """What to have in place for a stage's peak, and the evidence."""

    scenario: Scenario  # with the capacity in it
    amounts: Mapping[str, Mapping[str, float]]  # knob path → region → amount
    is_feasible: bool
    is_cheapest: bool
    evidence: Evidence  # of the peak at that capacity, without objectives on cost
    n_settings: int


class _Trial:
    """Simulates settings of one stage's knobs, each once."""

    def __init__(self, bench: Bench, scenario: Scenario, axes: Sequence[Axis], window: DemandWindow) -> None:
        self._bench = bench
        self._scenario = scenario
        self._axes = axes
        self._window = window
        self._known: dict[Setting, Evaluation] = {}
        self._recent: dict[Setting, Evidence] = {}

    @property
    def n_settings(self) -> int:
        return len(self._known)

    def evaluate(self, setting: Setting) -> Evaluation:
        if setting not in self._known:
            evidence = self.evidence(setting)
            pressure = tuple(
                _pressure(self._scenario, axis, axis.levels[level], evidence.results)
                for axis, level in zip(self._axes, setting, strict=True)
            )
            self._known[setting] = Evaluation(evidence.holds, pressure)
        return self._known[setting]

    def evidence(self, setting: Setting) -> Evidence:
        if setting not in self._recent:
            planned = with_setting(self._scenario, self._axes, setting)
            while len(self._recent) >= _KEPT:
                del self._recent[next(iter(self._recent))]
            self._recent[setting] = self._bench.until_decided(
                planned, self._window, lambda results: evaluate_slos(planned, results)
            )
        return self._recent[setting]


def plan_capacity(
    bench: Bench,
    scenario: Scenario,
    window: DemandWindow,
    told: Callable[[int], None] | None = None,
) -> StageCapacity:
    """Find the cheapest setting of a scenario's knobs that meets every objective in a window.

    Without knobs the scenario is simulated as it is. If not even the top of every knob is enough, that top is
    what comes back, not feasible.

    Parameters
    ----------
    bench : where to simulate
    window : the stage's peak, headroom included
    told : called with the number of settings simulated so far
    """
    axes = axes_of(scenario)
    trial = _Trial(bench, scenario, axes, window)

    def evaluate(setting: Setting) -> Evaluation:
        found = trial.evaluate(setting)
        if told is not None:
            told(trial.n_settings)
        return found

    top = tuple(len(axis.levels) - 1 for axis in axes)
    guess = top
    if evaluate(top).holds:
        guess = first_guess(scenario, axes, trial.evidence(top).results)
    found = cheapest([axis.cost_usd for axis in axes], evaluate, guess, MAX_SETTINGS)
    return StageCapacity(
        scenario=with_setting(scenario, axes, found.setting),
        amounts=amounts(axes, found.setting),
        is_feasible=found.holds,
        is_cheapest=found.is_cheapest,
        evidence=trial.evidence(found.setting),
        n_settings=trial.n_settings,
    )


def _pressure(scenario: Scenario, axis: Axis, amount: float, results: Sequence[RunResult]) -> float:
    """Strain at an axis's target, more where the load needs more of what this axis limits."""
    strain = next(
        strain
        for station, strain in strain_by_station(results).items()
        if (station.target, station.region) == (axis.target, axis.region)
    )
    filled = needed_amount(scenario, axis, results) / max(amount, 1.0)
    return (strain + 1e-6) * filled
