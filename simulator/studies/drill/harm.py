"""What an incident did: the runs with it against the runs without it, on the same users with the same luck.

Everything is worked out run by run and then compared pair by pair, so that every difference has a paired interval.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.economics.accounts import accounts
from simulator.economics.price_book import PriceBook
from simulator.metrics.columns import CountColumn
from simulator.results.backlog import left_over, service_s
from simulator.results.collapse import COLLAPSED, LATE
from simulator.results.paired import sample_difference
from simulator.results.run_result import RunResult
from simulator.results.samples import Floats, Sample, to_estimate
from simulator.results.slo_timeline import (
    allowed_share,
    backlog,
    coarse_quantile,
    is_hurt,
    is_out,
    latencies,
    missed_of,
    recovery_s,
)
from simulator.scenario.model import Scenario, Slo
from simulator.studies.common.backlogs import work_usd
from simulator.studies.common.paired import Paired
from simulator.studies.drill.drill_plan import Drill
from simulator.studies.drill.report import BudgetBurn, Harm
from simulator.theory.estimate import Estimate

CALM_BUCKETS = 5  # without harm: then it is over
_MOST_OF_THE_TIME = 0.5
_CHANCE = 4.0  # standard deviations of a number of actions
_FELT_S = 300.0  # what a flush, which has no duration, is judged by
_ENDED = slice(CountColumn.SUCCEEDED, CountColumn.ABANDONED + 1)
_ANSWERED = slice(CountColumn.SUCCEEDED, CountColumn.DEGRADED + 1)


def pulse_slos(scenario: Scenario) -> tuple[Slo, ...]:
    """Objectives that drills hold minute by minute."""
    return tuple(slo for slo in scenario.slos if slo.counts_actions)


def harm_of(
    drill: Drill,
    calm: Sequence[RunResult],
    hit: Sequence[RunResult],
    scenario: Scenario,
    book: PriceBook,
    actions_in_28_days: dict[str, float],
) -> Harm:
    """Compare runs with an incident (`hit`) with those without (`calm`), seed by seed.

    Parameters
    ----------
    actions_in_28_days : by workload, at the pace of the stage
    """
    slos = pulse_slos(scenario)
    felt = felt_buckets(drill, hit[0])
    after = slice(felt.start, None)

    def compared(measure: Callable[[RunResult], float]) -> Paired:
        return paired([measure(run) for run in calm], [measure(run) for run in hit])

    latency_s = compared(lambda run: coarse_quantile(latencies(run, "latency")[felt].sum(axis=0), 0.95))
    hurt = [is_hurt(run, twin, slos) for twin, run in zip(calm, hit, strict=True)]
    waits = [recovery_s(one, hit[0].bucket_s, drill.end_s, CALM_BUCKETS) for one in hurt]
    recovered = np.isfinite(waits)
    late, is_down = _late_goodput(drill, calm, hit)
    has_two = is_down.any() and not is_down.all()
    return Harm(
        name=drill.name,
        incidents=tuple(incident.model_copy(update={"start": None}) for incident in drill.incidents),
        begins_s=drill.lead_s,
        duration_s=drill.duration_s,
        watched_s=drill.length_s - drill.end_s,
        error_rate=compared(lambda run: _error_rate(run, felt)),
        latency_p95=None if None in (latency_s.before, latency_s.after) else latency_s,
        answered_in_time=compared(lambda run: _share_in_time(run, felt)),
        backlog=compared(lambda run: float(backlog(run)[-1])),
        backlog_work_h=compared(lambda run: sum(_waiting_work_h(run).values())),
        backlog_cost=compared(lambda run: _waiting_work_usd(run, book)),
        minutes_out_of_slo=_mean(np.array([one[after].sum() * hit[0].bucket_s / 60.0 for one in hurt])),
        actions_hurt=compared(
            lambda run: _sum(run, after, CountColumn.ARRIVED) - _sum(run, after, CountColumn.GOOD)
        ),
        wrong_answers=compared(
            lambda run: _sum(run, after, _ANSWERED) - _sum(run, after, CountColumn.CORRECT)
        ),
        residency_blocked=compared(lambda run: _sum(run, after, CountColumn.RESIDENCY_BLOCKED))
        if scenario.data_residency
        else None,
        cost=_cost(calm, hit, book),
        error_budget=tuple(_burn(slo, calm, hit, after, actions_in_28_days) for slo in slos),
        recovery_s=_mean(np.array(waits)[recovered]) if recovered.any() else None,
        recovered_share=float(recovered.mean()),
        late_goodput=_mean(late),
        n_collapsed=int(is_down.sum()),
        late_goodput_collapsed=_mean(late[is_down]) if has_two else None,
        late_goodput_others=_mean(late[~is_down]) if has_two else None,
        metastable="yes" if is_down.any() else "no" if _mean(late).low >= COLLAPSED else "unclear",
    )


def unwell(calm: Sequence[RunResult], scenario: Scenario) -> tuple[str, ...]:
    """Objectives that are missed most of the time without any incident."""
    return tuple(
        slo.name
        for slo in pulse_slos(scenario)
        if np.mean([is_out(run, [slo]).mean() for run in calm]) > _MOST_OF_THE_TIME
    )


def goodput_gain(drill: Drill, hit: Sequence[RunResult], cured: Sequence[RunResult]) -> Paired:
    """Good answers that a change of policy brings from the start of an incident on, per second."""
    span_s = drill.length_s - drill.lead_s
    after = slice(felt_buckets(drill, hit[0]).start, None)
    return paired(
        [_sum(run, after, CountColumn.GOOD) / span_s for run in hit],
        [_sum(run, after, CountColumn.GOOD) / span_s for run in cured],
    )


def paired(before: Sequence[float], after: Sequence[float]) -> Paired:
    """Difference of two lists of one value per seed."""
    first, second = np.array(before, dtype=np.float64), np.array(after, dtype=np.float64)
    return Paired.of(sample_difference(Sample(_nanmean(first), first), Sample(_nanmean(second), second)))


def _nanmean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")


def _mean(values: Floats) -> Estimate:
    return to_estimate(Sample(float(values.mean()), values))


def felt_buckets(drill: Drill, run: RunResult) -> slice:
    """Measured time buckets in which the incident lasts."""
    first = int(drill.lead_s / run.bucket_s + 1e-9)
    felt_s = max(drill.end_s, drill.lead_s + min(_FELT_S, drill.length_s - drill.lead_s))
    last = int(np.ceil((felt_s if drill.duration_s == 0.0 else drill.end_s) / run.bucket_s - 1e-9))
    return slice(first, max(last, first + 1))


def _sum(run: RunResult, buckets: slice, columns: int | slice, streams: Sequence[int] | None = None) -> float:
    counts = run.counts[run.n_warmup_buckets :][buckets]
    counts = counts if streams is None else counts[:, list(streams)]
    return float(counts[..., columns].sum())


def _error_rate(run: RunResult, buckets: slice) -> float:
    """Share without an answer of those that ended, or came, whichever are more; of those that met the data contract."""
    due = max(_sum(run, buckets, _ENDED), _sum(run, buckets, CountColumn.ARRIVED))
    valid = due - _sum(run, buckets, CountColumn.INVALID)
    return 1.0 - _sum(run, buckets, _ANSWERED) / valid if valid > 0 else float("nan")


def _share_in_time(run: RunResult, buckets: slice) -> float:
    """Share of those that came, and met the data contract, that were answered within every limit."""
    due = _sum(run, buckets, CountColumn.ARRIVED) - _sum(run, buckets, CountColumn.INVALID)
    return min(1.0, _sum(run, buckets, CountColumn.GOOD) / due) if due > 0 else float("nan")


def _waiting_work_h(run: RunResult) -> dict[int, float]:
    """Hours of people's work that wait at the end beyond those at the beginning of the measured span, by station."""
    more = left_over([run])[0]
    hours_each = {
        number: service_s([run], number) / 3600.0
        for number, station in enumerate(run.stations)
        if station.kind == "team"
    }
    return {number: max(0.0, float(more[number])) * each for number, each in hours_each.items() if each > 0.0}


def _waiting_work_usd(run: RunResult, book: PriceBook) -> float:
    hours = _waiting_work_h(run)
    return sum(each * work_usd(book, run.stations[number], 1.0) for number, each in hours.items())


def _cost(calm: Sequence[RunResult], hit: Sequence[RunResult], book: PriceBook) -> Paired:
    sides = [
        [float(accounts([run], book, in_batches=False).money().sum()) for run in runs] for runs in (calm, hit)
    ]
    return paired(*sides)


def _burn(
    slo: Slo,
    calm: Sequence[RunResult],
    hit: Sequence[RunResult],
    after: slice,
    actions_in_28_days: dict[str, float],
) -> BudgetBurn:
    """What an objective allows to be missed in 28 days, and how much of it the incident took."""
    workloads = [name for name in actions_in_28_days if slo.workload in (None, name)]
    budget = allowed_share(slo) * sum(actions_in_28_days[name] for name in workloads)
    missed = [[_missed(slo, run, after) for run in runs] for runs in (calm, hit)]
    more = paired(*missed).difference
    scale = 1.0 / budget if budget > 0.0 else float("inf")
    if more.value == 0.0 or scale == float("inf"):
        scale = 0.0 if more.value == 0.0 else scale
    burnt = Estimate(more.value * scale, more.low * scale, more.high * scale)
    return BudgetBurn(slo=slo.name, burnt=burnt)


def _missed(slo: Slo, run: RunResult, after: slice) -> float:
    """Actions that count against an objective."""
    streams = [n for n, stream in enumerate(run.streams) if slo.workload in (None, stream.workload)]
    counts = run.counts[run.n_warmup_buckets :][after][:, streams].sum(axis=(0, 1)).astype(np.float64)
    counts[CountColumn.OVERDUE] = backlog(run, slo.workload)[after].max(initial=0.0)
    if slo.objective.statistic is None:
        return float(missed_of(counts, slo.indicator)[0])
    return float(missed_of(counts, "availability")[1] - counts[CountColumn.GOOD])


def _late_goodput(
    drill: Drill, calm: Sequence[RunResult], hit: Sequence[RunResult]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Run by run: goodput late in the time after the incident as a share of the twin's; whether it is surely down."""
    begin_s = drill.length_s - LATE * (drill.length_s - drill.end_s)
    late = slice(int(begin_s / hit[0].bucket_s), None)
    good, of_twin = (np.array([_sum(run, late, CountColumn.GOOD) for run in runs]) for runs in (hit, calm))
    is_down = good + _CHANCE * np.sqrt(good + 1.0) < COLLAPSED * of_twin
    return good / np.maximum(1.0, of_twin), is_down
