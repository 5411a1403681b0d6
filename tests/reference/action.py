"""A user's request in the reference, and the ways it can be stopped."""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

import simpy

from simulator.mechanisms.releases.config import Release
from simulator.mechanisms.traffic.config import Workload
from tests.reference.draws import derive, step_draw_key

Waiting = Generator[simpy.Event, Any, None]
Clock = tuple[simpy.Event, type[Exception]]  # what ends a wait, and how


class EndedError(Exception):
    """The action has ended, with this outcome."""


class ExhaustedError(Exception):
    """No entry of a route could answer; how the last attempt ended."""


class TryTimedOutError(Exception):
    """A try, or the whole step, took too long."""


class LostError(Exception):
    """What served the attempt is gone."""


class TurnTimedOutError(Exception):
    """The user has waited long enough."""

    attempt: Any = None  # that was broken off, if it is one of a pair and so to be settled in its turn


class LostPatienceError(Exception):
    """Who waits in a queue leaves."""


@dataclass(eq=False)
class Action:
    """A user's request, and what is known about its present turn."""

    workload: Workload
    region: str
    number: int
    key: int
    arrival_s: float
    complexity: str
    n_turns: int
    language: str  # of its user; empty: the region names none
    turn: int = 0
    turn_start_s: float = 0.0
    turn_ends: simpy.Event | None = (
        None  # the user's own clock; None: there is none, or a person has taken over
    )
    question: tuple[int, int] | None = None  # item, phrasing
    prompt_tokens: int = 0
    output_tokens: int = 0
    context_tokens: int = 0  # of earlier turns
    reusable_tokens: int = 0  # leading part of the context that the turn before sent as it is
    called_tokens: int = 0  # from the calls of this turn
    sent_tokens: int = 0
    recorded_units: list[tuple[Any, int]] = field(
        default_factory=list
    )  # of a trace: what prompts have in common
    tier: int = 0
    kept: Any = None  # of a cascade: an unsure answer, which stands if no later tier answers
    attempt: int = 0  # number at the present step
    is_wrong: bool = False
    is_unsure: bool = False
    is_exhausted: bool = False
    was_handed_off: bool = False
    draft: str = ""  # what a person does with it; empty: it is none
    is_told: bool = False  # the answer of this turn, or that a person takes over
    is_degraded: bool = False
    was_wrong: bool = False
    is_slow: bool = False
    is_review_job: bool = False
    latency_s: float | None = None
    ttft_s: float | None = None
    tpot_s: float = 0.0
    queue_wait_s: float = 0.0
    n_attempts: int = 0
    asked: int = 0  # how often before
    tenant: str = ""
    is_paired: bool = False  # two tries of a step are under way
    is_invalid: bool = False
    release: Release | None = None  # the new one; None: the one before
    class_name: str = ""  # its complexity, where there are several to tell apart
    copied_after_s: float | None = None  # a copy for the new release; None: a user's own
    billed: list[int] = field(default_factory=lambda: [0, 0])  # input, output tokens

    @property
    def units(self) -> list[tuple[Any, int]]:
        """Leading parts of what is sent that others have too: key and full blocks of 16 tokens."""
        system = self.workload.system_prompt_tokens
        if system is not None:
            n_blocks = min(system, self.sent_tokens) // 16
            return [(("system", self.workload.name), n_blocks)] if n_blocks else []
        return [] if self.sent_tokens < self.prompt_tokens else self.recorded_units

    @property
    def source(self) -> tuple[str, ...]:
        """Where it came from, and from whom if somebody shares the workload."""
        return self.workload.name, self.region, *([self.tenant] if self.tenant else [])

    @property
    def stream(self) -> tuple[str, ...]:
        """Whose results it is part of: by version, language, tenant and class."""
        version = "stable" if self.release is None else self.release.name
        if self.copied_after_s is not None:
            version = f"{version}, mirrored"
        return self.workload.name, self.region, version, self.language, self.tenant, self.class_name

    @property
    def priority(self) -> int:
        """Queue it stands in: interactive before batch, and a sampled review behind every hand-off."""
        return int(self.is_review_job or self.workload.priority == "batch")

    @property
    def turn_key(self) -> int:
        """Key of what this turn brings."""
        return derive(self.key, self.turn << 8 | 128)

    def key_of(self, step_key: int, purpose: int) -> int:
        """Key of a draw at a step."""
        return step_draw_key(self.key, step_key, self.turn, self.attempt, purpose)


def wait(action: Action, event: simpy.Event, clocks: Iterable[Clock] = ()) -> Waiting:
    """Wait for an event, unless the user's clock or another one runs out before it."""
    running = list(clocks)
    if action.turn_ends is not None:
        running.append((action.turn_ends, TurnTimedOutError))
    fired = yield simpy.AnyOf(event.env, [event, *(clock for clock, _ in running)])
    for clock, error in running:
        if clock in fired and event not in fired:
            raise error
