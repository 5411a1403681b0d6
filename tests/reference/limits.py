"""Limits as providers count them: a plain object for each, with the tokens of those under way in a dictionary."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, field

from simulator.mechanisms.providers.limit_rules import RequestRule, TokenRule
from tests.reference.clock import SAME_S


@dataclass
class Size:
    """What a request takes of a model: in tokens."""

    prompt: int
    answer: int
    max_tokens: float


@dataclass
class CountedLimit:
    """One limit of a deployment."""

    per_minute: float
    rule: RequestRule
    cached_share: float
    left: float = 1.0  # share of the quota
    used: float = 0.0
    at_s: float = 0.0
    begun: dict[Hashable, tuple[float, float]] = field(default_factory=dict)  # charge, and when

    @property
    def depth(self) -> float:
        """What a full bucket or a fresh window holds."""
        depth = self.per_minute * self.rule.span / 60.0
        if not isinstance(self.rule, TokenRule) and self.rule.window == "bucket":
            depth = max(1.0, depth)
        return depth * self.left

    @property
    def is_bucket(self) -> bool:
        """Whether room comes back without a break."""
        return self.rule.window == "bucket"

    @property
    def is_settled(self) -> bool:
        """Whether what a request took counts in the end."""
        return isinstance(self.rule, TokenRule) and self.rule.at_end is not None

    def window(self, time_s: float) -> int:
        """Number of the window that a moment lies in."""
        return math.floor((time_s + SAME_S) / self.rule.span)

    def charge(self, size: Size) -> float:
        """What a request is charged when it begins."""
        if not isinstance(self.rule, TokenRule):
            return 1.0
        start = self.rule.at_start
        of_input = self._of_input(start.input, start.cached_input) * size.prompt
        of_output = start.output * size.answer
        if start.max_tokens > 0.0:
            of_output += start.max_tokens * size.max_tokens
        return max(of_input, of_output) if self.rule.larger else of_input + of_output

    def _of_input(self, fresh: float, cached: float) -> float:
        return (1.0 - self.cached_share) * fresh + self.cached_share * cached

    def in_use(self, now_s: float) -> float:
        """What is used or reserved now."""
        if self.is_bucket:
            leaked = (now_s - self.at_s) * self.per_minute / 60.0 * self.left
            self.used = max(0.0, self.used - leaked)
        elif self.window(now_s) != self.window(self.at_s):
            self.used = 0.0
        self.at_s = now_s
        held = self.begun.values() if self.is_bucket and self.is_settled else ()
        return self.used + sum(charge for charge, _ in held)

    def has_room(self, size: Size, now_s: float) -> bool:
        """Whether a request is let in."""
        room = self.depth - self.in_use(now_s)
        leak = self.per_minute / 60.0 * SAME_S if self.is_bucket else 0.0
        return room > 0.0 and self.charge(size) <= room + leak + 1e-9 * self.depth

    def begin(self, key: Hashable, size: Size, now_s: float) -> None:
        """Charge a request that is let in."""
        if self.is_settled:
            self.begun[key] = self.charge(size), now_s
        if not (self.is_bucket and self.is_settled):
            self.used += self.charge(size)

    def end(self, key: Hashable, n_read: float, n_made: float, now_s: float) -> None:
        """A request has ended, with so many tokens read and made."""
        if key not in self.begun:
            return
        assert isinstance(self.rule, TokenRule)
        end = self.rule.at_end
        assert end is not None
        self.in_use(now_s)
        charge, begun_s = self.begun.pop(key)
        cost = self._of_input(end.input, end.cached_input) * n_read + end.output * n_made
        if self.is_bucket:
            self.used += cost
        elif cost > charge or self.window(begun_s) == self.window(now_s):
            self.used = max(0.0, self.used + cost - charge)

    def used_share(self, now_s: float) -> float:
        """Share in use."""
        return self.in_use(now_s) / self.depth if self.depth > 0.0 else 1.0

    def cut(self, left: float, now_s: float) -> None:
        """Let this share of the quota be left from now on."""
        self.in_use(now_s)
        self.left = left
