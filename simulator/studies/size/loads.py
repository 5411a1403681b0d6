"""Does a replica carry a load within the objectives? Simulate it, remember it, and search the largest one that it does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import inf

from simulator.compiler.demand import DemandWindow, steady_window
from simulator.compiler.stage_shares import HOURS_PER_MONTH
from simulator.engine import Runner
from simulator.mechanisms.traffic.clients import cycle_s
from simulator.render.numbers import quantity
from simulator.results.backlog import growths
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.theory.estimate import Estimate

PRECISION = 0.01
_REQUESTS = 8_000.0  # of a run, at the most that a replica can do
_SHORTEST_S, _LONGEST_S = 600.0, 7200.0
_ALL_ANSWERED = 0.999  # beyond the longest of random lengths
WORDS = {"ttft": "first token", "tpot": "time per token", "latency": "latency"}


@dataclass(frozen=True)
class TriedLoad:
    """What happens under a load; `missed`: which objective is not met, in words, empty where all are."""

    amount: float
    results: Sequence[RunResult]
    times: dict[str, Estimate]
    missed: str


@dataclass
class Loads:
    """Loads of a pool that were looked at.

    Attributes
    ----------
    scenario : with arrivals at random, or with clients
    limits_s : longest times, by indicator
    percentile : that they hold for
    full_rps : about as much as it can do
    memory_s : time of a request alone, and of thinking before it
    """

    scenario: Scenario
    limits_s: dict[str, float]
    percentile: float
    n_runs: int
    runner: Runner
    full_rps: float
    memory_s: float
    seen: dict[float, TriedLoad] = field(default_factory=dict)

    def look(self, amount: float) -> TriedLoad:
        """Requests per second, or clients."""
        if amount not in self.seen:
            seeds = range(self.scenario.seed, self.scenario.seed + self.n_runs)
            results = self.runner.replicate(self.scenario, self._window(amount), seeds)
            times = {
                name: found
                for name in self.limits_s
                if (found := estimate(results, name, self.percentile / 100.0)) is not None
            }
            self.seen[amount] = TriedLoad(amount, results, times, self._missed(results, times))
            self.runner.progress(len(self.seen), max(24, len(self.seen) + 1), f"load {len(self.seen)}")
        return self.seen[amount]

    def most(self, high: float, *, is_whole: bool) -> tuple[TriedLoad, TriedLoad | None]:
        """The largest load that is carried, and the smallest known one that is not; the lightest where none is.

        Parameters
        ----------
        high : where to begin
        is_whole : loads are whole numbers
        """
        low = 1.0 if is_whole else PRECISION * high
        if self.look(low).missed:
            return self.look(low), self.look(low)
        high = max(high, 2.0 * low)
        while not self.look(high).missed:
            low, high = high, 2.0 * high
        while high - low > (max(1.0, PRECISION * high) if is_whole else PRECISION * high):
            middle = float(round((low + high) / 2.0)) if is_whole else (low + high) / 2.0
            low, high = (low, middle) if self.look(middle).missed else (middle, high)
        return self.look(low), self.look(high)

    def _window(self, amount: float) -> DemandWindow:
        [workload] = self.scenario.workloads
        rate_rps = amount / cycle_s(workload) if workload.is_closed else amount
        duration_s = min(max(_REQUESTS / self.full_rps, _SHORTEST_S, 10.0 * self.memory_s), _LONGEST_S)
        warmup_s = max(duration_s / 4.0, 4.0 * self.memory_s)
        day = self.scenario.start
        begin = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return steady_window("size", None, begin, [rate_rps], duration_s, warmup_s, HOURS_PER_MONTH)

    def _missed(self, results: Sequence[RunResult], times: dict[str, Estimate]) -> str:
        if growths(results):
            return "throughput: the queue grows"
        answered = estimate(results, "availability")
        if answered is None or answered.value < _ALL_ANSWERED:
            return "requests fail: prompt and answer are too long for the pool"
        over = {
            name: found.value / self.limits_s[name]
            for name, found in times.items()
            if found.value > self.limits_s[name]
        }
        if not over:
            return ""
        worst = max(over, key=lambda name: over[name])
        if times[worst].value == inf:
            return f"p{self.percentile:g} {WORDS[worst]}: too many are not answered while the load lasts"
        shown, limit = quantity(times[worst].value, "time"), quantity(self.limits_s[worst], "time")
        return f"p{self.percentile:g} {WORDS[worst]}: {shown}, more than {limit}"


def fewest(holds: Callable[[int], bool], guess: int, most: int) -> int | None:
    """The least whole number that holds, from a guess; None: not even `most` does. More of it holds, too."""
    low, high = 0, min(guess, most)
    while not holds(high):
        if high == most:
            return None
        low, high = high, min(most, high + max(1, high // 8))
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high
