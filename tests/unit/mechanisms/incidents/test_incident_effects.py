"""What each kind of incident declares: names become effects at the places that it is given, and facts become problems."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter

from simulator.mechanisms.incidents.base import Recurring
from simulator.mechanisms.incidents.codes import Aspect, Effect
from simulator.mechanisms.incidents.config import Incident
from simulator.mechanisms.incidents.places import TargetKind

_READ: TypeAdapter[Incident] = TypeAdapter(Incident)


class _Places:
    """Two regions with two stations each, a cache with an instance per region, a stream, and a workload."""

    def stations(self, target: str | None, region: str | None) -> list[int]:
        here = {"eu": [0, 1], "us": [2, 3], None: [0, 1, 2, 3]}[region]
        return here if target is None else here[:1]

    def shared_limits(self, quota: str, region: str | None) -> list[tuple[int, int]]:
        return [(7, 3)] if (quota, region) == ("organisation", None) else []

    def region_of(self, station: int) -> str:
        return "eu" if station < 2 else "us"

    def n_replicas(self, _station: int) -> int:
        return 3

    def n_zones(self, _region: str) -> int:
        return 2

    def is_target(self, name: str) -> bool:
        return name != "answers"

    def target(self, _name: str) -> int:
        return 7

    def cache_instances(self, _name: str | None, region: str | None) -> list[int]:
        return [0, 1] if region is None else [0]

    def ways(self, _region: str, _to: str | None) -> Iterator[tuple[int, int]]:
        yield 0, 2

    def streams(self, _region: str | None, _workload: str | None, _tenant: str | None) -> list[int]:
        return [5]

    def workload(self, _name: str) -> int:
        return 6


class _Facts:
    """A region where a pool and people stand, a workload that says nothing, and limits nowhere."""

    n_regions = 1

    def n_zones(self, _region: str) -> int:
        return 2

    def kind_of(self, _target: str) -> TargetKind:
        return "pool"

    def running_in(self, _region: str) -> list[TargetKind]:
        return []

    def n_replicas(self, _target: str, _region: str | None) -> list[int]:
        return [1, 2]

    def has_quota(self, _target: str) -> bool:
        return False

    def is_measured(self, _cache: str) -> bool:
        return True

    def asks_from(self, _region: str, _workload: str | None) -> bool:
        return False

    def has_contract(self, _workload: str) -> bool:
        return False

    def generates(self, _workload: str) -> bool:
        return False

    def has_output_tokens(self, _workload: str) -> bool:
        return False

    def waits_for_ever(self) -> tuple[str, str] | None:
        return "ask", "desk"


def _incident(**keys: Any) -> Incident:
    lasting = {} if keys["kind"] in ("flush", "drift") or "mtbf" in keys else {"duration": 60.0}
    return _READ.validate_python({"name": "one", **lasting, **keys})


_CASES: tuple[tuple[dict[str, Any], list[Effect]], ...] = (
    ({"kind": "outage", "target": "desk", "region": "eu"}, [Effect(Aspect.DOWN, (0,), 1.0)]),
    ({"kind": "outage", "target": "answers", "region": "eu"}, [Effect(Aspect.CACHE_DOWN, (0,), 1.0)]),
    (
        {"kind": "outage", "region": "us"},
        [
            Effect(Aspect.DOWN, (2,), 1.0),
            Effect(Aspect.DOWN, (3,), 1.0),
            Effect(Aspect.CACHE_DOWN, (0,), 1.0),
        ],
    ),
    (
        {"kind": "outage", "region": "eu", "zone": 2},
        [Effect(Aspect.LOST_REPLICA, (0, 1), 1.0), Effect(Aspect.LOST_REPLICA, (1, 1), 1.0)],
    ),
    (
        {"kind": "latency", "target": "desk", "region": "eu", "factor": 3.0},
        [Effect(Aspect.SLOWNESS, (0,), 3.0)],
    ),
    ({"kind": "error", "target": "desk", "region": "eu", "share": 0.2}, [Effect(Aspect.ERROR, (0,), 0.2)]),
    (
        {"kind": "rate_limit", "target": "desk", "region": "eu", "share": 0.2},
        [Effect(Aspect.REFUSED, (0,), 0.2)],
    ),
    (
        {"kind": "overload", "target": "desk", "region": "eu", "share": 0.2},
        [Effect(Aspect.OVERLOADED, (0,), 0.2)],
    ),
    ({"kind": "quota", "target": "desk", "region": "eu", "factor": 0.5}, [Effect(Aspect.QUOTA, (0,), 0.5)]),
    (
        {"kind": "quota", "target": "organisation", "factor": 0.5},
        [Effect(Aspect.QUOTA, (0,), 0.5), Effect(Aspect.SHARED_QUOTA, (7, 3), 0.5)],
    ),
    (
        {"kind": "replica_loss", "target": "desk", "region": "eu", "replicas": 2},
        [Effect(Aspect.LOST, (0,), 2.0)],
    ),
    (
        {"kind": "network", "region": "eu", "extra": 0.2, "factor": 2.0, "loss": 0.1},
        [
            Effect(Aspect.WAY_FACTOR, (0, 2), 2.0),
            Effect(Aspect.WAY_EXTRA, (0, 2), 0.1),
            Effect(Aspect.WAY_LOSS, (0, 2), 0.1),
        ],
    ),
    ({"kind": "flush", "target": "answers", "region": "eu"}, [Effect(Aspect.FLUSH, (0,), 1.0)]),
    ({"kind": "surge", "factor": 2.0}, [Effect(Aspect.DEMAND, (5,), 2.0)]),
    (
        {"kind": "staff", "target": "agents", "region": "eu", "share": 0.3},
        [Effect(Aspect.SHORTAGE, (0,), 0.3)],
    ),
    (
        {"kind": "release", "workload": "ask", "success_rate": -0.1, "output_tokens": 0.5},
        [Effect(Aspect.SUCCESS_OF_WORKLOAD, (6,), -0.1), Effect(Aspect.OUTPUT, (6,), 1.5)],
    ),
    (
        {"kind": "release", "target": "small", "success_rate": -0.1, "error_rate": 0.2},
        [
            Effect(Aspect.SUCCESS_OF_TARGET, (7,), -0.1),
            Effect(Aspect.ERROR, (0,), 0.2),
        ],
    ),
    ({"kind": "contract", "workload": "ask", "reject": 0.4}, [Effect(Aspect.REJECT, (6,), 0.4)]),
    (
        {"kind": "drift", "target": "small", "success_per_week": -0.1},
        [Effect(Aspect.SUCCESS_OF_TARGET, (7,), -0.1)],
    ),
)


@pytest.mark.parametrize(("keys", "effects"), _CASES, ids=lambda part: str(part)[:60])
def test_names_become_effects(keys: dict[str, Any], effects: list[Effect]) -> None:
    assert list(_incident(**keys).effects(_Places())) == effects


def test_every_kind_is_tried() -> None:
    kinds = {get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(Incident)[0])}
    assert {keys["kind"] for keys, _ in _CASES} == kinds


def test_replicas_that_crash_by_themselves_are_components() -> None:
    lost = _incident(kind="replica_loss", target="desk", region="us", mtbf=3600.0, mttr=60.0)
    assert isinstance(lost, Recurring)
    found = list(lost.components(_Places()))
    assert [one.names for one in found] == [("us", 0), ("us", 1), ("us", 2)]
    assert [one.effects for one in found] == [[Effect(Aspect.LOST_REPLICA, (2, n), 1.0)] for n in range(3)]
    assert lost.n_components(_Facts()) == 3
    together = _incident(kind="replica_loss", target="desk")
    assert isinstance(together, Recurring)
    assert [one.names for one in together.components(_Places())] == [()]
    assert together.n_components(_Facts()) == 1


@pytest.mark.parametrize(
    ("keys", "misplaced", "lacking"),
    [
        ({"kind": "outage", "region": "eu"}, ["region"], []),
        ({"kind": "outage", "region": "eu", "zone": 3}, ["region", "zone"], []),
        ({"kind": "latency", "target": "desk", "factor": 3.0}, [], []),
        ({"kind": "quota", "target": "desk", "factor": 0.5}, ["target"], []),
        ({"kind": "replica_loss", "target": "desk", "replicas": 3}, [], ["replicas"]),
        ({"kind": "network", "region": "eu", "loss": 0.1}, ["region"], ["loss"]),
        ({"kind": "flush", "target": "answers"}, ["target"], []),
        ({"kind": "surge", "factor": 1.0, "region": "eu"}, [], ["factor", "region"]),
        ({"kind": "release", "target": "small", "ttft": 0.2}, ["ttft"], []),
        ({"kind": "release", "workload": "ask", "output_tokens": 0.2}, [], ["workload", "output_tokens"]),
        ({"kind": "contract", "workload": "ask", "reject": 0.4}, [], ["workload"]),
        ({"kind": "drift", "workload": "ask", "success_per_week": -0.1}, [], ["workload"]),
    ],
    ids=lambda part: str(part)[:60],
)
def test_facts_become_problems(keys: dict[str, Any], misplaced: list[str], lacking: list[str]) -> None:
    incident = _incident(**keys)
    assert [problem.key for problem in incident.misplaced(_Facts())] == misplaced
    assert [problem.key for problem in incident.lacking(_Facts())] == lacking
