"""Who is hurt while no alert fires? A region, a workload, a tenant, a language or a class of complexity, by itself.

Alerts watch all users together: a region with a hundredth of them may be dead for hours, and every error budget holds.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.metrics.columns import CountColumn
from simulator.metrics.dimensions import OF_ACTIONS
from simulator.results.paired import sample_difference
from simulator.results.run_result import RunResult
from simulator.results.samples import Sample
from simulator.studies.alerts.report import Detection
from simulator.studies.common.paired import Paired
from simulator.studies.drill.report import BlindSpot

_HURT = 0.1  # of those who come: so many fewer are answered in time, beyond noise; assumption
_WORSE = 1.5  # times what everybody is hurt: by less a part is no case of its own
_NOTICED = 0.5  # of the runs in which some alert fires


def blind_spots(
    calm: Sequence[RunResult], hit: Sequence[RunResult], felt: slice, detections: Sequence[Detection]
) -> tuple[BlindSpot, ...]:
    """Parts that an incident hurts and that no alert sees, the worst first; the larger of two with the same streams.

    Parameters
    ----------
    calm, hit : runs without and with it, of the same seeds
    felt : measured time buckets in which it lasts
    detections : what every alert saw of it
    """
    if any(one.seen.value >= _NOTICED for one in detections):
        return ()
    found: dict[tuple[int, ...], BlindSpot] = {}
    for dimension, name, ids in _parts(hit[0]):
        moved = _answered_in_time(calm, hit, felt, ids)
        if moved is None or moved.difference.high >= -_HURT:
            continue
        everybody = found.get(tuple(range(len(hit[0].streams))))
        if everybody is None or moved.difference.high < _WORSE * everybody.answered_in_time.difference.value:
            found.setdefault(tuple(ids), BlindSpot(dimension=dimension, name=name, answered_in_time=moved))
    return tuple(sorted(found.values(), key=lambda one: one.answered_in_time.difference.value))


def _parts(run: RunResult) -> Iterator[tuple[str, str, list[int]]]:
    """Every value of every dimension, and its streams; one of a single value is everybody."""
    yield "", "everybody", list(range(len(run.streams)))
    for dimension in (of.name for of in OF_ACTIONS):
        values = [str(getattr(stream, dimension)) for stream in run.streams]
        for name in dict.fromkeys(values):
            yield dimension, name, [n for n, value in enumerate(values) if value == name]


def _answered_in_time(
    calm: Sequence[RunResult], hit: Sequence[RunResult], felt: slice, ids: Sequence[int]
) -> Paired | None:
    """Share of those who come that are answered within every limit; None: in some run nobody came."""
    sides = []
    for runs in (calm, hit):
        counts = [run.counts[run.n_warmup_buckets :][felt][:, ids].sum(axis=(0, 1)) for run in runs]
        came = np.array([float(of[CountColumn.ARRIVED] - of[CountColumn.INVALID]) for of in counts])
        if not (came > 0.0).all():
            return None
        good = np.array([float(of[CountColumn.GOOD]) for of in counts])
        sides.append(Sample(float(good.sum() / came.sum()), np.minimum(1.0, good / came)))
    return Paired.of(sample_difference(*sides))
