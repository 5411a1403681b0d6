"""One try of a step, or two of them: a second one beside a slow first one. The first answer counts."""

import dataclasses
import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import simpy

from simulator.scenario.model import Route
from tests.reference import draws
from tests.reference.action import Action, Clock, EndedError, TryTimedOutError, TurnTimedOutError
from tests.reference.clock import Kind
from tests.reference.resilience import Callers
from tests.reference.routing import choose, chosen
from tests.reference.stations import Station

if TYPE_CHECKING:
    from tests.reference.attempts import Attempt, Attempts

Making = Generator[simpy.Event, Any, "Attempt"]
_SECOND = 2048  # added to the number of a try


@dataclass(frozen=True)
class Step:
    """A step that a route answers."""

    route_name: str
    key: int
    ends: simpy.Event | None  # its time-out
    deadline_s: float


class Pairs:
    """Makes tries one by one, or in pairs."""

    def __init__(self, attempts: "Attempts") -> None:
        self.attempts = attempts
        self.env = attempts.env

    def make(
        self,
        action: Action,
        station: Station,
        step: Step,
        route: Route,
        callers: Callers,
        is_first_level: bool,
    ) -> Making:
        """Try, and when that takes long try beside it; the attempt that counts."""
        clocks: list[Clock] = [] if step.ends is None else [(step.ends, TryTimedOutError)]
        if route.per_try_timeout is not None:
            clocks.append((self.env.timeout(route.per_try_timeout, Kind.TRY_TIMEOUT), TryTimedOutError))
        must_end_s = self.attempts.must_end_s(action, route, step.deadline_s)
        told = callers, must_end_s, is_first_level
        after_s = callers.hedge_after_s() if is_first_level else math.inf
        if after_s == math.inf:
            return (yield from self.attempts.make(action, station, step.key, clocks, *told))
        earlier_wait_s = action.queue_wait_s
        first = self.env.process(self._try(self.attempts.make(action, station, step.key, clocks, *told)))
        yield first | self.env.timeout(after_s, Kind.HEDGE)
        if first.triggered:
            return _attempt_of(first)
        where = self._elsewhere(action, station, step, route, callers)
        if where is None or callers.hedges < 1:
            yield first
            return _attempt_of(first)
        callers.hedges -= 1
        other = dataclasses.replace(
            action, attempt=action.attempt + _SECOND, queue_wait_s=earlier_wait_s, billed=[0, 0], n_attempts=0
        )
        return (yield from self._make_both(action, other, first, where, step, clocks, told))

    def _make_both(
        self,
        action: Action,
        other: Action,
        first: simpy.Process,
        where: Station,
        step: Step,
        clocks: list[Clock],
        told: tuple[Callers, float, bool],
    ) -> Making:
        """Let two tries run until one is answered, or both have failed; the attempt that counts."""
        self.attempts.ledger.count(action.stream, "HEDGES")
        action.n_attempts += 1
        action.is_paired = other.is_paired = True
        second = self.env.process(self._try(self.attempts.make(other, where, step.key, clocks, *told)))
        asking = {first: action, second: other}
        pending = [first, second]
        try:
            while pending:
                yield simpy.AnyOf(self.env, pending)
                ended = next(process for process in pending if process.triggered)
                pending.remove(ended)
                if isinstance(ended.value, Exception):  # the user's own clock, which both heed
                    yield simpy.AllOf(self.env, pending)
                    for process in asking:  # the first one first, whichever had its clock set before
                        if isinstance(process.value, TurnTimedOutError):
                            assert process.value.attempt is not None
                            self.attempts.settle(asking[process], process.value.attempt, is_wasted=True)
                    raise ended.value
                if ended.value.result == "SUCCEEDED":
                    for process in pending:
                        process.interrupt()
                        yield process
                        self.attempts.settle(asking[process], process.value, is_wasted=True)
                    if ended is second:
                        self.attempts.ledger.count(action.stream, "HEDGES_WON")
                        action.queue_wait_s = other.queue_wait_s
                    return ended.value  # type: ignore[no-any-return]
                attempt = ended.value
                if attempt.result == "TIMED_OUT" and (ended is first or attempt.has_expired):
                    attempt.station.learn(self.env.now - attempt.start_s)
                self.attempts.settle(asking[ended], attempt, is_wasted=True)
                if ended is second:
                    action.is_paired = False  # who loses patience now has nothing else to wait for
        finally:
            action.is_paired = False
            for place in (0, 1):
                action.billed[place] += other.billed[place]
        if second.value.result == "TIMED_OUT" and not second.value.has_expired:
            first.value.result = "TIMED_OUT"  # by the clock that both have
        return first.value  # type: ignore[no-any-return]

    @staticmethod
    def _try(making: Making) -> Generator[simpy.Event, Any, Any]:
        """A try as a process of its own, whose end is a value, whatever it is."""
        try:
            return (yield from making)
        except (TurnTimedOutError, EndedError) as error:
            return error

    def _elsewhere(
        self, action: Action, station: Station, step: Step, route: Route, callers: Callers
    ) -> Station | None:
        """Where a second try may go: to another choice, else to the same target in the next region."""
        attempts = self.attempts
        if route.routing_strategy not in ("cascade", "complexity"):
            others = [
                None
                if name == station.target
                else attempts.candidate(action, route, name, step.key, 0, callers)
                for name in chosen(route)
            ]
            stations = [other if isinstance(other, Station) else None for other in others]
            key = action.key_of(step.key, draws.CHOICE)
            number = choose(route, attempts.deployment, stations, action, key)
            if number is not None:
                return stations[number]
        for rank in (0, 1):
            other = attempts.candidate(action, route, station.target, step.key, rank, callers)
            if isinstance(other, Station) and other is not station:
                return other
        return None


def _attempt_of(process: simpy.Process) -> "Attempt":
    if isinstance(process.value, Exception):
        raise process.value
    return process.value  # type: ignore[no-any-return]
