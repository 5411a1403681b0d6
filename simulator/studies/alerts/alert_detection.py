"""What the alerts of a scenario see: which incident each fires for, after how long, and how often for none.

Alerts look back for days, drills last for hours. What was before a drill is the week of its stage, hour by hour, with the
healthy runs' share of misses; false alarms are counted in simulated weeks in which only that share and chance are at work.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.profiles import HOURS_PER_WEEK, FloatArray
from simulator.compiler.stage_shares import HOURS_PER_MONTH
from simulator.compiler.streams import streams
from simulator.results.run_result import RunResult
from simulator.results.samples import Sample, to_estimate
from simulator.results.slo_timeline import allowed_share, observed
from simulator.scenario.alerts import Alert
from simulator.scenario.model import Scenario, Slo
from simulator.studies.alerts.burn_rate import Signal, any_fires, can_fire, fires
from simulator.studies.alerts.false_alarms import (
    MINUTE_S,
    MOST,
    Healthy,
    alert_minutes,
    correlation_of_neighbours,
    correlation_within,
    healthy_weeks,
    n_begins,
)
from simulator.studies.alerts.report import AlertBaseline, Detection
from simulator.theory.intervals import exact_rate_interval, exact_share_interval

N_WEEKS = 104  # in which false alarms are counted
_EPSILON = 1e-9


class _First(NamedTuple):
    """What fires first in a run."""

    after_s: float  # since the start of the incident
    slo: str
    burn_rate: float


class Monitor:
    """The alerts of a scenario, at a stage.

    Parameters
    ----------
    week_rps : what arrives by hour of the UTC week, float64[stream, 168], by the streams of the scenario
    hour : of the week, whose demand the drills hold
    calm : runs without incidents, with latencies by time bucket
    """

    def __init__(
        self, scenario: Scenario, week_rps: FloatArray, hour: int, calm: Sequence[RunResult]
    ) -> None:
        self._scenario = scenario
        self._hour = hour
        self._slos = {slo.name: slo for slo in scenario.slos if slo.counts_actions}
        rules = [rule for alert in scenario.alerts.values() for rule in alert.rules]
        self._longest_s = max((rule.long_window for rule in rules), default=0.0)
        asking = streams(scenario)
        self._healthy = {
            name: _healthy(
                slo,
                calm,
                week_rps[[slo.workload in (None, one.workload) for one in asking]].sum(axis=0),
                hour,
            )
            for name, slo in self._slos.items()
        }

    def detections(
        self, calm: Sequence[RunResult], hit: Sequence[RunResult], lead_s: float
    ) -> tuple[Detection, ...]:
        """What every alert sees of an incident that begins `lead_s` after the measured span."""
        return tuple(
            self._detection(name, alert, calm, hit, lead_s) for name, alert in self._scenario.alerts.items()
        )

    def baselines(self) -> tuple[AlertBaseline, ...]:
        """What every alert does while nothing is wrong."""
        found = []
        signals = self._healthy_signals()
        for name, alert in self._scenario.alerts.items():
            watched = self._watched(alert)
            unseen = tuple(slo for slo in watched if not self._healthy[slo].per_minute.any())
            deaf = tuple(
                slo
                for slo in watched
                if not any(can_fire(rule, self._healthy[slo].allowed) for rule in alert.rules)
            )
            seen = [signals[slo] for slo in watched if slo not in (*unseen, *deaf)]
            firing = alert_minutes(alert.rules, seen, N_WEEKS)
            n_false = n_begins(firing)
            rate = exact_rate_interval(n_false, N_WEEKS * HOURS_PER_WEEK / HOURS_PER_MONTH)
            found.append(
                AlertBaseline(
                    alert=name,
                    notify=alert.notify,
                    slos=tuple(watched),
                    false_per_month=rate,
                    on_share=float(firing.mean()),
                    unseen=unseen,
                    out_of_reach=deaf,
                )
            )
        return tuple(found)

    def _healthy_signals(self) -> dict[str, Signal]:
        """What is counted of each objective in healthy weeks; alerts that watch the same see the same."""
        return {
            name: healthy_weeks(healthy, N_WEEKS, self._longest_s, (self._scenario.seed, place))
            for place, (name, healthy) in enumerate(self._healthy.items())
        }

    def _watched(self, alert: Alert) -> list[str]:
        return [name for name in self._slos if alert.slos is None or name in alert.slos]

    def _detection(
        self, name: str, alert: Alert, calm: Sequence[RunResult], hit: Sequence[RunResult], lead_s: float
    ) -> Detection:
        firsts = [
            found
            for run, twin in zip(hit, calm, strict=True)
            if (found := self._first(alert, run, twin, lead_s)) is not None
        ]
        seen = exact_share_interval(len(firsts), len(hit))
        on_before = float(np.mean([self._is_on(alert, run, lead_s) for run in calm]))
        after_s = slo = burn_rate = None
        if firsts:
            ((slo, burn_rate), _), *_ = Counter((found.slo, found.burn_rate) for found in firsts).most_common(
                1
            )
            waits_s = np.array([found.after_s for found in firsts])
            after_s = to_estimate(Sample(float(waits_s.mean()), waits_s))
        return Detection(
            alert=name,
            notify=alert.notify,
            seen=seen,
            after_s=after_s,
            slo=slo,
            burn_rate=burn_rate,
            on_before=on_before,
        )

    def _is_on(self, alert: Alert, run: RunResult, lead_s: float) -> bool:
        """Whether it fires without any incident, when one would start."""
        place = -run.measured_bucket_s.size + int(lead_s / run.bucket_s + _EPSILON) - 1
        return any(
            bool(any_fires(alert.rules, self._signal(slo, run), run.bucket_s)[place])
            for slo in self._watched(alert)
        )

    def _first(self, alert: Alert, run: RunResult, twin: RunResult, lead_s: float) -> _First | None:
        """The first that fires, after the start, of what does not fire at that time without the incident."""
        found: list[_First] = []
        for slo in self._watched(alert):
            ours, theirs = self._signal(slo, run), self._signal(slo, twin)
            for rule in alert.rules:
                is_new = fires(rule, ours, run.bucket_s) & ~fires(rule, theirs, run.bucket_s)
                wait_s = _wait_s(is_new, run, lead_s)
                if wait_s is not None:
                    found.append(_First(wait_s, slo, rule.burn_rate))
        return min(found, key=lambda first: (first.after_s, -first.burn_rate), default=None)

    def _signal(self, slo: str, run: RunResult) -> Signal:
        """What was counted in a run, behind what is expected of the days before it."""
        missed, total = observed(run, self._slos[slo])
        n_before = int(np.ceil(self._longest_s / run.bucket_s))
        hours = np.floor(self._hour - np.arange(n_before, 0, -1) * run.bucket_s / 3600.0).astype(int)
        healthy = self._healthy[slo]
        before = healthy.per_minute[hours % HOURS_PER_WEEK] * run.bucket_s / MINUTE_S
        return Signal(
            np.concatenate([healthy.missed_share * before, missed]),
            np.concatenate([before, total]),
            healthy.allowed,
        )


def _wait_s(is_firing: NDArray[np.bool_], run: RunResult, lead_s: float) -> float | None:
    """Time from the start to the end of the first bucket that fires after it; None: none does.

    Parameters
    ----------
    is_firing : by bucket; the last ones are the measured ones of the run
    """
    n_measured = run.measured_bucket_s.size
    ends_s = np.minimum((np.arange(n_measured) + 1) * run.bucket_s, run.duration_s)
    waits_s = ends_s[is_firing[-n_measured:]] - lead_s
    waits_s = waits_s[waits_s > _EPSILON]
    return float(waits_s[0]) if waits_s.size else None


def _healthy(slo: Slo, calm: Sequence[RunResult], by_hour: FloatArray, hour: int) -> Healthy:
    """What is counted of an objective in healthy runs at one hour, and by its demand float64[168] in all others."""
    counted = [observed(run, slo) for run in calm]
    missed, total = (np.concatenate([pair[place] for pair in counted]) for place in (0, 1))
    n = float(total.sum())
    pace = by_hour / by_hour[hour] if by_hour[hour] > 0.0 else np.zeros(HOURS_PER_WEEK)
    correlation = correlation_within(missed, total)
    lasting = correlation_of_neighbours(counted) / correlation if correlation > 0.0 else 0.0
    return Healthy(
        float(missed.sum()) / n if n > 0.0 else 0.0,
        correlation,
        min(lasting, MOST) ** (MINUTE_S / calm[0].bucket_s),
        pace * n * MINUTE_S / sum(run.duration_s for run in calm),
        allowed_share(slo),
    )
