"""Queues are linked lists through the requests: they must behave as plain lists, one for each priority."""

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from simulator.kernel.memory import record_array
from simulator.kernel.state import REQUEST
from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.queueing import kernel
from simulator.mechanisms.station import N_PRIORITIES
from simulator.mechanisms.targets import TargetList
from simulator.numerics.events import NONE
from tests.unit.interpreted import interpreted

account, enter_service, leave_service, join_queue, leave_queue, first_waiting = map(
    interpreted,
    (
        kernel.account,
        kernel.enter_service,
        kernel.leave_service,
        kernel.join_queue,
        kernel.leave_queue,
        kernel.first_waiting,
    ),
)
N_SLOTS = 8


def _station(servers: int) -> np.recarray:
    targets = TargetList()
    targets.add_station(targets.add_target(TargetKind.SERVICE), 0, servers=servers)
    return targets.arrays()[0][0]


class QueueTwins(RuleBasedStateMachine):
    """A station, and the same as lists; times are multiples of a quarter, so that integrals are exact."""

    def __init__(self) -> None:
        super().__init__()
        self.station = _station(servers=2)
        self.requests = record_array(N_SLOTS, REQUEST)
        self.queues: list[list[int]] = [[] for _ in range(N_PRIORITIES)]
        self.since_s: dict[int, float] = {}  # of those in service
        self.now_s = 0.0
        self.busy_s = self.in_system_s = self.servers_s = self.sojourn_s = 0.0
        self.max_in_system = 0

    def _queued(self) -> list[int]:
        return [slot for queue in self.queues for slot in queue]

    def _in_system(self) -> int:
        return len(self._queued()) + len(self.since_s)

    @rule(quarters=st.integers(1, 12))
    def wait(self, quarters: int) -> None:
        span_s = quarters / 4.0
        self.busy_s += span_s * len(self.since_s)
        self.in_system_s += span_s * self._in_system()
        self.servers_s += span_s * max(self.station.servers, len(self.since_s))
        self.now_s += span_s

    @rule(slot=st.integers(0, N_SLOTS - 1), priority=st.integers(0, N_PRIORITIES - 1))
    def join(self, slot: int, priority: int) -> None:
        if slot not in self._queued() and slot not in self.since_s:
            join_queue(self.station, self.requests, slot, priority, self.now_s)
            self.queues[priority].append(slot)
            self.max_in_system = max(self.max_in_system, self._in_system())

    @precondition(lambda self: self._queued())
    @rule(data=st.data())
    def lose_patience(self, data: st.DataObject) -> None:
        slot = data.draw(st.sampled_from(self._queued()))
        priority = next(level for level, queue in enumerate(self.queues) if slot in queue)
        leave_queue(self.station, self.requests, slot, priority, self.now_s)
        self.queues[priority].remove(slot)

    @precondition(lambda self: self._queued())
    @rule()
    def serve(self) -> None:
        slot = first_waiting(self.station)
        priority = next(level for level, queue in enumerate(self.queues) if queue)
        leave_queue(self.station, self.requests, slot, priority, self.now_s)
        assert slot == self.queues[priority].pop(0)
        enter_service(self.station, self.now_s)
        self.since_s[slot] = self.now_s
        self.max_in_system = max(self.max_in_system, self._in_system())

    @precondition(lambda self: self.since_s)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        slot = data.draw(st.sampled_from(sorted(self.since_s)))
        since_s = self.since_s.pop(slot)
        leave_service(self.station, self.now_s, since_s)
        self.sojourn_s += self.now_s - since_s

    @rule(servers=st.integers(0, 4))
    def change_servers(self, servers: int) -> None:
        account(self.station, self.now_s)
        self.station.servers = servers

    @invariant()
    def numbers_agree(self) -> None:
        assert self.station.queued == len(self._queued())
        assert self.station.busy == len(self.since_s)
        assert self.station.max_in_system == self.max_in_system
        assert first_waiting(self.station) == next(iter(self._queued()), NONE)

    @invariant()
    def links_lead_both_ways(self) -> None:
        for priority, queue in enumerate(self.queues):
            ends = [(f"head_{priority}", "next", queue), (f"tail_{priority}", "previous", queue[::-1])]
            for end, link, expected in ends:
                found = []
                slot = self.station[end]
                while slot != NONE:
                    found.append(slot)
                    slot = self.requests[link][slot]
                assert found == expected

    def teardown(self) -> None:
        account(self.station, self.now_s)
        assert self.station.busy_area_s == self.busy_s
        assert self.station.in_system_area_s == self.in_system_s
        assert self.station.servers_area_s == self.servers_s
        assert self.station.sojourn_s == self.sojourn_s


TestQueues = QueueTwins.TestCase
TestQueues.settings = settings(max_examples=80, stateful_step_count=40)


@pytest.mark.parametrize("priority", range(N_PRIORITIES))
def test_first_come_first_served(priority: int) -> None:
    station, requests = _station(0), record_array(4, REQUEST)
    for slot in (2, 0, 3):
        join_queue(station, requests, slot, priority, 0.0)
    served = []
    while (slot := first_waiting(station)) != NONE:
        leave_queue(station, requests, slot, priority, 0.0)
        served.append(slot)
    assert served == [2, 0, 3]


def test_interactive_goes_before_batch() -> None:
    station, requests = _station(0), record_array(2, REQUEST)
    join_queue(station, requests, 0, 1, 0.0)
    join_queue(station, requests, 1, 0, 5.0)
    assert first_waiting(station) == 1
