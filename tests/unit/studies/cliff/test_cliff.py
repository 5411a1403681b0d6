"""The cliff: where Erlang says it is, what comes beyond it, and a load that is only carried from rest."""

import math
import threading
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Cancelled, Runner
from simulator.errors import OptionError
from simulator.scenario.model import Scenario
from simulator.studies.cliff.cliff import cliff
from simulator.studies.cliff.load_search import CARRIED
from simulator.studies.cliff.study import CliffStudy
from simulator.studies.drill.drill_plan import DrillError
from tests.unit.studies.drill.test_drill import _storm

_HERE = Path()


def _desk(rate_rps: float, limit_s: float, **service: Any) -> Scenario:
    """M/M/1 with a service of 0.1 s, judged by how many are answered within a limit."""
    return Scenario.model_validate(
        {
            "metadata": {"name": "desk"},
            "workloads": [{"name": "ask", "arrival_rate": rate_rps, "steps": [{"call": "desk"}]}],
            "services": {
                "desk": {
                    "max_ongoing_requests": 1,
                    "service_time": {"distribution": "exponential", "mean": 0.1},
                    **service,
                }
            },
            "window": {"warmup": 60.0},
            "slos": [{"name": "latency", "indicator": "latency", "objective": f"p(95) < {limit_s}s"}],
        }
    )


def test_it_is_where_erlang_says() -> None:
    """The time in M/M/1 is exponential with rate μ - λ: the share within x is 1 - exp(-(μ - λ) x)."""
    found = cliff(_desk(5.0, 0.6), CliffStudy(), Runner(_HERE))
    carried = CARRIED * -math.expm1(-(10.0 - 1.25) * 0.6)
    expected = (10.0 + math.log(1.0 - carried) / 0.6) / 5.0
    assert found.collapse is not None
    assert found.collapse.factor.low <= expected <= found.collapse.factor.high
    assert found.collapse.factor.value == pytest.approx(expected, rel=0.06)
    assert found.bottleneck is not None
    assert found.bottleneck.target == "desk"
    assert found.peak_rps == pytest.approx(5.0)


def test_who_sheds_saturates_and_needs_no_lower_load_to_recover() -> None:
    found = cliff(_desk(5.0, 1.0, max_queued_requests=4), CliffStudy(), Runner(_HERE))
    assert found.shape == "saturates"
    assert found.collapse is not None
    assert found.recovery is not None
    assert found.recovery.factor.value == pytest.approx(found.collapse.factor.value, rel=0.05)
    assert found.verdict in ("PASS", "UNDECIDED")


def test_who_retries_without_a_limit_collapses_and_must_be_relieved() -> None:
    found = cliff(_storm(), CliffStudy(runs=2), Runner(_HERE))
    assert found.shape == "collapses"
    assert found.goodput_kept < 0.05
    assert found.collapse is not None
    assert found.recovery is not None
    assert found.collapse.factor.value > 1.15
    assert found.recovery.factor.value < 0.8 * found.collapse.factor.value
    assert found.verdict == "FAIL", "an overload at the peak would not pass"
    factors = [load.factor for load in found.curve]
    assert factors == sorted(set(factors))


def test_headroom_beyond_the_cliff_fails() -> None:
    scenario = _desk(5.0, 0.6).model_copy(
        update={"capacity": Scenario.model_validate(_parts(headroom=0.9)).capacity}
    )
    assert cliff(scenario, CliffStudy(runs=2), Runner(_HERE)).verdict == "FAIL"


def _parts(**capacity: Any) -> dict[str, Any]:
    return _desk(5.0, 0.6).model_dump(mode="json", by_alias=True, exclude_unset=True) | {"capacity": capacity}


def test_there_may_be_none() -> None:
    found = cliff(_desk(0.02, 5.0, max_ongoing_requests=None), CliffStudy(runs=2), Runner(_HERE))
    assert found.collapse is None
    assert found.recovery is None
    assert found.verdict == "PASS"


def test_what_cannot_be_climbed_is_refused() -> None:
    with pytest.raises(OptionError, match="no stage 'pilot'"):
        CliffStudy(stage="pilot").check(_desk(5.0, 0.6))
    with pytest.raises(DrillError, match="quarter of the peak"):
        cliff(_desk(5.0, 1e-6), CliffStudy(runs=2), Runner(_HERE))
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        cliff(_desk(5.0, 0.6), CliffStudy(runs=2), Runner(_HERE, cancel=cancel))


def test_work_for_nobody_may_outlast_any_relief() -> None:
    """Without cancellation three minutes of twice the cliff leave an hour of work in line."""
    parts = _storm(4.0, {"num_retries": 9}).model_dump(mode="json", by_alias=True, exclude_unset=True)
    parts["services"]["search"] |= {"cancellation": False, "max_ongoing_requests": 8}
    found = cliff(Scenario.model_validate(parts), CliffStudy(runs=2), Runner(_HERE))
    assert found.recovery is not None
    assert found.recovery.factor.value == 0.0
    assert found.recovery.factor.high < 0.05
    assert found.verdict == "FAIL"
