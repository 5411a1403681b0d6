"""LiteLLM proxy configurations: deployments and their limits, routing, retries and fallbacks.

`tpm` and `rpm` stand beside `litellm_params` or inside; retries and fallbacks in `litellm_settings` or `router_settings`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from simulator.formats.configs.parts import (
    Block,
    ConfigError,
    Imported,
    count,
    item_place,
    items,
    mapping,
    number,
    place,
)
from simulator.formats.documents import ForeignMap, ForeignRow

_STRATEGIES = {
    "simple-shuffle": "simple-shuffle",
    "least-busy": "least-busy",
    "usage-based-routing": "usage-based-routing",
    "usage-based-routing-v2": "usage-based-routing",
    "latency-based-routing": "latency-based-routing",
    "cost-based-routing": "cost-based-routing",
}
_LIMITS = {
    "rpm": "rpm",
    "tpm": "tpm",
    "itpm": "input_tpm",
    "otpm": "output_tpm",
    "max_parallel_requests": "max_parallel_requests",
}
_TAKEN = {
    *_LIMITS, "model", "weight", "timeout", "stream_timeout", "input_cost_per_token", "output_cost_per_token", "api_key",
    "api_base", "api_version", "organization",
}  # fmt: skip
_PROVIDERS = {
    "azure_ai": "azure",
    "vertex_ai": "google",
    "gemini": "google",
    "bedrock": "aws",
    "together_ai": "together",
}
STUB_TIMES = {
    "ttft": {"distribution": "lognormal", "p50": "500ms", "p95": "1.5s"},
    "tpot": {"distribution": "lognormal", "p50": "15ms", "p95": "30ms"},
}


_FORMAT = "LiteLLM proxy configuration"


def is_litellm(document: Any) -> bool:
    """Whether a document is a proxy's configuration."""
    return isinstance(document, Mapping) and any(
        isinstance(item, Mapping) and "litellm_params" in item for item in items(document.get("model_list"))
    )


def read_litellm(document: Any, name: str, into: Imported) -> None:
    """Add what a configuration says.

    Raises
    ------
    ConfigError
        If there was one before: a scenario has one gateway.
    """
    other = next((one for one in into.formats if one.endswith(_FORMAT)), None)
    if other is not None:
        raise ConfigError(
            f"{name}: a second {_FORMAT} besides {other.rpartition(':')[0]}; a scenario has one: import each by itself"
        )
    into.formats.append(f"{name}: {_FORMAT}")
    groups: dict[str, list[str]] = {}
    timeouts: dict[str, float] = {}
    settings = {**mapping(document.get("litellm_settings")), **mapping(document.get("router_settings"))}
    is_shuffled = (
        _STRATEGIES.get(str(settings.get("routing_strategy", "simple-shuffle")), "simple-shuffle")
        == "simple-shuffle"
    )
    entries = items(document["model_list"])
    for index, entry in enumerate(entries):
        origin = item_place(entries, index, name)
        group, params = (
            str(mapping(entry).get("model_name", "")),
            mapping(mapping(entry).get("litellm_params")),
        )
        target = str(params.get("model", ""))
        if not group or not target or "*" in group or "*" in target:
            into.dropped.append(
                f"{origin}: {group or target or 'an entry without a name'}: a wildcard or no model; "
                "name the models that are asked"
            )
            continue
        own = group if group not in groups else f"{group}-{len(groups[group]) + 1}"
        groups.setdefault(group, []).append(own)
        into.models.append(_model(entry, params, own, target, origin, into))
        if not is_shuffled and "weight" in params:
            into.dropped.append(f"{origin}: `weight` of {own}: only simple-shuffle goes by it")
        if (limit := number(params.get("timeout"))) is not None and limit > 0.0:
            timeouts[group] = limit
    if is_shuffled:
        _weigh(groups, into)
    _routes(document, settings, groups, timeouts, name, into)


def _model(entry: Any, params: ForeignMap, own: str, target: str, origin: str, into: Imported) -> Block:
    provider, slash, model = target.partition("/")
    if not slash:
        provider, model = "openai", target
    base = str(mapping(entry.get("model_info")).get("base_model", ""))
    model = base.rpartition("/")[2] or model
    value: ForeignRow = {
        "model_name": own,
        "provider": _PROVIDERS.get(provider, provider),
        "model": model,
    }
    for source in (entry, params):
        for key, ours in _LIMITS.items():
            if (limit := count(source.get(key))) is not None and limit > 0:
                value[ours] = limit
    prices = [number(params.get(f"{side}_cost_per_token")) for side in ("input", "output")]
    if None not in prices:
        value["prices"] = {
            side: f"${1e6 * price:g}/Mtok"
            for side, price in zip(("input", "output"), prices, strict=True)
            if price is not None
        }
    for key in sorted(set(params) - _TAKEN):
        into.dropped.append(f"{origin}: `{key}` of {own}")
    return Block({**value, **STUB_TIMES}, origin, ("ttft", "tpot"), params.get("weight"))


def _weigh(groups: Mapping[str, list[str]], into: Imported) -> None:
    """Weights count among deployments of one name."""
    together = {own for members in groups.values() if len(members) > 1 for own in members}
    for place_, part in enumerate(into.models):
        weight = number(part.weight)
        if part.value["model_name"] in together and weight is not None and weight > 0.0:
            into.models[place_] = replace(part, value={**part.value, "weight": weight})


def _routes(
    document: Any,
    settings: ForeignMap,
    groups: Mapping[str, list[str]],
    timeouts: Mapping[str, float],
    name: str,
    into: Imported,
) -> None:
    origin = place(document, "router_settings" if "router_settings" in document else "model_list", name)
    strategy = str(settings.get("routing_strategy", "simple-shuffle"))
    if strategy not in _STRATEGIES:
        into.dropped.append(f"{origin}: routing_strategy {strategy}: simple-shuffle stands for it")
    fallbacks = dict(_fallbacks(settings.get("fallbacks")))
    for group, members in groups.items():
        route: ForeignRow = {"choose": members}
        if len(members) > 1:
            route["routing_strategy"] = _STRATEGIES.get(strategy, "simple-shuffle")
        others = [member for other in fallbacks.get(group, []) for member in groups.get(other, [])]
        if others:
            route["fallbacks"] = others[:10]
        if (retries := count(settings.get("num_retries"))) is not None and 0 <= retries <= 10:
            route["num_retries"] = retries
        limit = (
            timeouts.get(group) or number(settings.get("request_timeout")) or number(settings.get("timeout"))
        )
        if limit:
            route["per_try_timeout"] = f"{limit:g}s"
        into.routes[f"{re.sub(r'[^A-Za-z0-9_.-]', '-', group)}-route"] = Block(route, origin)
    for key in (
        "context_window_fallbacks",
        "content_policy_fallbacks",
        "model_group_alias",
        "allowed_fails",
        "cooldown_time",
        "max_budget",
    ):
        if settings.get(key):
            into.dropped.append(f"{name}: `{key}`")


def _fallbacks(value: Any) -> Iterator[tuple[str, list[str]]]:
    for item in items(value):
        for group, others in mapping(item).items():
            yield str(group), [str(other) for other in items(others)]
