"""The path of a workload's requests as nodes and edges: made from its steps, filled with what was counted.

An edge is so wide as its end counted per second; where several nodes lead to one, in proportion to what left them.
Actions, turns and tries are not the same number, so that what enters a node need not be what leaves it: an action may
have several turns, and a turn several tries.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulator.mechanisms.routes.config import CACHED_ANSWER, HUMAN
from simulator.mechanisms.traffic.config import (
    CacheStep,
    CallStep,
    GenerateStep,
    ReviewStep,
    Step,
    ValidateStep,
    Workload,
)
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.results.samples import Floats
from simulator.scenario.model import Scenario
from simulator.studies.flow.report import EdgeKind, FlowEdge, FlowNode, FlowPath, NodeKind

OUTCOMES = {
    CountColumn.SUCCEEDED: "succeeded",
    CountColumn.DEGRADED: "degraded",
    CountColumn.FAILED: "failed",
    CountColumn.REJECTED: "rejected",
    CountColumn.ABANDONED: "abandoned",
}
LOSSES = {
    UsageColumn.ERRORS: "errors",
    UsageColumn.RATE_LIMITED: "rate limited",
    UsageColumn.TIMED_OUT: "timed out",
    UsageColumn.SHED: "shed",
    UsageColumn.ABANDONED: "given up while waiting",
    UsageColumn.CANCELLED: "overtaken by another try",
}


@dataclass(frozen=True)
class Rates:
    """What happens to the requests of one workload, per second.

    Attributes
    ----------
    counts : float64[CountColumn]
    usage : by target float64[UsageColumn], its regions together
    """

    counts: Floats
    usage: Mapping[str, Floats]

    def of(self, column: CountColumn) -> float:
        """How often something is counted."""
        return float(self.counts[column])

    def tries(self, target: str, column: UsageColumn = UsageColumn.ATTEMPTS) -> float:
        """Tries at a target, or those that ended in one way; 0 where it does not run."""
        found = self.usage.get(target)
        return 0.0 if found is None else float(found[column])


@dataclass
class _PathMaker:
    """Nodes and edges, as they are found from the first step to the last.

    Attributes
    ----------
    frontier : where requests come from that go into the next step, with what leaves them per second
    skipping : the cache whose hits come out behind the next `generate`
    """

    nodes: dict[str, FlowNode] = field(default_factory=dict)
    edges: list[FlowEdge] = field(default_factory=list)
    frontier: dict[str, float] = field(default_factory=dict)
    skipping: dict[str, float] = field(default_factory=dict)

    def node(self, key: str, label: str, kind: NodeKind) -> str:
        self.nodes.setdefault(key, FlowNode(key=key, label=label, kind=kind))
        return key

    def edge(self, source: str, target: str, per_s: float, unit: str, kind: EdgeKind = "on") -> None:
        if per_s > 0.0:
            self.edges.append(FlowEdge(source=source, target=target, per_s=per_s, unit=unit, kind=kind))

    def lead(
        self,
        target: str,
        inflow: float,
        unit: str,
        kind: EdgeKind = "on",
        sources: Mapping[str, float] | None = None,
    ) -> None:
        """Lead the frontier (or some of it) into a node; what enters it comes from all of these in proportion."""
        sources = self.frontier if sources is None else sources
        total = sum(sources.values())
        for source, leaving in sources.items():
            self.edge(source, target, inflow * leaving / total if total > 0.0 else 0.0, unit, kind)


def workload_path(scenario: Scenario, workload: Workload, rates: Rates) -> FlowPath:
    """Nodes and edges of a workload.

    A target that serves several steps of a workload stands at the first, with all its tries.
    """
    path = _PathMaker()
    arrived = rates.of(CountColumn.ARRIVED)
    path.frontier = {path.node("ask", workload.name, "workload"): arrived}
    steps = list(_placed(scenario, workload))
    for place, (step, targets) in enumerate(steps):
        if isinstance(step, ValidateStep):
            _through_validate(path, _inflow(steps[place:], rates), rates)
        elif isinstance(step, CacheStep):
            _through_cache(path, step.cache, rates)
        elif isinstance(step, ReviewStep):
            _through_review(path, step, rates)
        else:
            _through_targets(path, scenario, targets, rates)
            if isinstance(step, GenerateStep):
                path.frontier |= path.skipping
                path.skipping = {}
    path.frontier |= path.skipping
    _end(path, rates)
    return FlowPath(nodes=tuple(path.nodes.values()), edges=tuple(path.edges))


def _placed(scenario: Scenario, workload: Workload) -> Iterator[tuple[Step, tuple[str, ...]]]:
    """Steps, each with the targets that are met there first."""
    seen: set[str] = set()
    for step in workload.steps:
        targets = tuple(target for target in _targets(scenario, step) if target not in seen)
        seen |= set(targets)
        yield step, targets


def _targets(scenario: Scenario, step: Step) -> list[str]:
    """Targets that a step may send a try to."""
    if isinstance(step, CallStep):
        name = step.call
    elif isinstance(step, GenerateStep):
        name = step.generate
    else:
        return []
    route = scenario.routes.get(name)
    if route is None:
        return [name]
    chosen = route.choose.values() if isinstance(route.choose, dict) else route.choose
    return [one for one in dict.fromkeys([*chosen, *route.fallbacks]) if one not in (CACHED_ANSWER, HUMAN)]


def _inflow(rest: list[tuple[Step, tuple[str, ...]]], rates: Rates) -> float:
    """What goes into the first of the steps, per second: counted there, or where the next counter is."""
    for place, (step, targets) in enumerate(rest):
        if isinstance(step, ValidateStep):
            return rates.of(CountColumn.INVALID) + _inflow(rest[place + 1 :], rates)
        if isinstance(step, CacheStep):
            return rates.of(CountColumn.CACHE_LOOKUPS)
        if targets:
            return sum(rates.tries(target) for target in targets)
    return rates.of(CountColumn.TURNS)


def _through_validate(path: _PathMaker, inflow: float, rates: Rates) -> None:
    key = path.node("validate", "data contract", "check")
    path.lead(key, inflow, "turns")
    invalid = rates.of(CountColumn.INVALID)
    path.frontier = {key: max(0.0, inflow - invalid)}
    if invalid > 0.0:
        path.edge(key, path.node("invalid", "invalid", "lost"), invalid, "actions", "lost")


def _through_cache(path: _PathMaker, name: str, rates: Rates) -> None:
    """Look-ups of all caches of a workload are counted together, so they are one node."""
    if "cache" in path.nodes:
        return
    key = path.node("cache", f"cache {name}", "cache")
    lookups, hits = (rates.of(one) for one in (CountColumn.CACHE_LOOKUPS, CountColumn.CACHE_HITS))
    path.lead(key, lookups, "look-ups")
    path.frontier = {key: max(0.0, lookups - hits)}
    path.skipping = {key: hits}


def _through_targets(path: _PathMaker, scenario: Scenario, targets: tuple[str, ...], rates: Rates) -> None:
    tried = [target for target in targets if rates.tries(target) > 0.0]
    leaving: dict[str, float] = {}
    for target in tried:
        key = path.node(f"target {target}", target, _kind(scenario, target))
        path.lead(key, rates.tries(target), "tries")
        leaving[key] = rates.tries(target, UsageColumn.SUCCEEDED)
        for column, words in LOSSES.items():
            lost = rates.tries(target, column)
            if lost > 0.0:
                path.edge(key, path.node(f"lost {words}", words, "lost"), lost, "tries", "lost")
    path.frontier = leaving or path.frontier


def _through_review(path: _PathMaker, step: ReviewStep, rates: Rates) -> None:
    """People take over what models are unsure of, or look at a sample afterwards; counted for all review steps together."""
    handed, seen = (rates.of(one) for one in (CountColumn.HANDED_OFF, CountColumn.REVIEWED))
    key = f"target {step.review.team}"
    if key in path.nodes or handed + seen == 0.0:
        return
    path.node(key, step.review.team, "team")
    answering = {source: leaving for source, leaving in path.frontier.items() if source != "cache"}
    path.lead(key, handed, "turns handed over", sources=answering)
    path.lead(key, seen, "answers reviewed afterwards", "aside")
    total = sum(answering.values())
    kept = max(0.0, 1.0 - handed / total) if total > 0.0 else 1.0
    path.frontier |= {source: kept * leaving for source, leaving in answering.items()} | {key: handed}


def _end(path: _PathMaker, rates: Rates) -> None:
    for column, words in OUTCOMES.items():
        per_s = rates.of(column)
        if column is CountColumn.REJECTED:
            per_s -= rates.of(CountColumn.INVALID)
        if per_s > 0.0:
            kind: Literal["good", "lost"] = "good" if column is CountColumn.SUCCEEDED else "lost"
            path.lead(path.node(f"outcome {words}", words, kind), per_s, "actions", kind)


def _kind(scenario: Scenario, target: str) -> NodeKind:
    return "service" if target in scenario.services else "team" if target in scenario.teams else "model"
