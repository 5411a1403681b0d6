"""Every metric by its name: what thresholds and objectives can name, and how people read it.

A metric is declared by a field of `ActionMetrics`, `ActionCosts`, `TargetMetrics` or `TargetCosts`, and nowhere else.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

from simulator.metrics.actions import ActionCosts, ActionMetrics
from simulator.metrics.definition import Definition, Sampled, definitions
from simulator.metrics.targets import TargetCosts, TargetMetrics
from simulator.units import percentile_label

ACTIONS = definitions(ActionMetrics)
COSTS = definitions(ActionCosts)
TARGETS = definitions(TargetMetrics)
TARGET_COSTS = definitions(TargetCosts)
MONTHLY_COST = "monthly_cost"
_MONTH = Definition(
    "currency",
    "Cost of the month at whose pace a stage ends; its percentiles are of what the simulation leaves open.",
    Sampled.MONEY,
    better="low",
    label="monthly cost",
    name=MONTHLY_COST,
    key=MONTHLY_COST,
    kind="spread",
)
_ALL = {**TARGETS, **TARGET_COSTS, **ACTIONS, **COSTS, MONTHLY_COST: _MONTH}

TESTABLE: Mapping[str, Definition] = {  # by thresholds
    name: found
    for name, found in {**ACTIONS, **COSTS, MONTHLY_COST: _MONTH, **TARGETS, **ACTIONS}.items()
    if found.source is not None
}
INDICATORS: Mapping[str, Definition] = {  # of objectives
    name: found for name, found in {**ACTIONS, **COSTS}.items() if found.is_indicator
}

if TYPE_CHECKING:
    Indicator: TypeAlias = str
else:
    Indicator: TypeAlias = Literal[tuple(INDICATORS)]


def metric(name: str) -> Definition:
    """The definition of a metric by its name; KeyError: none has it."""
    return _ALL[name]


def key_of(name: str) -> str:
    """Name of a metric in documents: `latency_s` for `latency`; other names stay as they are."""
    return _ALL[name].key if name in _ALL else name


def is_of_targets_only(name: str) -> bool:
    """Whether a metric is that of a target, so that one must be named."""
    return name in TARGETS and name not in ACTIONS


def is_share_of_actions(name: str) -> bool:
    """Whether a metric is a share of actions, turns or answers."""
    return name in ACTIONS and ACTIONS[name].is_share


def label_of(text: str) -> str:
    """A metric as people read it: `p95 first token` for the p95 of `ttft`, `success rate` for `success_rate`."""
    statistic, _, name = text.rpartition(" ")
    label = _ALL[name].label if name in _ALL else name.replace("_", " ")
    return f"{percentile_label(statistic)} {label}" if statistic else label


def unit_of(text: str) -> str:
    """Unit of a metric, with or without a statistic before it; empty: a number without one."""
    name = text.rpartition(" ")[2]
    return _ALL[name].unit if name in _ALL else ""
