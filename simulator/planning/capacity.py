"""The cheapest capacity under which a stage's peaks meet every objective.

The black box of `simulator.planning.search` is here a simulation: a setting of the knobs goes into the
scenario, the peaks are replicated until their objectives are decided, and the strain of the targets says what
presses. Considered are settings that carry the offered load. Objectives on cost take no part: more capacity
makes them worse, and they are held against the month afterwards.

What not even the top of every knob meets is out of reach. It is missed whatever is bought, so the search goes on
for the other objectives, and for coming as near to this one as the top does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from pathlib import Path

from simulator.planning.bench import Bench, Evidence
from simulator.planning.bounds import guessed_amount, least_amount, level_for
from simulator.planning.knobs import Axis, amounts, axes_of, with_setting
from simulator.planning.overload import strain_by_station
from simulator.planning.search import Evaluation, Found, Setting, cheapest
from simulator.planning.verdicts import SloVerdict, Subject, evaluate_slos
from simulator.planning.windows import Peak
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario

MAX_SETTINGS = 60  # simulated for one stage; the search says when it was cut short
_KEPT = 4  # settings whose runs stay in memory: the answer is nearly always among the last
_AS_NEAR = (
    0.1  # slack; assumption: of an objective out of reach, what is no worse than the top by more is as near
)


@dataclass(frozen=True)
class StageCapacity:
    """What to have in place for a stage's peaks, and the evidence."""

    scenario: Scenario  # with the capacity in it
    amounts: Mapping[str, Mapping[str, float]]  # knob path → region → amount
    out_of_reach: tuple[str, ...]  # objectives that not even the top of every knob meets
    is_cheapest: bool
    evidence: tuple[Evidence, ...]  # of every peak at that capacity, without objectives on cost
    n_settings: int

    @property
    def is_feasible(self) -> bool:
        return not self.out_of_reach


class _Trial:
    """Simulates settings of one stage's knobs, each once, and peak by peak only until one does not hold."""

    def __init__(self, bench: Bench, scenario: Scenario, axes: Sequence[Axis], peaks: Sequence[Peak]) -> None:
        self._bench = bench
        self._scenario = scenario
        self._axes = axes
        self._peaks = peaks
        self._order = list(range(len(peaks)))  # the peak that failed last is asked first
        self._best_slack: list[dict[Subject, float]] = [{} for _ in peaks]  # of what is out of reach
        self._known: dict[Setting, Evaluation] = {}
        self._recent: dict[Setting, dict[int, Evidence]] = {}

    @property
    def n_settings(self) -> int:
        return len(self._known)

    def evaluate(self, setting: Setting) -> Evaluation:
        if setting not in self._known:
            self._known[setting] = self._evaluated(setting)
        return self._known[setting]

    def evidence(self, setting: Setting) -> tuple[Evidence, ...]:
        """Evidence of every peak, simulated now where it was not kept."""
        return tuple(self._at(setting, index) for index in range(len(self._peaks)))

    def give_up_beyond(self, top: Setting) -> tuple[str, ...]:
        """Set aside what not even `top` meets or can be shown to meet; returns the objectives, if any.

        Replications end as soon as something is missed. What is still open then is replicated further here.
        """
        for index, best in enumerate(self._best_slack):
            while missed := _missed(
                found for found in self._at(top, index).verdicts if found.subject not in best
            ):
                best.update({found.subject: found.slack for found in missed})
                self._recent[top][index] = self._simulated(top, index, self._recent[top][index].results)
            best.update({of.subject: of.slack for of in self._at(top, index).verdicts if of.subject in best})
        self._known.clear()
        names = dict.fromkeys(slo for best in self._best_slack for slo, _ in best)
        return tuple(slo.name for slo in self._scenario.slos if slo.name in names)

    def _holds(self, index: int, found: SloVerdict) -> bool:
        """The objective is met, or it is out of reach and as near as can be."""
        best = self._best_slack[index].get(found.subject)
        if best is None:
            return found.verdict == "PASS"
        return isnan(best) or found.slack >= best - _AS_NEAR

    def _evaluated(self, setting: Setting) -> Evaluation:
        for index in list(self._order):
            evidence = self._at(setting, index)
            if not all(self._holds(index, found) for found in evidence.verdicts):
                self._order.remove(index)
                self._order.insert(0, index)
                return Evaluation(holds=False, pressure=self._pressures(setting, evidence.results))
        return Evaluation(holds=True, pressure=(0.0,) * len(self._axes))

    def _at(self, setting: Setting, index: int) -> Evidence:
        if setting not in self._recent:
            while len(self._recent) >= _KEPT:
                del self._recent[next(iter(self._recent))]
            self._recent[setting] = {}
        kept = self._recent[setting]
        if index not in kept:
            kept[index] = self._simulated(setting, index)
        return kept[index]

    def _simulated(self, setting: Setting, index: int, known: Sequence[RunResult] = ()) -> Evidence:
        peak = self._peaks[index]
        planned = with_setting(self._scenario, self._axes, setting)

        def judge(results: Sequence[RunResult]) -> tuple[SloVerdict, ...]:
            by_region = (evaluate_slos(planned, results, region=region) for region in peak.regions)
            return tuple(found for verdicts in by_region for found in verdicts)

        return self._bench.until_decided(planned, peak.window, judge, self._best_slack[index], known)

    def _pressures(self, setting: Setting, results: Sequence[RunResult]) -> tuple[float, ...]:
        """Strain at each axis's target, more where the load needs more of what this axis limits."""
        strains = {(at.target, at.region): strain for at, strain in strain_by_station(results).items()}
        pressures = []
        for axis, level in zip(self._axes, setting, strict=True):
            needed = guessed_amount(self._scenario, axis, results, self._bench.base_dir)
            pressures.append(
                (strains[axis.target, axis.region] + 1e-6) * needed / max(axis.levels[level], 1.0)
            )
        return tuple(pressures)


def plan_capacity(
    bench: Bench, scenario: Scenario, peaks: Sequence[Peak], told: Callable[[int], None] | None = None
) -> StageCapacity:
    """Find the cheapest setting of a scenario's knobs that meets every objective at every peak.

    Without knobs the scenario is simulated as it is.

    Parameters
    ----------
    bench : where to simulate
    peaks : of the stage, headroom included
    told : called with the number of settings simulated so far
    """
    axes = axes_of(scenario)
    trial = _Trial(bench, scenario, axes, peaks)

    def evaluate(setting: Setting) -> Evaluation:
        found = trial.evaluate(setting)
        if told is not None:
            told(trial.n_settings)
        return found

    top = tuple(len(axis.levels) - 1 for axis in axes)
    out_of_reach = () if evaluate(top).holds else trial.give_up_beyond(top)
    generous = [evidence.results for evidence in trial.evidence(top)]
    found = _search(scenario, axes, generous, evaluate, bench.base_dir)
    return StageCapacity(
        scenario=with_setting(scenario, axes, found.setting),
        amounts=amounts(axes, found.setting),
        out_of_reach=out_of_reach,
        is_cheapest=found.is_cheapest,
        evidence=trial.evidence(found.setting),
        n_settings=trial.n_settings,
    )


def _search(
    scenario: Scenario,
    axes: Sequence[Axis],
    generous: Sequence[Sequence[RunResult]],
    evaluate: Callable[[Setting], Evaluation],
    base_dir: Path,
) -> Found:
    """Search among the settings that carry the load offered at every peak."""
    least = [
        max(level_for(axis, least_amount(scenario, axis, results, base_dir)) for results in generous)
        for axis in axes
    ]
    guess = [
        max(level_for(axis, guessed_amount(scenario, axis, results, base_dir)) for results in generous)
        for axis in axes
    ]

    def raised(setting: Setting) -> Setting:
        return tuple(level + lowest for level, lowest in zip(setting, least, strict=True))

    found = cheapest(
        [axis.cost_usd[lowest:] for axis, lowest in zip(axes, least, strict=True)],
        lambda setting: evaluate(raised(setting)),
        tuple(level - lowest for level, lowest in zip(guess, least, strict=True)),
        MAX_SETTINGS,
    )
    return Found(raised(found.setting), found.holds, found.is_cheapest, found.n_evaluations)


def _missed(verdicts: Iterable[SloVerdict]) -> list[SloVerdict]:
    """What is missed; where nothing is, what cannot be decided."""
    found = list(verdicts)
    failed = [verdict for verdict in found if verdict.verdict == "FAIL"]
    return failed or [verdict for verdict in found if verdict.verdict == "UNDECIDED"]
