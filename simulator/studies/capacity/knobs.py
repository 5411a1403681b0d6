"""What can be bought? The knobs of a scenario, region by region: their levels, their cost, and their effect.

An axis is one knob in one region. The search moves along axes; `with_setting` writes a setting back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Literal, TypeVar

import numpy as np
from pydantic import BaseModel

from simulator.economics.capacity_cost import capacity_cost_usd
from simulator.errors import InvalidScenarioError
from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS
from simulator.mechanisms.providers.shared_quotas import EVERYWHERE, SharedQuota
from simulator.mechanisms.queueing.build import replicas_in
from simulator.mechanisms.replicas.sizes import replicas_of
from simulator.mechanisms.review.build import staff_in
from simulator.scenario.model import Knob, ListedModel, Scenario
from simulator.studies.capacity.search import Setting

Amounts = Mapping[str, Mapping[str, float]]  # path of a knob → region → amount
TargetKind = Literal["model", "quota", "service", "team"]
_Part = TypeVar("_Part", bound=BaseModel)
POOL_REPLICAS = "pool.replicas"
_FIELDS: dict[str, tuple[TargetKind, tuple[str, ...]]] = {
    "model_list": ("model", (*LIMIT_KEYS, "max_parallel_requests", POOL_REPLICAS)),
    "quotas": ("quota", LIMIT_KEYS),
    "services": ("service", ("replicas",)),
    "teams": ("team", ("staff",)),
}
_MAX_LEVELS = 400  # of a range; wider ranges are stepped by about 1 to 2 %
# Quota costs nothing by itself (tokens are paid as used). So that the search still asks for no more than it
# needs, the top of every knob counts as a tenth of a cent a month: less than any price that matters.
_TIE_USD = 1e-3


class KnobError(InvalidScenarioError):
    """A knob that names nothing that can be bought."""


@dataclass(frozen=True)
class Axis:
    """One knob in one region; of a quota that all regions share, `EVERYWHERE`."""

    path: str
    region: str
    kind: TargetKind
    target: str
    field: str
    levels: tuple[float, ...]  # rising
    cost_usd: tuple[float, ...]  # [level] per month
    lead_time_s: float


def axes_of(scenario: Scenario) -> tuple[Axis, ...]:
    """Every knob in every region where its target is, in the scenario's order.

    Raises
    ------
    KnobError : a path that is not a limit of `model_list.NAME`, e.g. `.tpm`, `.max_parallel_requests`, `.pool.replicas`,
        of `quotas.NAME`, `services.NAME.replicas` or `teams.NAME.staff` of this scenario, or a service that scales itself.
    """
    axes = []
    for knob in scenario.capacity.knobs:
        kind, target, field = _read_path(scenario, knob.path)
        levels = _levels(knob)
        ties = [_TIE_USD * amount / max(levels[-1], 1.0) for amount in levels]
        for region in _regions_of(scenario, kind, target):
            cost = tuple(
                capacity_cost_usd(scenario, knob, amount, region) + tie
                for amount, tie in zip(levels, ties, strict=True)
            )
            axes.append(Axis(knob.path, region, kind, target, field, levels, cost, knob.lead_time))
    return tuple(axes)


def amounts(axes: Sequence[Axis], setting: Setting) -> dict[str, dict[str, float]]:
    """Amount by knob path and region."""
    found: dict[str, dict[str, float]] = {}
    for axis, level in zip(axes, setting, strict=True):
        found.setdefault(axis.path, {})[axis.region] = axis.levels[level]
    return found


def held_usd(axes: Sequence[Axis], by_path: Mapping[str, Mapping[str, float]]) -> float:
    """What holding amounts that are levels of the axes costs in a month of 730 h."""
    return sum(axis.cost_usd[axis.levels.index(by_path[axis.path][axis.region])] for axis in axes)


def with_setting(scenario: Scenario, axes: Sequence[Axis], setting: Setting) -> Scenario:
    """The scenario with the amounts of a setting in place, validated again."""
    return with_amounts(scenario, amounts(axes, setting))


def with_amounts(scenario: Scenario, by_path: Mapping[str, Mapping[str, float]]) -> Scenario:
    """The scenario with other amounts by knob path and region; regions not named keep theirs."""
    models = {model.model_name: model for model in scenario.model_list}
    quotas, services, teams = dict(scenario.quotas), dict(scenario.services), dict(scenario.teams)
    for path, by_region in by_path.items():
        kind, target, field = _read_path(scenario, path)
        places = _regions_of(scenario, kind, target)
        if kind == "model":
            models[target] = _changed(models[target], field, by_region, places)
        elif kind == "quota":
            quotas[target] = _changed(quotas[target], field, by_region, places)
        elif kind == "service":
            services[target] = _changed(services[target], field, by_region, places)
        else:
            teams[target] = _changed(teams[target], field, by_region, places)
    return scenario.model_copy(
        update={
            "model_list": list(models.values()),
            "quotas": quotas,
            "services": services,
            "teams": teams,
        }
    )


def present_amounts(scenario: Scenario, paths: Sequence[str]) -> dict[str, dict[str, float]]:
    """Amount by path and region as the scenario itself has them; infinite where nothing limits."""
    found = {}
    for path in paths:
        kind, target, field = _read_path(scenario, path)
        value = reduce(getattr, field.split("."), _target(scenario, kind, target))
        found[path] = {region: _in_region(value, region) for region in _regions_of(scenario, kind, target)}
    return found


def _changed(part: _Part, field: str, by_region: Mapping[str, float], places: Sequence[str]) -> _Part:
    if isinstance(part, ListedModel) and part.pool is not None and field == POOL_REPLICAS:
        return part.model_copy(update={"pool": _changed(part.pool, "replicas", by_region, places)})
    value = getattr(part, field)
    present = {region: _in_region(value, region) for region in places}
    merged = {region: by_region.get(region, amount) for region, amount in present.items()}
    finite = {region: _whole(amount) for region, amount in merged.items() if np.isfinite(amount)}
    if isinstance(part, SharedQuota) and part.scope == "organisation":
        return type(part).model_validate({**part.model_dump(), field: finite.get(EVERYWHERE)})
    return type(part).model_validate({**part.model_dump(), field: finite})


def _in_region(value: Any, region: str) -> float:
    """Amount of a field that is one number, a number per region, or absent (no limit)."""
    amount = value.get(region) if isinstance(value, dict) else value
    return float("inf") if amount is None else float(amount)


def _whole(amount: float) -> float | int:
    return int(amount) if float(amount).is_integer() else amount


def _read_path(scenario: Scenario, path: str) -> tuple[TargetKind, str, str]:
    head, _, rest = path.partition(".")
    target, _, field = rest.rpartition(".")
    if target.endswith(".pool"):
        target, field = target.removesuffix(".pool"), f"pool.{field}"
    if head in _FIELDS:
        kind, fields = _FIELDS[head]
        names = {
            "model": [model.model_name for model in scenario.model_list],
            "quota": list(scenario.quotas),
            "service": list(scenario.services),
            "team": list(scenario.teams),
        }[kind]
        if field in fields and target in names:
            _check_not_scaled(scenario, kind, target, field, path)
            return kind, target, field
    known = [f"{head}.NAME.{field}" for head, (_, fields) in _FIELDS.items() for field in fields]
    raise KnobError(f"knob `{path}` is not one of {', '.join(known)} of this scenario")


def _check_not_scaled(scenario: Scenario, kind: TargetKind, target: str, field: str, path: str) -> None:
    if kind == "service" and scenario.services[target].autoscaling is not None:
        raise KnobError(f"knob `{path}`: the service scales itself (`autoscaling`); nothing to plan")
    if kind == "model":
        pool = _model(scenario, target).pool
        if (field == POOL_REPLICAS) == (pool is None):
            what = "a hosted model has no replicas" if pool is None else "a pool has no quota"
            raise KnobError(f"knob `{path}`: {what}")
        if pool is not None and pool.autoscaling is not None:
            raise KnobError(f"knob `{path}`: the pool scales itself (`autoscaling`); nothing to plan")


def _model(scenario: Scenario, name: str) -> ListedModel:
    return next(model for model in scenario.model_list if model.model_name == name)


def _target(scenario: Scenario, kind: TargetKind, target: str) -> BaseModel:
    if kind == "model":
        return _model(scenario, target)
    if kind == "quota":
        return scenario.quotas[target]
    return scenario.services[target] if kind == "service" else scenario.teams[target]


def _regions_of(scenario: Scenario, kind: TargetKind, target: str) -> list[str]:
    if kind == "model":
        model = _model(scenario, target)
        if model.pool is not None:
            return [
                region
                for region in scenario.regions
                if replicas_of(model.pool, model.regions, region) is not None
            ]
        return list(scenario.regions) if model.regions is None else model.regions
    if kind == "quota":
        return list(scenario.regions) if scenario.quotas[target].scope == "region" else [EVERYWHERE]
    if kind == "service":
        service = scenario.services[target]
        return [region for region in scenario.regions if replicas_in(service, region) is not None]
    return [region for region in scenario.regions if staff_in(scenario.teams[target], region) is not None]


def _levels(knob: Knob) -> tuple[float, ...]:
    if knob.steps is not None:
        return tuple(float(step) for step in knob.steps)
    assert knob.min is not None  # the model asks for `steps`, or both bounds
    assert knob.max is not None
    if knob.max - knob.min < _MAX_LEVELS:
        return tuple(float(amount) for amount in range(knob.min, knob.max + 1))
    spread = np.geomspace(max(knob.min, 1), knob.max, _MAX_LEVELS)
    return tuple(np.unique(np.concatenate([[knob.min], np.rint(spread)])).tolist())
