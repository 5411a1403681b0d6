"""Capacity in place is integrated piece by piece; exposure is set when its time has come."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from simulator.control.capacity_meter import CapacityMeter
from simulator.control.exposure import follow_exposure

changes = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 2.0, 7.25]), st.integers(0, 2), st.integers(0, 5)), max_size=20
)


@given(changes, st.sampled_from([0.0, 1.5]))
def test_replica_seconds_are_the_area_under_the_steps(
    steps: list[tuple[float, int, int]], rest_s: float
) -> None:
    meter = CapacityMeter(3)
    replicas, area_s, now_s = np.zeros(3), np.zeros(3), 0.0
    for wait_s, station, count in steps:
        area_s += replicas * wait_s
        now_s += wait_s
        replicas[station] = count
        meter.set(station, count, now_s)
    assert meter.replica_s(now_s + rest_s).tolist() == (area_s + replicas * rest_s).tolist()
    assert meter.replica_s(now_s + rest_s).tolist() == meter.replica_s(now_s + rest_s).tolist()


class Recorder(simpy.Environment):
    """An environment whose data plane writes down what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[float, int, float]] = []
        self.effects = SimpleNamespace(set_share=self._set_share)

    def _set_share(self, stream: int, share: float) -> None:
        self.told.append((self.now, stream, share))


def _followed(
    steps: list[tuple[float, list[float]]], until_s: float = 100.0
) -> list[tuple[float, int, float]]:
    env: Any = Recorder()
    env.process(follow_exposure(env, [(time_s, np.array(share)) for time_s, share in steps]))
    env.run(until=until_s)
    told: list[tuple[float, int, float]] = env.told
    return told


def test_every_stream_has_its_first_share_at_once() -> None:
    assert _followed([(0.0, [0.25, 1.0])]) == [(0.0, 0, 0.25), (0.0, 1, 1.0)]


def test_only_what_changes_is_set() -> None:
    steps = [(0.0, [0.25, 1.0]), (10.0, [0.25, 0.5]), (20.0, [0.25, 0.5]), (35.5, [0.0, 0.5])]
    assert _followed(steps)[2:] == [(10.0, 1, 0.5), (35.5, 0, 0.0)]


def test_what_comes_after_the_end_is_not_set() -> None:
    assert len(_followed([(0.0, [1.0]), (99.0, [0.5]), (101.0, [0.25])])) == 2


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_a_share_is_a_plain_number(share: float) -> None:
    assert type(_followed([(0.0, [share])])[0][2]) is float
