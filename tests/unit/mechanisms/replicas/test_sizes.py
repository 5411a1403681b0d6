"""Which replicas of a pool are on spot, and how many may stand in for them."""

from typing import Any

import pytest

from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.sizes import ordinary_places, spot_places, stand_ins


def _pool(share: float, **values: Any) -> Pool:
    spot = {"share": share, "price": 1.0, "interruptions": "0.1 per hour", **values.pop("spot", {})}
    return Pool.model_validate({"model": "m", "gpu": "g", "spot": spot, **values})


@pytest.mark.parametrize(
    ("share", "places", "expected"),
    [
        (0.5, 1, []),
        (0.5, 2, [1]),
        (0.5, 5, [1, 3]),
        (1.0, 3, [0, 1, 2]),
        (1 / 3, 9, [2, 5, 8]),
        (0.7, 10, [1, 2, 4, 5, 7, 8, 9]),
        (0.29, 100, [n for n in range(100) if 29 * (n + 1) // 100 > 29 * n // 100]),
    ],
)
def test_the_share_is_rounded_down(share: float, places: int, expected: list[int]) -> None:
    assert spot_places(_pool(share), "eu", places) == expected


def test_more_places_leave_those_on_spot_as_they_are() -> None:
    pool = _pool(0.37)
    for places in range(40):
        assert spot_places(pool, "eu", places + 1)[: len(spot_places(pool, "eu", places))] == spot_places(
            pool, "eu", places
        )


def test_what_is_reserved_is_never_on_spot() -> None:
    pool = _pool(0.5, reserved={"replicas": {"eu": 3}, "price": 2.0})
    assert spot_places(pool, "eu", 7) == [4, 6]
    assert spot_places(pool, "us", 4) == [1, 3]
    assert spot_places(pool, "eu", 2) == []


def test_somebody_stands_in_for_each_if_at_all() -> None:
    assert stand_ins(_pool(0.5), "eu", 5) == 2
    assert stand_ins(_pool(0.5, spot={"fallback": "none"}), "eu", 5) == 0


def test_places_are_there_for_those_that_may_be_started() -> None:
    scaled = _pool(0.5, autoscaling={"max_replicas": 6, "target_ongoing_requests": 10})
    assert ordinary_places(scaled, 2) == 6
    assert ordinary_places(_pool(0.5), 2) == 2
