"""When is what somebody must hand in before a stage there, and when must work on it begin?

Attested items of the checklist have evidence, or a day on which it is promised, or follow from what they need: the longest
path through `needs`, as in any project plan. A stage that is blocked by an item waits for its day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from simulator.scenario.model import Scenario, Stage
from simulator.scenario.readiness import Attestation


@dataclass(frozen=True)
class Delivery:
    """An attested item that is not there yet.

    Attributes
    ----------
    ready : the day on which it is there; None: nobody says
    after : the item that it waits for last; None: for none, or its promised day is later
    """

    ready: date | None
    after: str | None = None


def deliveries(items: Mapping[str, Attestation]) -> dict[str, Delivery]:
    """When each item is there that has no evidence yet; `needs` have no cycles."""
    found: dict[str, Delivery] = {}

    def of(name: str) -> Delivery:
        if name not in found:
            found[name] = _delivery(items[name], {need: of(need) for need in _open(items, items[name])})
        return found[name]

    return {name: of(name) for name, item in items.items() if not item.evidence}


def _open(items: Mapping[str, Attestation], item: Attestation) -> list[str]:
    """What an item needs and is not there yet."""
    return [need for need in item.needs if not items[need].evidence]


def _delivery(item: Attestation, needs: Mapping[str, Delivery]) -> Delivery:
    days = {need: delivery.ready for need, delivery in needs.items() if delivery.ready is not None}
    if len(days) < len(needs) or (not needs and item.due is None):
        return Delivery(item.due if len(days) == len(needs) else None)
    last = max(days, key=lambda need: days[need], default=None)
    if last is None:
        return Delivery(item.due)
    follows = days[last] + timedelta(seconds=item.takes)
    return Delivery(item.due) if item.due is not None and item.due >= follows else Delivery(follows, last)


def path_to(found: Mapping[str, Delivery], name: str) -> tuple[str, ...]:
    """The chain of items that one waits for, the first of them first, itself last."""
    after = found[name].after
    return (name,) if after is None else (*path_to(found, after), name)


def begin_by(items: Mapping[str, Attestation], name: str, start: date) -> date:
    """The latest day to begin an item, so that a stage that needs all of them begins on its day."""
    return start - timedelta(seconds=_tail_s(items, name) + items[name].takes)


def _tail_s(items: Mapping[str, Attestation], name: str) -> float:
    """Longest time from an item to the end, through those that need it."""
    return max(
        (item.takes + _tail_s(items, other) for other, item in items.items() if name in item.needs),
        default=0.0,
    )


def asked_before(scenario: Scenario, stage: Stage) -> dict[str, Attestation]:
    """Attested items that a stage asks for, and all that they need."""
    items = scenario.readiness.attested
    found = [name for name, item in items.items() if _is_asked(item, stage)]
    for name in found:
        found += [need for need in items[name].needs if need not in found]
    return {name: items[name] for name in items if name in found}


def _is_asked(item: Attestation, stage: Stage) -> bool:
    return item.stages is None or stage.name in item.stages


def ready_to_begin(scenario: Scenario, stage: Stage) -> tuple[date, tuple[str, ...]] | None:
    """The first day on which nothing blocks a stage any more, as far as is known, and what it waits for; None: nothing."""
    items = scenario.readiness.attested
    found = deliveries(asked_before(scenario, stage))
    blocking = {
        name: delivery.ready
        for name, delivery in found.items()
        if delivery.ready is not None and items[name].missing == "block" and _is_asked(items[name], stage)
    }
    if not blocking:
        return None
    last = max(blocking, key=lambda name: blocking[name])
    return blocking[last], path_to(found, last)
