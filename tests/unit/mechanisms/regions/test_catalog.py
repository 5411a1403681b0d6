"""The catalog knows real places: its numbers are those that were published, and possible on this planet."""

from zoneinfo import ZoneInfo

import pytest

from simulator.mechanisms.regions.catalog import _distance_km, azure_round_trips_s, locations, measured_near

_KM_PER_S_IN_FIBRE = 299_792.458 / 1.468  # refractive index of the fibre


def test_every_location_has_a_clock_and_a_zone() -> None:
    assert len(locations()) == 119
    for place in locations().values():
        ZoneInfo(place.timezone)
        assert place.residency in {"EU", "EEA-non-EU", "UK", "CH", "US", "CA", "LATAM", "APAC", "CN", "MEA"}
        assert place.provider in {"aws", "azure", "gcp"}


@pytest.mark.parametrize(
    ("name", "residency", "timezone"),
    [
        ("westeurope", "EU", "Europe/Amsterdam"),
        ("uksouth", "UK", "Europe/London"),
        ("eu-central-1", "EU", "Europe/Berlin"),
        ("us-east1", "US", "America/New_York"),
    ],
)
def test_known_locations(name: str, residency: str, timezone: str) -> None:
    assert locations()[name][2:4] == (residency, timezone)


def test_every_pair_of_measured_locations_has_both_round_trips() -> None:
    measured = {origin for origin, _ in azure_round_trips_s()}
    assert len(measured) == 27
    assert set(azure_round_trips_s()) == {(a, b) for a in measured for b in measured if a != b}
    assert measured <= set(locations())
    assert azure_round_trips_s()["northeurope", "westeurope"] == pytest.approx(0.02, abs=0.01)


def test_no_round_trip_is_faster_than_light_in_fibre() -> None:
    for (origin, destination), rtt_s in azure_round_trips_s().items():
        way_km = _distance_km(locations()[origin], locations()[destination])
        assert rtt_s >= 2.0 * way_km / _KM_PER_S_IN_FIBRE - 2e-3, (origin, destination)  # places are cities


def test_the_nearest_measured_location_is_named() -> None:
    assert measured_near("francesouth")[0] in {"francecentral", "switzerlandnorth", "italynorth"}
    assert measured_near("eu-west-1")[0] == "northeurope"
