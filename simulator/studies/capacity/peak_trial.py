"""One stage's peaks with one setting of the knobs: simulated, judged, and asked where it presses.

Each setting is simulated once, and peak by peak (and, if the scenario asks for it, under one contingency after the
other) only until one does not hold. What not even the top of every knob meets
can be set aside: it is missed whatever is bought, and a setting that comes as near as the top does holds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import ceil, inf, isnan

from simulator.compiler.demand import DemandWindow
from simulator.mechanisms.providers.shared_quotas import EVERYWHERE
from simulator.results.run_result import RunResult
from simulator.scenario.contingency_places import ContingencyCase
from simulator.scenario.model import Scenario
from simulator.studies.capacity.bounds import guessed_amount
from simulator.studies.capacity.closeness import Closeness, closeness
from simulator.studies.capacity.contingencies import under
from simulator.studies.capacity.knobs import Axis, with_setting
from simulator.studies.capacity.refusal import Refusal, missed_of
from simulator.studies.capacity.retry_storms import ENOUGH_RUNS, may_collapse
from simulator.studies.capacity.search import Setting, SettingEvaluation
from simulator.studies.common.replicator import Evidence, Judge, Replicator
from simulator.studies.common.run_length import wander_s
from simulator.studies.common.saturation import strain_by_station
from simulator.studies.common.verdicts.objectives import SloVerdict, Subject
from simulator.studies.common.windows import Peak

_KEPT = 4  # settings whose runs stay in memory: the answer is nearly always among the last
# slack; assumption: of an objective out of reach, what is no worse than the top by more is as near
_AS_NEAR = 0.1
_FINE_EVENTS = (
    30e6  # spent in all on what lies so near to a limit that the usual replications do not tell; assumption
)
_MOST_BYTES = (
    128e6  # of the histograms of one setting at one peak, which must be in memory together; assumption
)


class PeakTrial:
    """Simulates settings of one stage's knobs at its peaks.

    Parameters
    ----------
    replicator : where to simulate
    axes : the knobs, region by region
    peaks : of the stage, headroom included
    cases : what goes wrong, one at a time, at every peak besides the healthy ones
    """

    def __init__(
        self,
        replicator: Replicator,
        scenario: Scenario,
        axes: Sequence[Axis],
        peaks: Sequence[Peak],
        cases: Sequence[ContingencyCase] = (),
    ) -> None:
        self._replicator = replicator
        self._scenario = scenario
        self._axes = axes
        self._situations = [(peak, case) for case in (None, *cases) for peak in peaks]
        n_healthy, n_all = len(peaks), len(self._situations)
        # what failed last is asked first; at the beginning what goes wrong, because it is harder
        self._order = [*range(n_healthy, n_all), *range(n_healthy)]
        self._best_slack: list[dict[Subject, float]] = [
            {} for _ in self._situations
        ]  # of what is out of reach
        self._open_at_top: list[set[Subject]] = [
            set() for _ in self._situations
        ]  # part of it: perhaps met there
        self._watches = replicator.max_runs is None and (may_collapse(scenario) or wander_s(scenario) > 0.0)
        self._known: dict[Setting, SettingEvaluation] = {}
        self._refusals: dict[Setting, Refusal] = {}
        self._recent: dict[Setting, dict[int, Evidence]] = {}
        self._n_fine_left = 0.0 if replicator.max_runs is not None else _FINE_EVENTS
        self._ties: set[Setting] = set()
        self._open: set[Setting] = set()

    @property
    def n_settings(self) -> int:
        """Settings simulated so far."""
        return len(self._known)

    @property
    def asked(self) -> tuple[Setting, ...]:
        """Settings that were evaluated, in their order."""
        return tuple(self._known)

    def at_busiest(self, setting: Setting) -> Evidence:
        """Evidence of the healthy peak of all users; where it was not kept, with the first replications only."""
        if 0 in self._recent.get(setting, {}):
            return self._recent[setting][0]
        planned = with_setting(self._scenario, self._axes, setting)
        return self._replicator.until_decided(planned, self._situations[0][0].window, lambda _: ())

    def evaluate(self, setting: Setting) -> SettingEvaluation:
        """Whether a setting holds at every peak, and if not, which knobs press."""
        if setting not in self._known:
            self._known[setting] = self._evaluated(setting)
        return self._known[setting]

    def refusal(self, setting: Setting) -> Refusal | None:
        """What refused a setting; None: it holds."""
        return None if self.evaluate(setting).holds else self._refusals[setting]

    def is_tie(self, setting: Setting) -> bool:
        """Whether nothing is missed at a setting but by chance: some objective lies on its limit."""
        self.evaluate(setting)
        return setting in self._ties

    def is_open(self, setting: Setting) -> bool:
        """Whether a setting was asked, and what was spent does not tell whether it holds."""
        return setting in self._open

    def evidence(self, setting: Setting) -> tuple[Evidence, ...]:
        """Evidence of every peak, healthy ones first, simulated now where it was not kept."""
        return tuple(self._at(setting, index) for index in range(len(self._situations)))

    def outlasts(self, setting: Setting) -> bool:
        """Whether a setting still holds after enough runs to show a collapse, if retries may feed one or demand wanders."""
        if not self._watches or not self.evaluate(setting).holds:
            return True
        for index, (peak, _) in enumerate(self._situations):
            at = self._at(setting, index)
            n_runs = len(at.results)
            if n_runs >= ENOUGH_RUNS:
                continue
            planned = self._planned(setting, index)
            results = [*at.results, *self._replicator.runs(planned, peak.window, n_runs, ENOUGH_RUNS)]
            at = replace(at, results=results, verdicts=self._judge(planned, index)(results))
            self._recent[setting][index] = at
            broken = [of for of in missed_of(at.verdicts) if of.verdict == "FAIL" or of.futures is not None]
            missed = [of for of in broken if not self._holds(index, of)]
            if missed:
                self._known[setting] = SettingEvaluation(
                    holds=False, pressure=self._pressures(setting, at.results)
                )
                self._refusals[setting] = Refusal(slo=missed[0].slo, contingency=at.contingency)
                return False
        return True

    def give_up_beyond(self, top: Setting) -> tuple[str, ...]:
        """Set aside what not even `top` meets or can be shown to meet; returns the objectives, if any.

        Replications end as soon as something is missed. What is still open then is replicated further here.
        """
        for index, best in enumerate(self._best_slack):
            while missed := missed_of(
                found for found in self._at(top, index).verdicts if found.subject not in best
            ):
                best.update({found.subject: found.slack for found in missed})
                self._open_at_top[index] |= {of.subject for of in missed if of.verdict == "UNDECIDED"}
                self._recent[top][index] = self._simulated(top, index, self._recent[top][index].results)
            best.update({of.subject: of.slack for of in self._at(top, index).verdicts if of.subject in best})
        self._known.clear()
        names = dict.fromkeys(slo for best in self._best_slack for slo, _ in best)
        return tuple(slo.name for slo in self._scenario.slos if slo.name in names)

    def beyond(self, top: Setting) -> tuple[SloVerdict, ...]:
        """What was set aside, as the top of every knob has it; of one objective and contingency, the worst."""
        found: dict[tuple[str, str | None], SloVerdict] = {}
        for index, best in enumerate(self._best_slack):
            for at in self._at(top, index).verdicts if best else ():
                key = (at.slo, at.contingency)
                if at.subject in best and (key not in found or not at.slack >= found[key].slack):
                    found[key] = at
        return tuple(found.values())

    def _holds(self, index: int, found: SloVerdict) -> bool:
        """The objective is met, or it is out of reach and as near as can be."""
        best = self._best_slack[index].get(found.subject)
        if best is None:
            return found.verdict == "PASS"
        if found.subject in self._open_at_top[index] and (
            found.verdict == "FAIL" or best >= 0.0 > found.slack
        ):
            return False  # what may be met with more is not missed with less, nor looks as if it were
        return isnan(best) or found.slack >= best - _AS_NEAR

    def _evaluated(self, setting: Setting) -> SettingEvaluation:
        for index in list(self._order):
            evidence = self._at(setting, index)
            missed = [found for found in evidence.verdicts if not self._holds(index, found)]
            near = self._closeness(evidence, index)
            ties = [of.found for of in near if of.is_tie]
            if ties and all(found in ties for found in missed):
                self._ties.add(setting)
            if missed and all(of.growth > 1.0 and not of.is_tie for of in near if of.found in missed):
                self._open.add(setting)
            if missed:
                worst = min(missed, key=lambda found: inf if isnan(found.slack) else found.slack)
                self._refusals[setting] = Refusal(slo=worst.slo, contingency=evidence.contingency)
                self._order.remove(index)
                self._order.insert(0, index)
                return SettingEvaluation(holds=False, pressure=self._pressures(setting, evidence.results))
        return SettingEvaluation(holds=True, pressure=(0.0,) * len(self._axes))

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
        peak, case = self._situations[index]
        planned = self._planned(setting, index)
        judge = self._judge(planned, index)
        found = self._replicator.until_decided(planned, peak.window, judge, self._best_slack[index], known)
        found = self._refined(planned, peak.window, judge, found, index)
        return replace(found, contingency=None if case is None else case.name)

    def _planned(self, setting: Setting, index: int) -> Scenario:
        """The scenario with a setting, and with what goes wrong in a situation."""
        peak, case = self._situations[index]
        planned = with_setting(self._scenario, self._axes, setting)
        return planned if case is None else under(planned, case, peak.window)

    def _judge(self, planned: Scenario, index: int) -> Judge:
        peak, case = self._situations[index]
        name = None if case is None else case.name

        def judge(results: Sequence[RunResult]) -> tuple[SloVerdict, ...]:
            verdicts = peak.judged(planned, results)
            return tuple(found.model_copy(update={"contingency": name}) for found in verdicts)

        return judge

    def _refined(
        self, planned: Scenario, window: DemandWindow, judge: Judge, found: Evidence, index: int
    ) -> Evidence:
        """Replicate on where the limit is near, as long as that may tell."""
        while True:
            n_runs = len(found.results)
            near = self._closeness(found, index)
            if any(of.is_clear and of.found.verdict == "FAIL" for of in near):
                return found
            growth = max((of.growth for of in near), default=1.0)
            n_most = int(_MOST_BYTES / found.results[0].histogram.nbytes)
            n_more = min(ceil(min(1.0, growth - 1.0) * n_runs), n_most - n_runs)
            n_events = n_more * sum(run.n_events for run in found.results) / n_runs
            if n_more <= 0 or n_events > self._n_fine_left:
                return found
            results = [*found.results, *self._replicator.runs(planned, window, n_runs, n_runs + n_more)]
            self._n_fine_left -= n_events
            found = Evidence(results, judge(results))

    def _closeness(self, at: Evidence, index: int) -> list[Closeness]:
        """How near each objective that is not out of reach is to its limit."""
        judged = [found for found in at.verdicts if found.subject not in self._best_slack[index]]
        return [closeness(self._scenario, found, at.results) for found in judged]

    def _pressures(self, setting: Setting, results: Sequence[RunResult]) -> tuple[float, ...]:
        """Strain at each axis's target, more where the load needs more of what this axis limits."""
        strains = {(at.target, at.region): strain for at, strain in strain_by_station(results).items()}
        for axis in self._axes:
            if axis.kind == "quota":
                strains[axis.target, axis.region] = self._strain_of(axis, strains)
        pressures = []
        for axis, level in zip(self._axes, setting, strict=True):
            needed = guessed_amount(self._scenario, axis, results, self._replicator.runner)
            pressures.append(
                (strains[axis.target, axis.region] + 1e-6) * needed / max(axis.levels[level], 1.0)
            )
        return tuple(pressures)

    def _strain_of(self, axis: Axis, strains: Mapping[tuple[str, str], float]) -> float:
        """Strain at everything that draws on a shared quota."""
        drawing = self._scenario.quotas[axis.target].models
        return sum(
            strain
            for (target, region), strain in strains.items()
            if target in drawing and axis.region in (region, EVERYWHERE)
        )
