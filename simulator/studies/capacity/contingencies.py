"""Peaks under contingencies: what goes wrong lasts as long as the window, and everything asked must hold all the same.

It begins with the warm-up, so that a peak is judged as it is after a loss. The blow itself (what was in flight, and the
minutes until callers have found another way) is what `rollout drill` shows.
"""

from collections.abc import Sequence
from math import ceil

from simulator.compiler.demand import DemandWindow
from simulator.mechanisms.incidents.base import Lasting
from simulator.mechanisms.incidents.config import Incident
from simulator.mechanisms.incidents.losses import Outage, ReplicaLoss, StaffShortage
from simulator.mechanisms.incidents.trouble import QuotaCut
from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS
from simulator.metrics.columns import UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.contingency_places import ContingencyCase
from simulator.scenario.model import Scenario
from simulator.studies.capacity.knobs import POOL_REPLICAS, Axis

_REPLICAS = ("replicas", POOL_REPLICAS)


def under(scenario: Scenario, case: ContingencyCase, window: DemandWindow) -> Scenario:
    """The scenario with a case in force from the start of the window's warm-up to its end."""
    assert isinstance(case.incident, Lasting)
    lasts: dict[str, object] = {
        "start": -window.warmup_s,  # times count from the measured span
        "duration": window.warmup_s + window.duration_s + 1.0,
        "every": None,
        "mtbf": None,
        "mttr": None,
    }
    lasting = case.incident.model_copy(update=lasts)
    return scenario.model_copy(update={"incidents": [*scenario.drifts, lasting]})


def in_use(
    cases: Sequence[ContingencyCase], healthy: Sequence[Sequence[RunResult]]
) -> tuple[ContingencyCase, ...]:
    """The cases that take away something that is asked for at some peak; the others change nothing."""
    asked: set[tuple[str, str]] = set()
    for results in healthy:
        attempts = sum(run.usage[..., UsageColumn.ATTEMPTS].sum(axis=(0, 1)) for run in results)
        stations = zip(results[0].stations, attempts, strict=True)
        asked |= {(station.target, station.region) for station, n_attempts in stations if n_attempts > 0}
    return tuple(case for case in cases if _is_felt(case.incident, asked))


def _is_felt(incident: Incident, asked: set[tuple[str, str]]) -> bool:
    if isinstance(incident, ReplicaLoss):
        return any(
            target == incident.target and incident.region in (None, region) for target, region in asked
        )
    if isinstance(incident, Outage) and incident.target is None:
        return any(region == incident.region for _, region in asked)
    return True


def held_for(axis: Axis, incident: Incident, left: float) -> float:
    """Amount of an axis to hold so that `left` of it is left while the incident lasts."""
    region = getattr(incident, "region", None)
    if left <= 0.0 or getattr(incident, "target", None) != axis.target or region not in (None, axis.region):
        return left
    if isinstance(incident, ReplicaLoss) and axis.field in _REPLICAS:
        return left + incident.replicas
    if isinstance(incident, StaffShortage) and incident.share < 1.0 and axis.field == "staff":
        return ceil(left / (1.0 - incident.share) - 1e-9)
    if isinstance(incident, QuotaCut) and incident.factor > 0.0 and axis.field in LIMIT_KEYS:
        return left / incident.factor
    return left
