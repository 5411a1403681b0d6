"""Names of catalogs in a scenario become the values they stand for, before anything is validated.

What the scenario says itself holds: a catalog only fills in keys that are not there. Every value keeps its place, those of
a catalog the catalog's, so that `rollout show` can say where it comes from.
"""

import re
from collections.abc import Iterator

from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.read.catalogs import Entry, catalog
from simulator.scenario.read.source_map import Located, merge
from simulator.scenario.read.yaml_source import Path_

_NAME_OF_PRICE = re.compile(r"[a-z][a-z0-9.-]*")


def resolve_catalogs(tree: Located) -> tuple[Located, list[Finding]]:
    """A scenario with the values of the catalogs that it names, and what is wrong with names; the given tree stays."""
    full = tree.copy()
    findings = [
        *_models(full),
        *_quotas(full),
        *_incidents(full),
        *_languages(full),
    ]
    return full, findings


def _models(tree: Located) -> Iterator[Finding]:
    for index, model in enumerate(_list(tree, "model_list")):
        path: Path_ = ("model_list", index)
        limits, provisioned, pool = (_child(model, key) for key in ("rate_limits", "provisioned", "pool"))
        if limits is not None and isinstance(limits.value, str):
            yield from _fill(model, limits, (*path, "rate_limits"), "rate_limits", _text(model, "model"))
        counted_as = _child(model, "limits_as")
        if counted_as is not None and isinstance(counted_as.value, str):
            yield from _fill_values(model, counted_as, (*path, "limits_as"), "limit_rules")
        named = None if provisioned is None else _child(provisioned, "catalog")
        if provisioned is not None and named is not None and isinstance(named.value, str):
            below = (*path, "provisioned", "catalog")
            yield from _fill(provisioned, named, below, "provisioned", _text(model, "model"))
        if pool is not None:
            gpu, below = _text(pool, "gpu"), (*path, "pool")
            yield from _gpu_price(pool, gpu, (*below, "price"))
            spot = _child(pool, "spot")
            if spot is not None:
                yield from _gpu_price(spot, gpu, (*below, "spot", "price"))


def _quotas(tree: Located) -> Iterator[Finding]:
    for name, quota in _entries(tree, "quotas"):
        counted_as = _child(quota, "limits_as")
        if counted_as is not None and isinstance(counted_as.value, str):
            yield from _fill_values(quota, counted_as, ("quotas", name, "limits_as"), "limit_rules")


def _languages(tree: Located) -> Iterator[Finding]:
    for name, language in _entries(tree, "languages"):
        tokenizer = _child(language, "tokenizer")
        if tokenizer is not None and isinstance(tokenizer.value, str):
            path: Path_ = ("languages", name, "tokenizer")
            yield from _fill(language, tokenizer, path, "languages", name, "language")


def _fill(
    node: Located, named: Located, path: Path_, name: str, model: str, what: str = "model"
) -> Iterator[Finding]:
    """Give a map the values that a catalog has for a model or what else it is by, where it has none of its own."""
    entry = _entry(name, named)
    if entry is None:
        yield _unknown(path, name, named)
    elif model not in entry.models:
        found = unknown(path[:-1], what, model, entry.models)
        yield Finding(path, f"`{entry.name}` says nothing of the {what} `{model}`", found.hint)
    else:
        node.value = merge(entry.models[model], node).value | {
            key: item for key, item in node.value.items() if item.value is None
        }


def _fill_values(node: Located, named: Located, path: Path_, name: str) -> Iterator[Finding]:
    """Give a map the values of an entry, where it has none of its own."""
    entry = _entry(name, named)
    if entry is None:
        yield _unknown(path, name, named)
    else:
        node.value = merge(entry.content, node).value


def _gpu_price(node: Located, gpu: str, path: Path_) -> Iterator[Finding]:
    price = _child(node, "price")
    if price is None or not isinstance(price.value, str) or not _NAME_OF_PRICE.fullmatch(price.value):
        return
    entry = _entry("gpu_prices", price)
    if entry is None:
        yield _unknown(path, "gpu_prices", price)
    elif gpu and gpu.split("_")[0] != entry.facts["gpu"]:
        yield Finding(
            path, f"`{entry.name}` is the price of a {entry.facts['gpu']}, and the pool runs on {gpu}"
        )
    else:
        node.value["price"] = entry.content.value["price"]


def _incidents(tree: Located) -> Iterator[Finding]:
    incidents = _child(tree, "incidents")
    if incidents is not None and isinstance(incidents.value, str):
        incidents.value = [Located(incidents.value, incidents.place)]
    for index, item in enumerate(_list(tree, "incidents")):
        path: Path_ = ("incidents", index)
        if isinstance(item.value, str):
            item.value = {"catalog": Located(item.value, item.place)}
        named = _child(item, "catalog")
        if named is None or not isinstance(named.value, str):
            continue
        entry = _entry("incidents", named)
        if entry is None:
            yield _unknown((*path, "catalog"), "incidents", named)
            continue
        item.value = merge(entry.content, item).value
        item.value.setdefault("name", named)
        if "target" not in item.value:
            yield from _target(tree, item, entry, path)


def _target(tree: Located, item: Located, entry: Entry, path: Path_) -> Iterator[Finding]:
    """Let an incident hit the model of the provider that it was reported by."""
    provider = entry.facts["provider"]
    hosted = [model for model in _list(tree, "model_list") if _text(model, "provider") == provider]
    names = [name for model in hosted if (name := _child(model, "model_name")) is not None]
    if len(names) == 1:
        item.value["target"] = Located(names[0].value, item.place)
    elif names:
        known = ", ".join(str(name.value) for name in names)
        yield Finding(
            path, f"`{entry.name}` hits one model, and {known} are of {provider}", "give a `target`"
        )
    else:
        yield Finding(
            path, f"`{entry.name}` hits a model of {provider}, and there is none", "give a `target`"
        )


def _entry(name: str, named: Located) -> Entry | None:
    return catalog(name).entries.get(named.value)


def _unknown(path: Path_, name: str, named: Located) -> Finding:
    return unknown(path, f"entry of the catalog `{name}` called", named.value[:80], catalog(name).entries)


def _list(tree: Located, key: str) -> list[Located]:
    """Items of a list that are maps or texts; whatever else is there, validation tells."""
    node = _child(tree, key)
    items = node.value if node is not None and isinstance(node.value, list) else []
    return [item if isinstance(item.value, dict | str) else Located({}, item.place) for item in items]


def _entries(tree: Located, key: str) -> list[tuple[str, Located]]:
    """Names and parts of a map."""
    node = _child(tree, key)
    return list(node.value.items()) if node is not None and isinstance(node.value, dict) else []


def _child(node: Located, key: str) -> Located | None:
    found: Located | None = node.value.get(key) if isinstance(node.value, dict) else None
    return found


def _text(node: Located, key: str) -> str:
    found = _child(node, key)
    return found.value if found is not None and isinstance(found.value, str) else ""
