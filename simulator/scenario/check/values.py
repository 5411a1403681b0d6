"""Are the numbers possible? Bounds that no single type can say: per region, in a table, over all stages."""

import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel

from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS
from simulator.metrics.registry import INDICATORS
from simulator.scenario.calendar import stage_length_s
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import Scenario, Slo
from simulator.scenario.read.currencies import CODES, DOLLAR
from simulator.scenario.read.yaml_source import Path_

MAX_NUMBER = 1e15
MAX_STAGES_DAYS = 20 * 366
MAX_GROWTH = 10.0
MAX_NAME = 80
_YEARS = range(2000, 2101)


def check_values(scenario: Scenario) -> list[Finding]:
    """Findings about single numbers and names; only about numbers if one is not usable."""
    return list(_numbers(scenario, ())) or [
        *_names(scenario),
        *_per_region(scenario),
        *_shifts(scenario),
        *_profiles(scenario),
        *_calendar(scenario),
        *_currencies(scenario),
        *(finding for index, slo in enumerate(scenario.slos) if (finding := _objective(slo, index))),
    ]


def _numbers(value: Any, path: Path_) -> Iterator[Finding]:
    """Numbers that are infinite, not a number, or so large that arithmetic on them breaks down."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _numbers(getattr(value, name), (*path, field.alias or name))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _numbers(item, (*path, key if isinstance(key, str) else f"{key:g}"))
            if isinstance(key, float) and not math.isfinite(key):
                yield Finding(path, "a level is not a finite number")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _numbers(item, (*path, index))
    elif isinstance(value, int | float) and not abs(value) <= MAX_NUMBER:
        place = path[:-1] if path[-1] == "limit" else path  # an objective is one text
        yield Finding(place, f"{value:g} is out of range", "at most 1e15")


def _names(scenario: Scenario) -> Iterator[Finding]:
    for kind in ("regions", "caches", "services", "quotas", "routes", "teams"):
        for name in getattr(scenario, kind):
            yield from _name((kind, name), name)
    for kind, key in (
        ("workloads", "name"),
        ("model_list", "model_name"),
        ("stages", "name"),
        ("slos", "name"),
    ):
        for index, item in enumerate(getattr(scenario, kind)):
            yield from _name((kind, index, key), getattr(item, key))


def _name(path: Path_, name: str) -> Iterator[Finding]:
    if not name or name != name.strip() or not name.isprintable() or len(name) > MAX_NAME:
        yield Finding(path, f"`{name[:40]}` is no name", f"use 1 to {MAX_NAME} printable characters")


def _per_region(scenario: Scenario) -> Iterator[Finding]:
    fields: list[tuple[Path_, Any, float]] = []  # path, value, least
    for index, workload in enumerate(scenario.workloads):
        path: Path_ = ("workloads", index)
        fields += [((*path, key), getattr(workload, key), 0) for key in ("users", "arrival_rate", "clients")]
        if isinstance(workload.actions_per_user, float):
            fields.append(((*path, "actions_per_user"), workload.actions_per_user, 0))
    for name, quota in scenario.quotas.items():
        fields += [(("quotas", name, key), getattr(quota, key), 1) for key in LIMIT_KEYS]
    for index, model in enumerate(scenario.model_list):
        keys = (*LIMIT_KEYS, "max_parallel_requests")
        fields += [(("model_list", index, key), getattr(model, key), 1) for key in keys]
        if model.provisioned is not None:
            fields.append((("model_list", index, "provisioned", "units"), model.provisioned.units, 0))
        if model.pool is not None:
            fields.append((("model_list", index, "pool", "replicas"), model.pool.replicas, 0))
            if model.pool.reserved is not None:
                path = ("model_list", index, "pool", "reserved", "replicas")
                fields.append((path, model.pool.reserved.replicas, 0))
    fields += [(("services", name, "replicas"), item.replicas, 0) for name, item in scenario.services.items()]
    fields += [(("teams", name, "staff"), team.staff, 0) for name, team in scenario.teams.items()]
    fields += [(("teams", name, "cost"), team.cost, 0) for name, team in scenario.teams.items()]
    for name, rows in (("rtt", scenario.network.rtt), ("overrides", scenario.network.overrides)):
        if isinstance(rows, dict):
            fields += [(("network", name, origin), row, 0) for origin, row in rows.items()]
    fields.append((("network", "region_weights"), scenario.network.region_weights, 0))
    fields += [
        (("routes", name, "region_weights"), route.region_weights, 0)
        for name, route in scenario.routes.items()
    ]
    for path, value, least in fields:
        if isinstance(value, dict) and not value:
            yield Finding(path, "is empty", "name at least one region")
        for key, amount in value.items() if isinstance(value, dict) else [(None, value)]:
            if amount is not None and amount < least:
                yield Finding(
                    path if key is None else (*path, key), f"must be at least {least:g}, not {amount:.6g}"
                )


def _shifts(scenario: Scenario) -> Iterator[Finding]:
    for name, team in scenario.teams.items():
        if not isinstance(team.shifts, list):
            continue
        if not team.shifts:
            yield Finding(("teams", name, "shifts"), "is empty: nobody ever works", "write `always`")
        for index, shift in enumerate(team.shifts):
            path: Path_ = ("teams", name, "shifts", index)
            if len(set(shift.days)) < len(shift.days) or not set(shift.days) <= set(range(7)):
                yield Finding((*path, "days"), "days are 0 (Monday) to 6 (Sunday), each once")
            if shift.start_hour == shift.end_hour:
                yield Finding(path, "starts and ends at the same hour", "the whole day is 0 to 24")


def _profiles(scenario: Scenario) -> Iterator[Finding]:
    for index, workload in enumerate(scenario.workloads):
        table = workload.profile
        if not isinstance(table, list):
            continue
        path: Path_ = ("workloads", index, "profile")
        if len(table) != 7 or any(len(day) != 24 for day in table):
            yield Finding(path, "a table of demand has 7 rows (Monday first) of 24 hours")
        elif min(map(min, table)) < 0 or max(map(max, table)) <= 0:
            yield Finding(path, "demand must not be negative, nor always zero")


def _calendar(scenario: Scenario) -> Iterator[Finding]:
    days: list[tuple[Path_, date | None]] = [
        (("start",), scenario.start),
        (("economics", "price_date"), scenario.economics.price_date),
        (("fx", "date"), None if scenario.fx is None else scenario.fx.date),
    ]
    for path, day in days:
        if day is not None and day.year not in _YEARS:
            yield Finding(path, f"the year {day.year} is outside {_YEARS[0]} to {_YEARS[-1]}")
    n_days = sum(stage_length_s(scenario, stage) for stage in scenario.stages) / 86400
    if n_days > MAX_STAGES_DAYS:
        yield Finding(("stages",), f"the stages last {n_days:,.0f} days; at most {MAX_STAGES_DAYS:,}")
    for index, stage in enumerate(scenario.stages):
        if not -1.0 < stage.growth <= MAX_GROWTH:
            yield Finding(
                ("stages", index, "growth"), f"must be above -100% and at most {MAX_GROWTH:.0%} per month"
            )


def _currencies(scenario: Scenario) -> Iterator[Finding]:
    rates = {} if scenario.fx is None else scenario.fx.rates
    for code, rate in rates.items():
        if code not in CODES or code == DOLLAR:
            yield Finding(("fx", "rates", code), f"`{code[:20]}` is not a currency", "write e.g. EUR or GBP")
        elif rate <= 0.0:
            yield Finding(("fx", "rates", code), f"must be above 0, not {rate:g}")
    if scenario.currency not in CODES:
        yield Finding(("currency",), f"`{scenario.currency[:20]}` is not a currency", "write e.g. USD or EUR")
    elif scenario.currency != DOLLAR and scenario.currency not in rates:
        hint = f"add `fx: {{date: …, rates: {{{scenario.currency}: …}}}}`"
        yield Finding(("currency",), f"there is no exchange rate for {scenario.currency}", hint)


def _objective(slo: Slo, index: int) -> Finding | None:
    """An objective in another unit than its indicator's, or one that asks for the worse."""
    objective, path = slo.objective, ("slos", index, "objective")
    indicator = INDICATORS[slo.indicator]
    is_share, is_cost, is_high = indicator.is_share, indicator.unit == "currency", indicator.better == "high"
    share = 'e.g. ">= 99%"' if is_high else 'e.g. "< 2%"'
    example = share if is_share else 'e.g. "< $0.35"' if is_cost else 'e.g. "p95 < 8s"'
    if is_high != objective.op.startswith(">"):
        return Finding(path, f"`{slo.indicator}` is better {indicator.better}", f"write {example}")
    if is_share and not 0.0 <= objective.limit <= 1.0:
        return Finding(path, "the limit is outside 0 % to 100 %", f"write {example}")
    has_unit = {"%": objective.text.endswith("%"), "$": "$" in objective.text}
    if (has_unit["%"] and not is_share) or (has_unit["$"] and not is_cost):
        return Finding(path, f"`{slo.indicator}` is not measured in that unit", f"write {example}")
    if objective.limit < 0:
        return Finding(path, "the limit must not be negative", f"write {example}")
    return None
