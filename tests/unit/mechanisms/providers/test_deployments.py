"""Hosted models: a deployment in each region with limits of its own, and the tokens streamed before a cut."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.providers import kernel
from simulator.mechanisms.providers.build import build_model
from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.providers.limits_build import limit_in
from simulator.mechanisms.providers.shared_build import SharedLimits
from simulator.mechanisms.station import UNLIMITED
from simulator.mechanisms.targets import TargetList
from tests.unit.interpreted import interpreted

tokens_streamed = interpreted(kernel.tokens_streamed)


def _stations(**values: Any) -> Any:
    model = Model.model_validate(
        {
            "model_name": "big",
            "provider": "own",
            "model": "own",
            "ttft": {"distribution": "constant", "value": 0.5},
            "tpot": {"distribution": "constant", "value": 0.01},
            **values,
        }
    )
    targets = TargetList()
    build_model(
        model,
        ["east", "west"],
        (1e-6, 4e-6),
        9_000,
        DistributionTable(),
        targets,
        SharedLimits({}, [], targets),
    )
    return targets.arrays()


def test_a_deployment_has_its_regions_limits() -> None:
    stations, _ = _stations(rpm={"east": 120}, tpm=6000, max_parallel_requests={"west": 9})
    east, west = stations
    assert (east.request_rate_per_s, east.request_depth, east.request_level) == (2.0, 120.0, 120.0)
    assert west.request_rate_per_s == float("inf")
    assert (east.token_rate_per_s, west.token_depth) == (100.0, 6000.0)
    assert (east.parallel_limit, west.parallel_limit) == (UNLIMITED, 9)
    assert stations["servers"].tolist() == [UNLIMITED, UNLIMITED]


def test_a_model_runs_where_it_says_at_its_price() -> None:
    stations, records = _stations(regions=["west"], error_rate=0.02)
    assert stations["region"].tolist() == [1]
    assert (records[0].input_usd, records[0].output_usd, stations[0].error_rate) == (1e-6, 4e-6, 0.02)


@pytest.mark.parametrize(
    ("limit", "expected"), [(None, None), (5.0, 5.0), ({"east": 3.0}, 3.0), ({"west": 3.0}, None)]
)
def test_a_limit_is_that_of_the_region_or_of_all(limit: Any, expected: float | None) -> None:
    assert limit_in(limit, "east") == expected


@given(st.floats(0.0, 100.0), st.floats(0.0, 100.0), st.sampled_from([0.0, 0.01, 0.5]), st.integers(1, 500))
def test_a_token_is_streamed_when_its_time_has_come(
    now_s: float, first_s: float, tpot_s: float, n: int
) -> None:
    streamed = tokens_streamed(now_s, first_s, tpot_s, n)
    come = sum(first_s + place * tpot_s <= now_s for place in range(n))
    assert abs(streamed - come) <= 1  # the sum rounds otherwise than the quotient
    assert 0 <= streamed <= n
    assert (streamed == 0) == (now_s < first_s)
