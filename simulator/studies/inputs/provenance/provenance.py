"""Where every number of a scenario comes from: value, unit, source, date and grade.

Sources are, in this order: what the author says in `sources`, the catalog that a value was taken from, else it is an
assumption. Numbers that a scenario uses without writing them (list prices, step times, round trips) are listed too.
"""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from simulator import units
from simulator.economics.price_book import price_book
from simulator.mechanisms.providers.prices import TokenPrices
from simulator.mechanisms.regions.catalog import LOCATIONS_SOURCE, ROUND_TRIPS_SOURCE
from simulator.mechanisms.replicas.catalog import load_profile
from simulator.mechanisms.sources import Source
from simulator.scenario.model import Scenario
from simulator.scenario.read.catalogs import catalog, source_of
from simulator.scenario.read.explain import readable
from simulator.scenario.read.load import LoadedScenario
from simulator.scenario.read.yaml_source import Path_
from simulator.scenario.region_facts import location_of, round_trip_s
from simulator.studies.inputs.provenance.report import Input, ProvenanceReport

ASSUMED = Source("", "", "assumption")
# What is asked for, and how it is looked at: nothing that is put in.
_NO_INPUT = ("metadata", "seed", "window", "slos", "thresholds", "sources")
_UNITS = {
    "Seconds": "s",
    "RatePerSecond": "1/s",
    "UserRate": "1/s",
    "TokensPerMinute": "tokens/min",
    "Bytes": "bytes",
    "Share": "share",
    "SignedShare": "share",
    "UsdPerHour": "USD/hour",
    "UsdPerCall": "USD/call",
    "UsdPerMonth": "USD/month",
    "UsdPerMillionTokens": "USD/Mtok",
    "UsdPerGigabyte": "USD/GB",
    "Usd": "USD",
}
_UNIT_BY_KEY = {"rpm": "requests/min"}
_UNIT_OF = {id(get_args(getattr(units, kind))[1]): unit for kind, unit in _UNITS.items()}
_QUANTITY = id(get_args(units.Quantity)[1])


def inputs(loaded: LoadedScenario) -> list[Input]:
    """Every number that a scenario gives or names, in its order, and what it is looked up by."""
    return [
        *_written(loaded),
        *_traces(loaded),
        *_profiles(loaded),
        *_places(loaded.scenario),
        *_prices(loaded.scenario),
        *_step_times(loaded),
    ]


def provenance_of(loaded: LoadedScenario) -> ProvenanceReport:
    """The inputs of a scenario, and how many there are of each grade."""
    found = tuple(inputs(loaded))
    grades = [one.grade for one in found]
    return ProvenanceReport(
        scenario=loaded.scenario.metadata.name,
        inputs=found,
        grades={grade: grades.count(grade) for grade in dict.fromkeys(grades)},
    )


def _input(path: str, value: float | str, unit: str, source: Source, written: str = "") -> Input:
    return Input(
        path=path,
        value=value,
        unit=unit,
        written=written,
        source=source.text,
        date=source.date,
        grade=source.grade,
    )


def _written(loaded: LoadedScenario) -> Iterator[Input]:
    for keys, value, unit in _numbers(loaded.scenario, (), ""):
        node = loaded.full_tree.find(keys)
        if node is None:
            continue  # a default: see `rollout show --resolved`
        path = readable(loaded.full_tree, keys)
        text = node.value if isinstance(node.value, str) else ""
        source = _source(loaded, path, node.place.file, str(keys[-1]))
        yield _input(path, value, unit, source, text)


def _source(loaded: LoadedScenario, path: str, file: str, key: str) -> Source:
    stated = [one for one in loaded.scenario.sources if one.is_of(path)]
    if stated:
        return stated[-1].as_source()
    return source_of(file, key) or ASSUMED


def _numbers(value: Any, keys: Path_, unit: str) -> Iterator[tuple[Path_, float, str]]:
    """Path, value and unit of every number of a scenario."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            below = (*keys, field.alias or name)
            if below[0] not in _NO_INPUT:
                found = _UNIT_BY_KEY.get(name) or _unit((field.metadata, field.annotation), below) or unit
                yield from _numbers(getattr(value, name), below, found)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _numbers(item, (*keys, key), unit)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _numbers(item, (*keys, index), unit)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield keys, value, unit


def _unit(hint: Any, keys: Path_) -> str:
    """Unit of a field, from the type of quantity in its annotation."""
    if id(hint) == _QUANTITY:
        return "tokens" if any(str(key).endswith("tokens") for key in keys) else "s"
    if id(hint) in _UNIT_OF:
        return _UNIT_OF[id(hint)]
    parts = hint if isinstance(hint, list | tuple) else (*get_args(hint), *getattr(hint, "__metadata__", ()))
    return next((unit for part in parts if (unit := _unit(part, keys))), "")


def _traces(loaded: LoadedScenario) -> Iterator[Input]:
    """Recorded requests."""
    for index, workload in enumerate(loaded.scenario.workloads):
        if workload.trace is not None:
            path = f"workloads.{workload.name}.trace.file"
            node = loaded.full_tree.find(("workloads", index, "trace", "file"))
            source = ASSUMED if node is None else _source(loaded, path, node.place.file, "file")
            yield _input(path, workload.trace.file, "", source)


def _profiles(loaded: LoadedScenario) -> Iterator[Input]:
    """Courses of the week that are named, a row for each source of one."""
    entries = catalog("profiles").entries.values()
    for workload in loaded.scenario.workloads:
        path, name = f"workloads.{workload.name}.profile", workload.profile
        for entry in entries:
            if name in (entry.name, entry.facts.get("also")):
                for source in dict.fromkeys(entry.sources.values()):
                    keys = [key for key, of_key in entry.sources.items() if of_key == source]
                    yield _input(path, f"{name}: {', '.join(keys)}", "", source)


def _places(scenario: Scenario) -> Iterator[Input]:
    """Time zones, and round trips, of the catalog of regions."""
    regions = scenario.regions
    for region in regions:
        place = location_of(scenario, region)
        if place is not None and regions[region].timezone is None:
            yield _input(f"regions.{region}.timezone", place.timezone, "", LOCATIONS_SOURCE)
    if scenario.network.rtt != "azure":
        return
    said = scenario.network.overrides or {}
    for origin in regions:
        for other in regions:
            if origin != other and other not in said.get(origin, {}) and origin not in said.get(other, {}):
                time_s = round_trip_s(scenario, origin, other)
                if time_s is not None:
                    yield _input(f"network.rtt.{origin}.{other}", time_s, "s", ROUND_TRIPS_SOURCE)


def _prices(scenario: Scenario) -> Iterator[Input]:
    """List prices of hosted models that the scenario does not give itself."""
    for name, prices in price_book(scenario).models.items():
        if prices.source == "scenario":
            continue
        source = Source(prices.source, f"{prices.as_of:%Y-%m-%d}", "published")
        for key, usd in _listed(prices).items():
            yield _input(f"model_list.{name}.prices.{key}", usd, "USD/Mtok", source)


def _listed(prices: TokenPrices) -> dict[str, float]:
    cached = {"cached_input": prices.cached_input_usd_per_mtok} if prices.cached_share else {}
    return {"input": prices.input_usd_per_mtok, "output": prices.output_usd_per_mtok, **cached}


def _step_times(loaded: LoadedScenario) -> Iterator[Input]:
    """Tables of step times behind pools, whose source says the day at its end, and whose times stand beside them."""
    for model in loaded.scenario.model_list:
        if model.pool is not None:
            profile = load_profile(model.pool, loaded.base_dir)
            text, _, date = profile.source.rpartition(", ")
            has_date = len(date) == 10 and date[:4].isdigit()
            source = Source(text if has_date else profile.source, date if has_date else "", "measured")
            n_times = f"{profile.step_s.size} step times"
            path = f"model_list.{model.model_name}.pool"
            yield _input(f"{path}.profile", n_times, "", source)
            if profile.host_source is not None:
                yield _input(f"{path}.engine_version", profile.host, "", profile.host_source)
