"""What became of the budgets of workloads, in words."""

from collections.abc import Iterator, Sequence

from simulator.render.numbers import quantity
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario

_DONE = {
    "alert": "nothing was done",
    "throttle": "{rpm} turns a minute were let in by each region",
    "downgrade": "{models} asked from then on",
    "stop": "nobody was let in",
}


def budget_messages(scenario: Scenario, results: Sequence[RunResult]) -> Iterator[str]:
    """A sentence for every budget that was exceeded in some replication."""
    for whose, _, budget in (found for workload in scenario.workloads for found in workload.budgets()):
        firsts = [
            next(
                (
                    event.time_s
                    for event in run.budget_events
                    if (event.workload, event.kind) == (whose, "exceeded")
                ),
                None,
            )
            for run in results
        ]
        times_s = [time_s for time_s in firsts if time_s is not None]
        if times_s:
            models = " and ".join(
                f"{other} was, in place of {name}," for name, other in budget.models.items()
            )
            done = _DONE[budget.on_exceed].format(rpm=budget.rpm, models=models)
            yield (
                f"budget of {whose}: {quantity(budget.max_budget, 'money')} in "
                f"{quantity(budget.budget_duration, 'time')} spent in {len(times_s)} of {len(results)} replications, "
                f"{quantity(sum(times_s) / len(times_s), 'time')} after the start on average (warm-up included); {done}"
            )
