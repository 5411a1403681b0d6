"""Which capacity would be held if demand were another? The amounts of a plan, in proportion, on the levels of its knobs.

A rule, not a search: quota, replicas and staff are for the same load each. A draw with 20 % more users and cases that take
10 % longer needs 32 % more people, rounded up to the next level of the knob and at most its upper bound. Large plans would
buy a little less than in proportion (queues share), small ones are rounded up as a plan rounds.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import replace

from simulator.compiler.demand import DemandWindow
from simulator.mechanisms.distribution_means import mean_of
from simulator.mechanisms.traffic.config import TokenTrace
from simulator.scenario.model import Scenario
from simulator.studies.capacity.knobs import Amounts, Axis, axes_of
from simulator.studies.common.input_factors import InputFactors

_ROUNDING = 1e-9


def followed(scenario: Scenario, planned: Amounts, factors: InputFactors) -> Amounts:
    """Amounts of the knobs for other inputs; the planned ones where nothing differs.

    Parameters
    ----------
    planned : levels of the knobs by path and region
    """
    if factors.use == InputFactors().use:
        return planned
    found: dict[str, dict[str, float]] = {path: dict(by_region) for path, by_region in planned.items()}
    for axis in axes_of(scenario):
        if axis.region in planned.get(axis.path, {}):
            amount = planned[axis.path][axis.region]
            found[axis.path][axis.region] = _level(axis, amount * load_factor(scenario, axis, factors))
    return found


def with_staff(window: DemandWindow, planned: Amounts, now: Amounts) -> DemandWindow:
    """A window with the people on shift of other amounts of staff: the same share of them."""
    if window.staff is None or now is planned:
        return window
    staff = dict(window.staff)
    for team, region in staff:
        before = planned.get(f"teams.{team}.staff", {}).get(region, 0.0)
        if before > 0.0:
            staff[team, region] *= now[f"teams.{team}.staff"][region] / before
    return replace(window, staff=staff)


def load_factor(scenario: Scenario, axis: Axis, factors: InputFactors) -> float:
    """How much more load comes to the target of a knob."""
    if axis.kind == "team":
        return factors.users * factors.handle_time * factors.hand_off_rate
    if axis.kind in ("model", "quota") and axis.field != "rpm":
        return factors.users * _token_factor(scenario, factors)
    return factors.users


def _level(axis: Axis, wanted: float) -> float:
    """The least level that is enough, else the highest."""
    place = bisect_left(axis.levels, wanted * (1.0 - _ROUNDING))
    return axis.levels[min(place, len(axis.levels) - 1)]


def _token_factor(scenario: Scenario, factors: InputFactors) -> float:
    """Factor on tokens in all, by the mean lengths that workloads state; of traces both count alike."""
    prompts = answers = 0.0
    for workload in scenario.workloads:
        lengths: Mapping[str, object] = {"in": workload.prompt_tokens, "out": workload.output_tokens}
        if any(given is None or isinstance(given, TokenTrace) for given in lengths.values()):
            continue
        prompts += mean_of(workload.prompt_tokens)  # type: ignore[arg-type]
        answers += mean_of(workload.output_tokens)  # type: ignore[arg-type]
    total = prompts + answers
    share = prompts / total if total > 0.0 else 0.5
    return share * factors.prompt_tokens + (1.0 - share) * factors.output_tokens
