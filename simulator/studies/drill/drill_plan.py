"""What a drill plays and for how long: incidents at their time against the peak of a stage, and their twin without."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from simulator.compiler.demand import DemandWindow, stage_window, steady_window
from simulator.compiler.stage_shares import HOURS_PER_MONTH
from simulator.engine import Runner
from simulator.errors import RolloutError
from simulator.mechanisms.incidents.base import Lasting, Recurring
from simulator.mechanisms.incidents.config import Incident
from simulator.mechanisms.incidents.quality import Drift
from simulator.scenario.model import Scenario

LONGEST_S = 6 * 3600.0  # of an incident; one that lasts longer is played for so long
_LEAD_S = 300.0
_SHORTEST_WATCH_S, _LONGEST_WATCH_S = 1800.0, 7200.0
_WHOLE_S = 600.0  # lengths are rounded up to it, so that many drills have one twin


class DrillError(RolloutError, ValueError):
    """Something that cannot be drilled."""

    prefix = "cannot drill: "


@dataclass(frozen=True)
class Drill:
    """Incidents that start together.

    Attributes
    ----------
    name : as asked for, names joined by `+`
    incidents : as they are played, scheduled
    lead_s : from the start of the measured span to that of the incidents
    duration_s : until the last of them is over
    """

    name: str
    incidents: tuple[Incident, ...]
    lead_s: float
    duration_s: float

    @property
    def end_s(self) -> float:
        """When the last incident is over, since the measured span began."""
        return self.lead_s + self.duration_s

    @property
    def length_s(self) -> float:
        """Length of the measured span: long enough to see whether it recovers."""
        watch_s = min(max(_SHORTEST_WATCH_S, 3.0 * self.duration_s), _LONGEST_WATCH_S)
        return _WHOLE_S * ceil((self.end_s + watch_s) / _WHOLE_S)


def drills_of(scenario: Scenario, asked: Sequence[str]) -> tuple[Drill, ...]:
    """The drills that are asked for by name, `a+b` for two at once; every incident by itself if none is.

    Raises
    ------
    DrillError
        If there is nothing to drill, or none of that name, or one that never ends.
    """
    known = {incident.name: incident for incident in scenario.incidents}
    names = list(dict.fromkeys(asked)) or [
        name for name, incident in known.items() if not isinstance(incident, Drift)
    ]
    if not names:
        raise DrillError("the scenario has no `incidents` that could be drilled")
    drills = []
    for name in names:
        parts = list(dict.fromkeys(name.split("+")))
        for part in parts:
            if part not in known:
                raise DrillError(f"no incident {part!r}; there are: {', '.join(known) or 'none'}")
            if isinstance(known[part], Drift):
                raise DrillError(
                    f"{part!r} is a drift, which has no end to recover from; `rollout run` plays it"
                )
        played = tuple(_scheduled(known[part]) for part in parts)
        duration_s = max(one.lasts_s or 0.0 for one in played if isinstance(one, Recurring))
        drills.append(Drill(name, played, _LEAD_S, duration_s))
    return tuple(drills)


def _scheduled(incident: Incident) -> Incident:
    """The incident once, after the lead; one that is drawn lasts as long as its mean."""
    update: dict[str, object] = {"start": _LEAD_S, "every": None}
    if isinstance(incident, Lasting):
        lasts_s = incident.duration if incident.mtbf is None else incident.mttr
        assert lasts_s is not None
        update |= {"duration": min(lasts_s, LONGEST_S), "mtbf": None, "mttr": None}
    assert isinstance(incident, Recurring)
    return incident.model_copy(update=update)


def with_incidents(scenario: Scenario, played: Sequence[Incident]) -> Scenario:
    """The scenario with these incidents and its drifts, and no others."""
    return scenario.model_copy(update={"incidents": [*scenario.drifts, *played]})


def drill_window(
    scenario: Scenario, stage: str | None, length_s: float, warmup_s: float, runner: Runner
) -> DemandWindow:
    """The busiest hour of a stage, held for as long as a drill takes."""
    peak = stage_window(scenario, stage, scenario.window.start, 60.0, 0.0, runner.base_dir)
    rates_rps = peak.rate_rps[:, 0] * peak.share[0][1]
    return steady_window("drill", stage, peak.start, rates_rps, length_s, warmup_s, HOURS_PER_MONTH)
