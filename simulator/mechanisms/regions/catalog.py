"""What is known about the regions of the large clouds: where they are, their clocks, and round trips between them.

The tables stand in `data/`, whose README names source, date and licence.
"""

import csv
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from simulator.mechanisms.sources import Source

_EARTH_KM = 6371.0

LOCATIONS_SOURCE = Source(
    "places: cloud-regions-info 1.0.1 (MIT); time zones computed from them with timezonefinder; residency zones set by hand",
    "2025-02",
    "published",
)
ROUND_TRIPS_SOURCE = Source(
    "Microsoft, Azure network latency: medians over 30 days (MicrosoftDocs/azure-docs, azure-network-latency.md; CC-BY 4.0)",
    "2026-07-30",
    "measured",
)


class Location(NamedTuple):
    """A region of a cloud."""

    name: str
    provider: str
    residency: str  # zone in which data is kept
    timezone: str  # IANA
    latitude: float  # degrees
    longitude: float


@cache
def locations() -> Mapping[str, Location]:
    """Every region of the catalog, by name."""
    return {
        row["location"]: Location(
            row["location"],
            row["provider"],
            row["residency"],
            row["timezone"],
            float(row["latitude"]),
            float(row["longitude"]),
        )
        for row in _rows("cloud_regions.csv")
    }


@cache
def azure_round_trips_s() -> Mapping[tuple[str, str], float]:
    """Median round trips between Azure regions by (from, to), in seconds."""
    return {(row["from"], row["to"]): float(row["rtt_ms"]) / 1e3 for row in _rows("azure_round_trips.csv")}


def measured_near(name: str, n: int = 3) -> list[str]:
    """Locations with measured round trips that are nearest to a region of the catalog, by the great circle."""
    here = locations()[name]
    measured = sorted({origin for origin, _ in azure_round_trips_s()})
    return sorted(measured, key=lambda other: _distance_km(here, locations()[other]))[:n]


def _distance_km(a: Location, b: Location) -> float:
    """Length of the great circle between two places (haversine formula)."""
    north, east = radians(b.latitude - a.latitude), radians(b.longitude - a.longitude)
    h = sin(north / 2) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east / 2) ** 2
    return 2.0 * _EARTH_KM * asin(sqrt(h))


def _rows(name: str) -> Iterator[dict[str, str]]:
    text = (files(__package__) / "data" / name).read_text(encoding="utf-8")
    return csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
