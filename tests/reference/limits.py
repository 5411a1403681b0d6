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
    asks: tuple[str, str] = ("", "")  # tenant, workload
    cached_share: float = 0.0  # of the prompt, at the model


def _of_input(fresh: float, cached: float, cached_share: float) -> float:
    return (1.0 - cached_share) * fresh + cached_share * cached


@dataclass
class CountedLimit:
    """One limit, of a deployment or of all who share it."""

    per_minute: float
    rule: RequestRule
    left: float = 1.0  # share of the quota
    used: float = 0.0
    at_s: float = 0.0
    begun: dict[Hashable, tuple[float, float, float]] = field(
        default_factory=dict
    )  # charge, when, cached share

    @property
    def depth(self) -> float:
        """What a full bucket or a fresh window holds."""
        depth = self.per_minute * self.rule.span / 60.0
        if not isinstance(self.rule, TokenRule) and self.rule.window == "bucket" and self.per_minute > 0.0:
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
        of_input = _of_input(start.input, start.cached_input, size.cached_share) * size.prompt
        of_output = start.output * size.answer
        if start.max_tokens > 0.0:
            of_output += start.max_tokens * size.max_tokens
        return max(of_input, of_output) if self.rule.larger else of_input + of_output

    def in_use(self, now_s: float) -> float:
        """What is used or reserved now."""
        if self.is_bucket:
            leaked = (now_s - self.at_s) * self.per_minute / 60.0 * self.left
            self.used = max(0.0, self.used - leaked)
        elif self.window(now_s) != self.window(self.at_s):
            self.used = 0.0
        self.at_s = now_s
        held = self.begun.values() if self.is_bucket and self.is_settled else ()
        return self.used + sum(charge for charge, *_ in held)

    def has_room(self, size: Size, now_s: float) -> bool:
        """Whether a request is let in."""
        room = self.depth - self.in_use(now_s)
        leak = self.per_minute / 60.0 * SAME_S if self.is_bucket else 0.0
        return room > 1e-9 * self.depth and self.charge(size) <= room + leak + 1e-9 * self.depth

    def wait_s(self, size: Size, now_s: float) -> float:
        """How long it takes, as far as the provider knows, until there is room."""
        if self.has_room(size, now_s):
            return 0.0
        charge = self.charge(size)
        if charge > self.depth * (1.0 + 1e-9) or self.depth <= 0.0:
            return math.inf
        if not self.is_bucket:
            return (self.window(now_s) + 1) * self.rule.span - now_s
        missing = charge - (self.depth - self.in_use(now_s))
        return min(missing, self.used) / (self.per_minute / 60.0 * self.left)

    def begin(self, key: Hashable, size: Size, now_s: float) -> None:
        """Charge a request that is let in."""
        self.in_use(now_s)
        if self.is_settled:
            self.begun[key] = self.charge(size), now_s, size.cached_share
        if not (self.is_bucket and self.is_settled):
            self.used += self.charge(size)

    def refuse(self, size: Size, now_s: float) -> None:
        """A request gets a 429; some providers charge it all the same, as far as there is room."""
        if self.rule.charges_refused:
            held = self.in_use(now_s) - self.used
            self.used = max(self.used, min(self.depth - held, self.used + self.charge(size)))

    def end(self, key: Hashable, n_read: float, n_made: float, now_s: float) -> None:
        """A request has ended, with so many tokens read and made."""
        if key not in self.begun:
            return
        assert isinstance(self.rule, TokenRule)
        end = self.rule.at_end
        assert end is not None
        self.in_use(now_s)
        charge, begun_s, cached_share = self.begun.pop(key)
        cost = _of_input(end.input, end.cached_input, cached_share) * n_read + end.output * n_made
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


@dataclass
class DividedLimit:
    """A limit that several models share: one for all, and a limit of its own for each who has a share of it."""

    whole: CountedLimit
    lent_below: float
    shares: dict[str, CountedLimit]  # by who draws; "": everybody else

    def _share_of(self, asks: tuple[str, str]) -> CountedLimit:
        named = [name for name in asks if name in self.shares and name]
        return self.shares[named[0] if named else ""]

    def has_room(self, size: Size, now_s: float) -> bool:
        """Whether a request is let in."""
        in_use = self.whole.in_use(now_s)
        is_lent = in_use < (self.lent_below - 1e-9) * self.whole.depth
        return self.whole.has_room(size, now_s) and (
            is_lent or self._share_of(size.asks).has_room(size, now_s)
        )

    def wait_s(self, size: Size, now_s: float) -> float:
        """How long it takes until there is room, in the whole and, where nothing is lent, in the share."""
        of_whole = self.whole.wait_s(size, now_s)
        whole, lent = self.whole, self.lent_below * self.whole.depth
        beyond = whole.in_use(now_s) - lent
        if beyond < -1e-9 * whole.depth:
            return of_whole
        until_lent_s = math.inf
        if lent > 0.0 and whole.is_bucket:
            until_lent_s = min(beyond, whole.used) / (whole.per_minute / 60.0 * whole.left)
        elif lent > 0.0:
            until_lent_s = (whole.window(now_s) + 1) * whole.rule.span - now_s
        return max(of_whole, min(until_lent_s, self._share_of(size.asks).wait_s(size, now_s)))

    def begin(self, key: Hashable, size: Size, now_s: float) -> None:
        """Charge a request that is let in, for all and for who asks."""
        self.whole.begin(key, size, now_s)
        self._share_of(size.asks).begin(key, size, now_s)

    def refuse(self, size: Size, now_s: float) -> None:
        """A request gets a 429."""
        self.whole.refuse(size, now_s)
        self._share_of(size.asks).refuse(size, now_s)

    def end(self, key: Hashable, n_read: float, n_made: float, now_s: float) -> None:
        """A request has ended, with so many tokens read and made."""
        for limit in (self.whole, *self.shares.values()):
            limit.end(key, n_read, n_made, now_s)

    def used_share(self, now_s: float) -> float:
        """Share in use by all."""
        return self.whole.used_share(now_s)

    def cut(self, left: float, now_s: float) -> None:
        """Let this share of the quota be left from now on."""
        for limit in (self.whole, *self.shares.values()):
            limit.cut(left, now_s)
