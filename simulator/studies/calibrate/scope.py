"""What is a log of? A workload of the scenario, the regions of its users, and the share of them that had the feature."""

from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.compiler.profiles import local_week
from simulator.errors import OptionError
from simulator.mechanisms.traffic.config import Workload
from simulator.scenario.asked_targets import targets_asked
from simulator.scenario.model import Scenario
from simulator.scenario.region_facts import timezone_of
from simulator.studies.calibrate.estimators.window import Coverage
from simulator.studies.calibrate.logged_models import matched

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Scope:
    """What a log is of.

    Attributes
    ----------
    regions : share of the feature's users who have it, by region, those with any
    zone : whose hours are distinguished
    why : how the workload and the share were found, in words
    """

    workload: Workload
    regions: dict[str, float]
    zone: ZoneInfo
    zones: dict[str, ZoneInfo]
    base_dir: Path
    why: tuple[str, ...]

    @property
    def weights(self) -> dict[str, float]:
        """Part of the demand that each region has, by what the scenario says of them."""
        workload = self.workload
        found = {}
        for region, exposure in self.regions.items():
            if workload.users is not None:
                size = float(workload.users.get(region, 0))
            elif isinstance(workload.arrival_rate, dict):
                size = workload.arrival_rate.get(region, 0.0)
            else:
                size = 1.0
            found[region] = size * exposure
        total = sum(found.values())
        return {region: (size / total if total else 1.0 / len(found)) for region, size in found.items()}

    def factors(self, span: Coverage, week: FloatArray | None = None) -> FloatArray:
        """Demand of each slot of a span over the week's mean.

        Parameters
        ----------
        week : by local day and hour; None: as the scenario states it
        """
        if not span.is_dated:
            return np.ones(span.slots)
        week = self.stated_week if week is None else week
        total = np.zeros(span.slots)
        for region, weight in self.weights.items():
            total += weight * week.ravel()[span.hours_in(self.zones[region])]
        return np.maximum(total, 1e-6)

    @property
    def stated_week(self) -> FloatArray:
        """The weekly course of the scenario."""
        return local_week(self.workload.profile, self.base_dir)


def scope_of(
    scenario: Scenario,
    base_dir: Path,
    models: pd.Series,
    *,
    workload: str | None,
    region: str | None,
    exposure: float | None,
    zone: str | None,
) -> Scope:
    """Find out what a log is of.

    Parameters
    ----------
    models : of its rows, as the log names them
    workload, region, exposure, zone : as the user says; None: found

    Raises
    ------
    OptionError
        If there is no such workload or region.
    """
    chosen, why = _workload(scenario, models, workload)
    regions, told = _regions(scenario, chosen, region, exposure)
    zones = {name: ZoneInfo(timezone_of(scenario, name)) for name in regions}
    largest = max(regions, key=lambda name: (chosen.users or {}).get(name, 0))
    reasons = [why, told]
    if len({str(one) for one in zones.values()}) > 1 and zone is None:
        reasons.append(
            f"its regions have several time zones: hours are those of {largest} ({zones[largest]})"
        )
    named = ZoneInfo(zone) if zone else zones[largest]
    return Scope(chosen, regions, named, zones, base_dir, tuple(reasons))


def _workload(scenario: Scenario, models: pd.Series, name: str | None) -> tuple[Workload, str]:
    by_name = {one.name: one for one in scenario.workloads}
    if name is not None:
        if name not in by_name:
            raise OptionError(f"no workload {name!r}; there are: {', '.join(by_name)}", "--workload")
        return by_name[name], f"workload {name}, as asked for"
    if len(by_name) == 1:
        [only] = scenario.workloads
        return only, f"workload {only.name}, the only one"
    counts = models.dropna().value_counts()
    known = matched(map(str, counts.index), scenario.model_list)
    score = {
        one.name: sum(
            int(n) for model, n in counts.items() if known.get(str(model)) in targets_asked(scenario, one)
        )
        for one in scenario.workloads
    }
    best = max(score.values())
    if best and sum(value == best for value in score.values()) == 1:
        found = max(score, key=lambda one: score[one])
        return by_name[
            found
        ], f"workload {found}: it alone asks the models of most rows; `--workload` names another"
    found = max(by_name, key=lambda one: _size(by_name[one]))
    return by_name[found], f"workload {found}: the largest of {len(by_name)}; `--workload` names another"


def _size(workload: Workload) -> float:
    """Actions per second, roughly."""
    if workload.users is not None:
        rate = workload.actions_per_user
        per_user = rate if isinstance(rate, float | int) else getattr(rate, "per_workday", 0.0) / 86_400.0
        return sum(workload.users.values()) * float(per_user)
    stated = workload.arrival_rate
    return sum(stated.values()) if isinstance(stated, dict) else float(stated or 0.0)


def _regions(
    scenario: Scenario, workload: Workload, region: str | None, exposure: float | None
) -> tuple[dict[str, float], str]:
    if region is not None and region not in scenario.regions:
        raise OptionError(f"no region {region!r}; there are: {', '.join(scenario.regions)}", "--region")
    stage = next(
        (one for one in scenario.stages if one.workloads is None or workload.name in one.workloads), None
    )
    if exposure is not None or stage is None:
        share = 1.0 if exposure is None else exposure
        by_region = dict.fromkeys(scenario.regions, share)
        told = "of all users" if exposure is None else f"of {share:.3g} of the users, as said"
    else:
        stated = stage.exposure
        by_region = {
            name: stated.get(name, 0.0) if isinstance(stated, dict) else stated for name in scenario.regions
        }
        told = f"of the users whom stage {stage.name} reaches ({_shares(by_region)}); `--exposure` says another share"
    if region is not None:
        by_region = {region: by_region[region] or 1.0}
    asks = workload.users if workload.users is not None else workload.arrival_rate
    if isinstance(asks, dict):
        by_region = {name: share for name, share in by_region.items() if asks.get(name)}
    found = {name: share for name, share in by_region.items() if share > 0.0}
    return found or dict.fromkeys(scenario.regions, 1.0), told


def _shares(by_region: dict[str, float]) -> str:
    return ", ".join(f"{100.0 * share:.3g} % of {name}" for name, share in by_region.items() if share > 0.0)
