"""What serves an attempt: servers with a queue, token buckets, a response cache. Plain objects, one of each kind."""

import math
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

import simpy

from tests.reference.clock import SAME_S, Environment, Kind
from tests.reference.limits import CountedLimit, DividedLimit, Size

QUEUES = 2  # interactive, batch


class TokenBucket:
    """A bucket that starts full, refills continuously, and is charged all or nothing."""

    def __init__(self, per_second: float, depth: float) -> None:
        self.per_second = per_second
        self.depth = depth
        self._base = per_second, depth
        self._level = depth
        self._at_s = 0.0

    def level(self, now_s: float) -> float:
        """What is in it now."""
        self._level = min(self.depth, self._level + self.per_second * (now_s - self._at_s))
        self._at_s = now_s
        return self._level

    def holds(self, amount: float, now_s: float) -> bool:
        """Whether an amount is there in this instant, but for rounding."""
        return self.level(now_s) + self.per_second * SAME_S + 1e-9 * amount >= amount

    def cut(self, left: float, now_s: float) -> None:
        """Let this share of rate and depth be left from now on."""
        self.level(now_s)
        self.per_second, self.depth = (base * left for base in self._base)

    def used_share(self, now_s: float) -> float:
        """Share of the depth that is missing."""
        return 1.0 - self.level(now_s) / self.depth if self.depth > 0.0 else 1.0

    def take(self, amount: float, now_s: float) -> None:
        """Take an amount that is known to be there."""
        self._level = self.level(now_s) - amount


@dataclass(eq=False)
class Place:
    """A request's place at a station."""

    priority: int
    arrived_s: float
    granted: simpy.Event  # succeeds when service may begin
    granted_s: float = math.inf
    is_hopeless: Callable[[], bool] = lambda: False  # whether it would be over too late
    turned_away: str = ""  # how, when its turn came
    key: int = 0  # of the action
    crash_draw: Callable[[int], float] | None = None  # uniform, by the number of the crash
    lost: simpy.Event | None = None  # succeeds when what serves it is gone
    is_lost: bool = False


class Station:
    """A target in one region: limits at the door (429), then servers, then a queue of bounded length.

    A free server goes to the first of the queue in the very instant it becomes free, interactive before batch.
    """

    def __init__(
        self,
        env: Environment,
        target: str,
        region: str,
        *,
        servers: float = math.inf,
        longest_queue: float = math.inf,
        longest_for_batch: float = math.inf,
        longest_wait_s: float = math.inf,
        most_parallel: float = math.inf,
        requests: TokenBucket | None = None,
        tokens: TokenBucket | None = None,
        limits: Sequence[CountedLimit] = (),
        shared: Sequence[CountedLimit | DividedLimit] = (),
        cached_share: float = 0.0,
    ) -> None:
        self.env = env
        self.target = target
        self.region = region
        self.servers = self.planned = servers
        self.units = math.inf  # replicas or people that are there; of hosted models nobody knows
        self.present: Callable[[float], tuple[float, float]] = lambda planned: (planned, math.inf)
        self.served: list[Place] = []
        self.longest_queue = longest_queue
        self.longest_for_batch = longest_for_batch
        self.longest_wait_s = longest_wait_s
        self.most_parallel = most_parallel
        self.requests = requests
        self.tokens = tokens
        self.limits = limits  # its own
        self.all_limits = [*shared, *limits]
        self.cached_share = cached_share
        self.busy = 0
        self.queues: list[deque[Place]] = [deque() for _ in range(QUEUES)]
        self.latency_s: float | None = None  # moving average of attempts, for latency-based routing
        self.max_in_system = 0
        self.in_system_area_s = 0.0
        self.busy_area_s = 0.0
        self._account_s = 0.0

    @property
    def queued(self) -> int:
        """How many wait."""
        return sum(map(len, self.queues))

    @property
    def in_system(self) -> int:
        """How many wait or are served."""
        return self.busy + self.queued

    def account(self) -> None:
        """Bring the integrals over time up to now."""
        span_s = self.env.now - self._account_s
        self.in_system_area_s += self.in_system * span_s
        self.busy_area_s += self.busy * span_s
        self._account_s = self.env.now

    def would_admit(self, size: Size) -> bool:
        """Whether no limit answers 429 now."""
        n_tokens = size.prompt + size.answer
        size = replace(size, cached_share=self.cached_share)
        return (
            self.in_system < self.most_parallel
            and all(limit.has_room(size, self.env.now) for limit in self.all_limits)
            and (self.requests is None or self.requests.holds(1.0, self.env.now))
            and (self.tokens is None or self.tokens.holds(n_tokens, self.env.now))
        )

    def admit(self, size: Size, key: Hashable) -> bool:
        """Pass the door, charging the limits, or be answered 429."""
        if not self.would_admit(size):
            for limit in self.all_limits:
                limit.refuse(replace(size, cached_share=self.cached_share), self.env.now)
            return False
        for limit in self.all_limits:
            limit.begin(key, replace(size, cached_share=self.cached_share), self.env.now)
        if self.requests is not None:
            self.requests.take(1.0, self.env.now)
        if self.tokens is not None:
            self.tokens.take(size.prompt + size.answer, self.env.now)
        return True

    def retry_after_s(self, size: Size) -> float:
        """After how many whole seconds the limits have room for what was refused; 0: they do not say."""
        size = replace(size, cached_share=self.cached_share)
        waits = [limit.wait_s(size, self.env.now) for limit in self.all_limits]
        for bucket, amount in ((self.requests, 1.0), (self.tokens, float(size.prompt + size.answer))):
            if bucket is not None and not bucket.holds(amount, self.env.now):
                fits = amount <= bucket.depth * (1.0 + 1e-9) and bucket.per_second > 0.0
                waits.append((amount - bucket.level(self.env.now)) / bucket.per_second if fits else math.inf)
        longest = max([0.0, *waits])
        return max(1.0, math.ceil(longest - SAME_S)) if 0.0 < longest < math.inf else 0.0

    def settle(self, key: Hashable, n_read: float, n_made: float) -> None:
        """What was let in has ended: what it took counts now."""
        for limit in self.all_limits:
            limit.end(key, n_read, n_made, self.env.now)

    def join(self, priority: int, is_hopeless: Callable[[], bool] = lambda: False) -> Place | None:
        """Get a server at once, or a place in the queue, or nothing when the queue is full."""
        self.account()
        place = Place(priority, self.env.now, self.env.event(), is_hopeless=is_hopeless)
        if self.busy < self.servers:
            self._grant(place)
        elif self.queued >= (self.longest_queue if priority == 0 else self.longest_for_batch):
            return None
        else:
            self.queues[priority].append(place)
        self.max_in_system = max(self.max_in_system, self.in_system)
        return place

    def leave(self, place: Place) -> None:
        """Give up a server or a place in the queue."""
        if place.is_lost:
            return
        self.account()
        if place.turned_away:
            return
        if place.granted_s == math.inf:
            self.queues[place.priority].remove(place)
            return
        self.busy -= 1
        self.served.remove(place)
        self._serve_waiting()

    def set_servers(self, servers: float) -> None:
        """Change capacity; who is being served is served to the end."""
        self.account()
        self.planned = servers
        self.servers, self.units = self.present(servers)
        self._serve_waiting()

    def lose_places(self, share: float, number: int, *, waiting: bool) -> None:
        """Let who is served lose the place, with this probability each, and if so said who waits, too."""
        places = [*self.served, *(place for queue in self.queues if waiting for place in queue)]
        for place in sorted(places, key=lambda place: (place.arrived_s, place.key)):
            assert place.crash_draw is not None
            assert place.lost is not None
            if place.crash_draw(number) < share:
                self.leave(place)
                place.is_lost = True
                self.env.later(place.lost, Kind.ANSWERED)

    def _serve_waiting(self) -> None:
        while self.queued > 0 and self.busy < self.servers:
            self._grant(next(queue for queue in self.queues if queue).popleft())

    def _grant(self, place: Place) -> None:
        """Let a request be served, or turn it away when it is too late for it."""
        place.granted_s = self.env.now
        if self.env.now - place.arrived_s > self.longest_wait_s + SAME_S:
            place.turned_away = "SHED"
        elif place.is_hopeless():
            place.turned_away = "TIMED_OUT"
        else:
            self.busy += 1
            self.served.append(place)
            place.granted.succeed()
            return
        self.env.later(place.granted, Kind.ANSWERED)

    def used_share(self) -> float:
        """Share of the tightest allowance in use."""
        shares = [bucket.used_share(self.env.now) for bucket in (self.requests, self.tokens) if bucket]
        shares += [limit.used_share(self.env.now) for limit in self.all_limits]
        shares.append(self.in_system / self.servers if self.servers > 0 else 1.0)
        return max([0.0, *shares, self.in_system / self.most_parallel])

    def learn(self, latency_s: float) -> None:
        """Let the average latency follow an attempt."""
        if self.latency_s is None:
            self.latency_s = latency_s
        else:
            self.latency_s += 0.1 * (latency_s - self.latency_s)


@dataclass
class Answer:
    """A kept answer."""

    stored_s: float
    is_correct: bool


class Cache:
    """Answers by question: the least recently used goes first, an answer expires `ttl_s` after it was stored."""

    def __init__(self, size: int, ttl_s: float) -> None:
        self._size = size
        self._ttl_s = ttl_s
        self._answers: OrderedDict[Hashable, Answer] = OrderedDict()

    def find(self, question: Hashable, now_s: float, *, of_any_age: bool = False) -> Answer | None:
        """Find the answer to a question, unless it is too old."""
        answer = self._answers.get(question)
        if answer is None or (not of_any_age and now_s - answer.stored_s >= self._ttl_s - SAME_S):
            return None
        self._answers.move_to_end(question)
        return answer

    def flush(self) -> None:
        """Forget everything."""
        self._answers.clear()

    def store(self, question: Hashable, is_correct: bool, now_s: float) -> None:
        """Keep an answer."""
        if question not in self._answers and len(self._answers) == self._size:
            self._answers.popitem(last=False)
        self._answers[question] = Answer(now_s, is_correct)
        self._answers.move_to_end(question)
