"""Services become stations: servers, queue and limits of each region where they run."""

from typing import Any

import pytest

from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.queueing.build import build_service, replicas_in, servers_of
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.station import UNLIMITED
from simulator.mechanisms.targets import TargetList
from simulator.numerics.events import NONE

CONSTANT = {"distribution": "constant", "value": 0.5}
EXPONENTIAL = {"distribution": "exponential", "mean": 0.5}


def _service(**values: Any) -> Service:
    return Service.model_validate({"service_time": EXPONENTIAL, **values})


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, {"east": 1, "west": 1}),
        ({"replicas": 3}, {"east": 3, "west": 3}),
        ({"replicas": 3, "regions": ["west"]}, {"east": None, "west": 3}),
        ({"replicas": {"east": 2}}, {"east": 2, "west": None}),
        ({"replicas": {"east": 2, "west": 0}, "regions": ["west"]}, {"east": None, "west": 0}),
    ],
)
def test_replicas_by_region(values: dict[str, Any], expected: dict[str, int | None]) -> None:
    service = _service(**values)
    assert {region: replicas_in(service, region) for region in ("east", "west")} == expected


@pytest.mark.parametrize(
    ("concurrency", "replicas", "servers"), [(4, 3, 12), (4, 0, 0), (None, 3, UNLIMITED), (None, 0, 0)]
)
def test_a_replica_serves_so_many_at_once(concurrency: int | None, replicas: int, servers: int) -> None:
    assert servers_of(_service(max_ongoing_requests=concurrency), replicas) == servers


@pytest.mark.parametrize(
    ("values", "depth"),
    [
        ({"rate_limit": 2.0}, 120.0),  # a minute's worth
        ({"rate_limit": 2.0, "burst": 7}, 7.0),
        ({"rate_limit": 0.001}, 1.0),  # never less than a request
    ],
)
def test_the_depth_of_a_rate_limit(values: dict[str, Any], depth: float) -> None:
    targets = TargetList()
    build_service(_service(**values), ["here"], DistributionTable(), lambda _: NONE, targets)
    station = targets.arrays()[0][0]
    assert station.request_rate_per_s == values["rate_limit"]
    assert station.request_depth == station.request_level == depth


def test_only_a_constant_service_time_has_a_lane() -> None:
    for service_time, lane in ((CONSTANT, 9), (EXPONENTIAL, NONE)):
        targets = TargetList()
        service = _service(service_time=service_time, max_queued_requests=0)
        build_service(service, ["a", "b"], DistributionTable(), lambda _: 9, targets)
        stations, records = targets.arrays()
        assert records[0].service_lane == lane
        assert records[0].patience_distribution == NONE
        assert stations["queue_limit"].tolist() == [0, 0]
        assert stations["region"].tolist() == [0, 1]
