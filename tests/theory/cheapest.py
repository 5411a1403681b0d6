"""Capacity problems whose answer is a whole number known from theory: Erlang C and A, percentiles of waits, N-1.

`python -m tests.theory.cheapest 200` solves so many and says how often the answer was exact; a tie, where one less lies
within 1 % of the limit, counts as exact.
"""

import math
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.engine import Runner
from simulator.scenario.contingency_places import cases_of
from simulator.scenario.model import Scenario
from simulator.studies.capacity.capacity import StageCapacity, plan_capacity
from simulator.studies.capacity.warmup import lasting_longer, stage_warmup_s
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.windows import peaks
from simulator.theory.abandonment import erlang_a
from simulator.theory.erlang import erlang_c, mean_wait_s

TIE = 0.01


@dataclass(frozen=True)
class Problem:
    """A scenario with one knob, and what must be bought.

    Attributes
    ----------
    answer : by theory
    slack_of_one_less : relative distance to the limit with one server less, negative: it is missed
    slack : with the answer
    """

    name: str
    scenario: Scenario
    answer: int
    slack_of_one_less: float
    slack: float

    def is_exact(self, found: StageCapacity) -> bool:
        """Whether what was bought is the answer, or one more where the answer lies on the limit."""
        bought = self.bought(found)
        return bought == self.answer or (
            bought == self.answer + 1 and abs(self.slack) <= TIE and bool(found.ties)
        )

    @staticmethod
    def bought(found: StageCapacity) -> int:
        """Servers that were bought."""
        return int(found.amounts["services.desk.replicas"]["home"])


def problems(n: int, seed: int = 1) -> Iterator[Problem]:
    """Random problems: 2 to 40 servers, services of a second to ten minutes, limits as people set them."""
    generator = np.random.default_rng(seed)
    for number in range(n):
        yield _problem(generator, ("p95", "p99", "mean", "erlang-a", "n-1")[number % 5])


def solve(problem: Problem) -> StageCapacity:
    """Search the capacity as a plan does."""
    scenario, replicator = problem.scenario, Replicator(Runner())
    stage = scenario.stages[0]
    warmup_s = stage_warmup_s(replicator, scenario, stage)
    found = peaks(lasting_longer(scenario, stage, Runner(), warmup_s), stage, Runner(), warmup_s)
    return plan_capacity(replicator, scenario, found, cases=cases_of(scenario, stage.name))


def _problem(generator: np.random.Generator, kind: str) -> Problem:
    load = float(np.exp(generator.uniform(math.log(1.5), math.log(32.0))))
    service_s = float(np.exp(generator.uniform(0.0, math.log(600.0))))
    rate_rps = load / service_s
    service: dict[str, Any] = {"service_time": {"distribution": "exponential", "mean": service_s}}
    parts: dict[str, Any] = {}
    spare = 0
    measure: Callable[[int], float]
    if kind == "erlang-a":
        patience_s = service_s * float(generator.uniform(0.3, 3.0))
        service["patience"] = {"distribution": "exponential", "mean": patience_s}
        limit = float(generator.choice([0.95, 0.97, 0.98, 0.99]))
        objective = ("availability", f">= {100 * limit:g}%")

        def measure(servers: int) -> float:
            return 1.0 - erlang_a(servers, rate_rps, service_s, patience_s).abandoned_share
    else:
        limit = service_s * float(np.exp(generator.uniform(math.log(0.03), math.log(1.5))))
        level = {"p95": 0.95, "p99": 0.99, "n-1": 0.95}.get(kind)
        objective = ("queue_wait", f"{'mean' if level is None else f'p{100 * level:g}'} <= {limit:.6g}s")
        limit = float(f"{limit:.6g}")
        spare = int(kind == "n-1")
        parts = {"survive": [{"replica_loss": 1}]} if spare else {}

        def measure(servers: int) -> float:
            if level is None:
                return mean_wait_s(servers, rate_rps, service_s)
            waiting = erlang_c(servers, load)
            return max(0.0, math.log(waiting / (1.0 - level)) * service_s / (servers - load))

    def slack(servers: int) -> float:
        if servers <= load:
            return -math.inf
        value = measure(servers)
        return (value - limit) / (1.0 - limit) if kind == "erlang-a" else (limit - value) / limit

    servers = math.floor(load) + 1
    while slack(servers) < 0.0:
        servers += 1
    knob = {"path": "services.desk.replicas", "min": 1, "max": 90}
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": kind},
            "workloads": [{"name": "ask", "arrival_rate": rate_rps, "steps": [{"call": "desk"}]}],
            "services": {"desk": {"max_ongoing_requests": 1, "replicas": servers + 1, **service}},
            "slos": [{"name": "limit", "indicator": objective[0], "objective": objective[1]}],
            "stages": [{"name": "all", "duration": "4w", "exposure": 1.0}],
            "capacity": {"knobs": [knob], **parts},
        }
    )
    return Problem(kind, scenario, servers + spare, slack(servers - 1), slack(servers))


def main(n: int, seed: int) -> None:
    """Solve problems and print those that were not exact."""
    n_exact = n_below = 0
    begin = time.perf_counter()
    for number, problem in enumerate(problems(n, seed), start=1):
        found = solve(problem)
        bought, is_exact = problem.bought(found), problem.is_exact(found)
        n_exact += is_exact
        n_below += bought < problem.answer
        if not is_exact or not found.is_cheapest:
            print(
                f"{number} {problem.name}: {bought} for {problem.answer}, slack {problem.slack:.4f}, with one less "
                f"{problem.slack_of_one_less:.4f}, ties {found.ties}, proven {found.is_cheapest}",
                flush=True,
            )
    print(f"{n_exact} of {n} exact, {n_below} too few, {(time.perf_counter() - begin) / n:.1f} s each")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
