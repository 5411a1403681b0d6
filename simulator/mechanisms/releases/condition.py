"""A condition on what was measured: `success_rate >= 0.88 and p95 latency < 8s`, read without evaluating anything.

A clause is `metric op limit`, with `p95` or `p(95)` in front of a time. The limit is a number with its unit, or `stable`:
what the version before showed in the same span, perhaps times a factor or plus a number (`stable * 1.1`, `stable - 1%`).
"""

import re
from typing import Any, Literal, TypeAlias, get_args

from pydantic import BaseModel, ConfigDict, model_validator

from simulator.metrics.registry import ACTIONS
from simulator.units import PERCENTILE, parse_percentile, parse_quantity, parse_signed_share

ConditionMetric: TypeAlias = Literal[
    "success_rate",
    "reviewed_success_rate",
    "availability",
    "rejected_rate",
    "handed_off_rate",
    "deflection_rate",
    "error_rate",
    "latency",
    "ttft",
]
CONDITION_METRICS: tuple[ConditionMetric, ...] = get_args(ConditionMetric)
_CLAUSE = re.compile(rf"(?:({PERCENTILE})\s*)?([a-z_]+)\s*(<=|>=|<|>)\s*(.+)")
_STABLE = re.compile(r"stable(?:\s*([*+-])\s*(.+))?")


class Clause(BaseModel):
    """One comparison."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    metric: ConditionMetric
    level: float | None  # quantile of a time; None: the mean, or the only value
    op: Literal["<", "<=", ">", ">="]
    factor: float  # of what the version before showed
    limit: float  # added to it, in the metric's base unit

    def holds(self, value: float, stable: float) -> bool:
        """Whether it holds of a value, given the one of the version before."""
        limit = self.limit + (self.factor * stable if self.factor != 0.0 else 0.0)
        if self.op == "<":
            return value < limit
        if self.op == "<=":
            return value <= limit
        if self.op == ">":
            return value > limit
        return value >= limit


class Condition(BaseModel):
    """Clauses of which all must hold (`and`) or one (`or`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"type": "string"})
    clauses: tuple[Clause, ...]
    needs_all: bool
    text: str

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if isinstance(value, dict) and set(value) == {"clauses", "needs_all", "text"}:
            return value
        if not isinstance(value, str) or len(value) > 400:
            raise ValueError('expected a condition such as "success_rate >= 0.88 and p95 latency < 8s"')
        has_and, has_or = (re.search(rf"\s{word}\s", value) is not None for word in ("and", "or"))
        if has_and and has_or:
            raise ValueError("`and` and `or` in one condition; use one of them")
        parts = re.split(r"\s(?:and|or)\s", value.strip())
        return {"clauses": tuple(map(_clause, parts)), "needs_all": not has_or, "text": value.strip()}


def _clause(text: str) -> Clause:
    match = _CLAUSE.fullmatch(text.strip())
    if match is None:
        raise ValueError(
            f"`{text.strip()[:60]}` is not of the form `metric < limit`, e.g. `p95 latency < 8s`"
        )
    metric = next((known for known in CONDITION_METRICS if known == match[2]), None)
    if metric is None:
        raise ValueError(
            f"no metric `{match[2][:40]}` of a canary; there are: {', '.join(CONDITION_METRICS)}"
        )
    level = None
    if match[1] is not None:
        if metric not in ACTIONS or ACTIONS[metric].kind != "spread":
            raise ValueError(f"`{metric}` has no percentiles")
        level = parse_percentile(match[1])
    factor, limit = _limit(match[4].strip())
    return Clause(metric=metric, level=level, op=match[3], factor=factor, limit=limit)  # type: ignore[arg-type]


def _limit(text: str) -> tuple[float, float]:
    """(factor of the stable version's value, number added)."""
    match = _STABLE.fullmatch(text)
    if match is None:
        return 0.0, _number(text)
    if match[1] is None:
        return 1.0, 0.0
    if match[1] == "*":
        return float(_number(match[2])), 0.0
    number = _number(match[2])
    return 1.0, -number if match[1] == "-" else number


def _number(text: str) -> float:
    text = text.strip()
    return parse_signed_share(text) if text.endswith("%") else parse_quantity(text)
