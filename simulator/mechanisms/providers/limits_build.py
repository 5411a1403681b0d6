"""From the limits of a hosted model, and how its provider counts them, to the limits that the kernel keeps."""

import math
from collections.abc import Iterator, Mapping
from typing import Protocol

from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.providers.limit_rules import (
    AS_WRITTEN,
    LIMIT_KEYS,
    LimitRules,
    RequestRule,
    TokenRule,
)

_SECONDS_PER_MINUTE = 60.0


def limit_in(limit: Mapping[str, float] | float | None, region: str) -> float | None:
    """A limit of a deployment: per region, or the same in each; None: unlimited."""
    if isinstance(limit, Mapping):
        return limit.get(region)
    return limit


class Limited(Protocol):
    """What has limits that count by rules: a model, or a quota that several share."""

    @property
    def limits_as(self) -> str | None:
        """Name of the rules."""

    @property
    def limit_rules(self) -> LimitRules | None:
        """The rules, as far as they are stated or the name fills them in."""


def rules_of(limited: Limited) -> LimitRules:
    """How limits count; as written where rules are neither named nor stated."""
    stated = limited.limit_rules
    if stated is None:
        return AS_WRITTEN
    if limited.limits_as is not None:
        return stated
    return AS_WRITTEN.model_copy(
        update={key: rule for key in LIMIT_KEYS if (rule := getattr(stated, key)) is not None}
    )


def counts_apart(model: Model) -> bool:
    """Whether a model's limits need more than one bucket of requests and one of all tokens, charged at the start."""
    return model.limit_rules is not None or model.input_tpm is not None or model.output_tpm is not None


def limits_in(limited: Limited, region: str) -> Iterator[tuple[str, float, RequestRule]]:
    """Every limit of a deployment, or of a shared quota: its key, its amount per minute, and how it counts."""
    rules = rules_of(limited)
    for key in LIMIT_KEYS:
        amount, rule = limit_in(getattr(limited, key), region), getattr(rules, key)
        if amount is not None and rule is not None:
            yield key, amount, rule


def depth_of(per_minute: float, rule: RequestRule) -> float:
    """What a full bucket or a fresh window holds; a bucket of requests at least one."""
    depth = per_minute * rule.span / _SECONDS_PER_MINUTE
    is_of_requests = not isinstance(rule, TokenRule)
    return max(1.0, depth) if is_of_requests and rule.window == "bucket" and per_minute > 0 else depth


def limit_rows(model: Model, region: str) -> list[dict[str, float]]:
    """Fields of LIMIT for every limit of a deployment that counts as its provider does."""
    return [
        window_of(per_minute, rule) | charges_of(rule, model)
        for _, per_minute, rule in limits_in(model, region)
    ]


def window_of(per_minute: float, rule: RequestRule) -> dict[str, float]:
    """Fields of LIMIT that say how much there is, and when it comes back."""
    is_bucket = rule.window == "bucket"
    return {
        "depth": depth_of(per_minute, rule),
        "rate_per_s": per_minute / _SECONDS_PER_MINUTE if is_bucket else 0.0,
        "window_s": math.inf if is_bucket else rule.span,
    }


def charges_of(rule: RequestRule, model: Model) -> dict[str, float]:
    """Fields of LIMIT that say what a request to a model is charged."""
    if not isinstance(rule, TokenRule):
        return {"requests": 1.0, "charges_refused": int(rule.charges_refused)}
    cached_share = 0.0 if model.prices is None else model.prices.cached_share
    start, end = rule.at_start, rule.at_end
    charges = {
        "input": start.of_input(cached_share),
        "output": start.output,
        "max_tokens": start.max_tokens,
        "takes_larger": int(rule.larger),
        "charges_refused": int(rule.charges_refused),
    }
    if end is not None:
        charges |= {"settles": 1, "end_input": end.of_input(cached_share), "end_output": end.output}
    return charges
