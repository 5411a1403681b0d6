"""AnalysisTemplates of Argo Rollouts: how often a canary is measured, and on which condition it goes on.

A template says how a metric is queried, not what it means: names and queries that speak of success are the availability,
those of errors the error rate. Anything else, and conditions of more than one number, are listed.
"""

import re
from typing import Any

from simulator.formats.configs.parts import Block, Imported, count, items, mapping, place
from simulator.formats.documents import ForeignMap, ForeignRow

_CONDITION = re.compile(r"\s*(?:result|asFloat\(result\))(?:\[0\])?\s*(>=|<=|>|<)\s*(\d+(?:\.\d+)?)\s*")
_LENGTH = re.compile(r"\d+(?:\.\d+)?(?:ms|s|m|h)")
_MEANINGS = (
    (re.compile(r"error|fail|5xx", re.I), "error_rate"),
    (re.compile(r"success|availab|non-?5xx|!~\s*\"?5", re.I), "availability"),
)
_MOST = 1000


def read_analysis_template(document: Any, name: str, into: Imported) -> None:
    """Add the measurements of a template that a scenario can say."""
    own = str(mapping(document.get("metadata")).get("name", "analysis"))
    metrics = [mapping(metric) for metric in items(mapping(document.get("spec")).get("metrics"))]
    found = [(metric, _conditions(metric)) for metric in metrics]
    known = [(metric, conditions) for metric, conditions in found if conditions]
    into.dropped += [
        f"{name}: {own}: the metric {metric.get('name', '')}: what it measures is not known"
        for metric, conditions in found
        if not conditions
    ]
    if not known:
        return
    metric, conditions = known[0]
    into.dropped += [
        f"{name}: {own}: the metric {more.get('name', '')}: one is measured" for more, _ in known[1:]
    ]
    value: ForeignRow = {
        "interval": _length(metric.get("interval")) or "60s",
        "count": min(_MOST, count(metric.get("count")) or 1),
    }
    if delay := _length(metric.get("initialDelay")):
        value["initial_delay"] = delay
    for key, ours in (("failureLimit", "failure_limit"), ("inconclusiveLimit", "inconclusive_limit")):
        if limit := count(metric.get(key)):
            value[ours] = max(0, limit)
    into.analyses[own] = Block({**value, **conditions}, place(document, "spec", name))
    into.formats.append(f"{name}: AnalysisTemplate")


def _conditions(metric: ForeignMap) -> ForeignRow:
    """Conditions on a measure of ours; none: they say something else."""
    said = f"{metric.get('name', '')} {dict(mapping(metric.get('provider')))}"
    meaning = next((ours for pattern, ours in _MEANINGS if pattern.search(str(metric.get("name", "")))), None)
    meaning = meaning or next((ours for pattern, ours in reversed(_MEANINGS) if pattern.search(said)), None)
    found: ForeignRow = {}
    for key, ours in (("successCondition", "success_condition"), ("failureCondition", "failure_condition")):
        if key not in metric:
            continue
        condition = _CONDITION.fullmatch(str(metric[key]))
        if condition is None or meaning is None or float(condition[2]) > 1.0:
            return {}
        found[ours] = f"{meaning} {condition[1]} {100.0 * float(condition[2]):g}%"
    return found


def _length(value: Any) -> str:
    text = str(value or "")
    return text if _LENGTH.fullmatch(text) and float(re.sub(r"[a-z]+", "", text)) > 0.0 else ""
