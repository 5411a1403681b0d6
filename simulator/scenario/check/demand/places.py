"""Is it known where every region is: its location, its clock, its zone, and how far it is from the others?"""

from collections.abc import Iterator
from itertools import combinations
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from simulator.mechanisms.regions.catalog import azure_round_trips_s, locations, measured_near
from simulator.mechanisms.regions.holidays import problem_of
from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.model import Scenario
from simulator.scenario.region_facts import location_of, may_go, residency_of, round_trip_s


def check_places(scenario: Scenario) -> list[Finding]:
    """Findings about locations, time zones, residency zones and round trips."""
    if any(place.location not in {None, *locations()} for place in scenario.regions.values()):
        return list(_locations(scenario))
    return [*_locations(scenario), *_zones(scenario), *_telemetry(scenario), *_round_trips(scenario)]


def _locations(scenario: Scenario) -> Iterator[Finding]:
    for region, place in scenario.regions.items():
        if place.location is not None and place.location not in locations():
            found = unknown(("regions", region, "location"), "location", place.location, locations())
            hint = found.hint if found.hint.startswith("did") else "a region of AWS, Azure or Google Cloud"
            yield Finding(found.path, found.message, hint)
        if place.timezone is not None and not is_timezone(place.timezone):
            yield Finding(
                ("regions", region, "timezone"),
                f"no time zone `{place.timezone[:60]}`",
                "use an IANA name such as Europe/Dublin",
            )
        if isinstance(place.holidays, str):
            problem = problem_of(place.holidays)
            if problem is not None:
                hint = "write a country such as DE, a part of one such as DE-BY, or a list of dates"
                yield Finding(("regions", region, "holidays"), problem, hint)


def is_timezone(name: str) -> bool:
    """Whether it is a time zone of the IANA database."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _zones(scenario: Scenario) -> Iterator[Finding]:
    """A rule is about a zone that a region has, and allows zones that there are."""
    here = {zone for region in scenario.regions if (zone := residency_of(scenario, region)) is not None}
    listed = here | {place.residency for place in locations().values()}
    for zone, allowed in scenario.data_residency.items():
        if zone not in here:
            yield unknown(("data_residency", zone), "region with residency", zone, here)
        if not allowed:
            yield Finding(
                ("data_residency", zone), "is empty: nothing could be done", f"name `{zone}` at least"
            )
        for place, name in enumerate(allowed):
            if name not in listed:
                yield unknown(("data_residency", zone, place), "residency zone", name, listed)


def _telemetry(scenario: Scenario) -> Iterator[Finding]:
    """Logs are kept in a region that there is, and where the data of all users may go."""
    place = None if scenario.telemetry is None else scenario.telemetry.region
    if place is None:
        return
    if place not in scenario.regions:
        yield unknown(("telemetry", "region"), "region", place, scenario.regions)
        return
    for origin in scenario.regions:
        if not may_go(scenario, origin, place):
            zone = residency_of(scenario, origin)
            yield Finding(
                ("telemetry", "region"),
                f"logs of users in `{origin}` may not be kept in `{place}`: data of {zone} stays in "
                f"{' or '.join(scenario.data_residency[str(zone)])}",
                "leave `region` out, and they are kept where their users are",
            )


def _round_trips(scenario: Scenario) -> Iterator[Finding]:
    """Every pair of regions has a round trip when those of a catalog are asked for."""
    if scenario.network.rtt != "azure":
        return
    missing = [pair for pair in combinations(scenario.regions, 2) if round_trip_s(scenario, *pair) is None]
    measured = {origin for origin, _ in azure_round_trips_s()}
    for region in scenario.regions:
        location = location_of(scenario, region)
        others = [name for pair in missing if region in pair for name in pair if name != region]
        if not others or (location is not None and location.name in measured):
            continue
        missing = [pair for pair in missing if region not in pair]
        if location is None:
            hint = "give it the `location` of an Azure region, or round trips in `network.overrides`"
        else:
            near = ", ".join(measured_near(location.name))
            hint = f"give round trips in `network.overrides`; measured near it: {near}"
        yield Finding(
            ("network", "rtt"), f"no round trips between `{region}` and {', '.join(others[:8])}", hint
        )
