"""Small random scenarios that fit together: every name exists, every step can be walked."""

from typing import Any

from hypothesis import strategies as st

from simulator.scenario.model import Scenario
from tests.property.random_incidents import random_incidents

_REGIONS = ["east", "west", "north"]
_TIMEZONES = ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Sydney"]
_IN_LOOP = st.integers(0, 3).map(lambda n: n == 0)  # whether clients ask, in place of arrivals at a rate
_CHANCE = st.sampled_from([0.0, 0.02, 0.1, 0.3, 0.6])
_STRATEGIES = [
    "simple-shuffle",
    "least-busy",
    "power-of-two",
    "usage-based-routing",
    "latency-based-routing",
    "cost-based-routing",
    "cascade",
    "complexity",
]
_CONFIDENCE = st.fixed_dictionaries(
    {"flags_wrong": _CHANCE, "flags_right": _CHANCE}, optional={"flags_ungrounded": _CHANCE}
)
_GROUNDED = st.fixed_dictionaries({"right": st.floats(0.5, 1.0), "wrong": st.floats(0.0, 1.0)})
_LANGUAGES = ["en", "de", "ja"]
_POLICIES = st.sampled_from(["nearest", "weighted", "least-loaded", "spill-over", "failover"])
_REASONS = ["timeout", "rate_limit", "error", "overload"]


def _times(low_s: float, high_s: float, offset: float) -> st.SearchStrategy[float]:
    """Spans in seconds; `offset` keeps spans of different kinds from being equal, which would tie events."""
    return st.floats(low_s, high_s).map(lambda value: value * (1.0 + offset) + 1e-3 * offset)


@st.composite
def _distributions(
    draw: st.DrawFn, low: float, high: float, offset: float = 0.0, *, is_continuous: bool = False
) -> dict[str, Any]:
    """Any distribution with a mean in about this range."""
    mean = draw(_times(low, high, offset))
    kinds = ["exponential", "uniform", "lognormal", "gamma", "empirical"]
    kind = draw(st.sampled_from(kinds if is_continuous else ["constant", *kinds]))
    values: dict[str, Any] = {"mean": mean}
    if kind == "constant":
        values = {"value": mean}
    elif kind == "uniform":
        values = {"low": mean * draw(st.floats(0.0, 1.0)), "high": mean * 1.7}
    elif kind == "lognormal":
        is_by_mean = draw(st.booleans())
        values = {"mean": mean, "cv": draw(st.floats(0.1, 2.0))} if is_by_mean else {}
        values = values or {"p50": mean, "p95": mean * draw(st.floats(1.2, 5.0))}
    elif kind == "gamma":
        values = {"mean": mean, "cv": draw(st.floats(0.2, 2.5))}
    elif kind == "empirical":
        values = {"quantiles": {0: 0.1 * mean, 0.5: 0.8 * mean, 0.9: 2.0 * mean, 1: 5.0 * mean}}
    return {"distribution": kind, **values}


@st.composite
def _shares(draw: st.DrawFn, names: list[str]) -> dict[str, float]:
    """Shares of some names that add up to 1; some may have none."""
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    weights = [draw(st.integers(0 if place else 1, 9)) for place in range(len(chosen))]
    return {name: weight / sum(weights) for name, weight in zip(chosen, weights, strict=True)}


@st.composite
def _by_region(draw: st.DrawFn, regions: list[str], values: st.SearchStrategy[Any]) -> Any:
    """One value for all regions, or one for each of some; the first region always has one."""
    if draw(st.booleans()):
        return draw(values)
    return {region: draw(values) for region in regions if region == regions[0] or draw(st.booleans())}


def _maybe(draw: st.DrawFn, parts: dict[str, Any], key: str, values: st.SearchStrategy[Any]) -> None:
    if draw(st.booleans()):
        parts[key] = draw(values)


@st.composite
def _services(draw: st.DrawFn, regions: list[str], is_comparable: bool) -> dict[str, Any]:
    service: dict[str, Any] = {
        "service_time": draw(_distributions(0.05, 1.5, 0.0173, is_continuous=is_comparable)),
        "error_rate": draw(_CHANCE),
        "context_tokens": draw(st.sampled_from([0, 300])),
        "replicas": draw(_by_region(regions, st.integers(1, 3))),
    }
    if draw(st.booleans()):
        service["max_ongoing_requests"] = draw(st.integers(1, 4))
        _maybe(draw, service, "max_queued_requests", st.integers(0, 8))
        _maybe(draw, service, "max_queue_wait", _times(0.2, 4.0, 0.0181))
        _maybe(draw, service, "batch_queue_share", st.floats(0.0, 1.0))
        _maybe(draw, service, "cancellation", st.booleans())
        _maybe(draw, service, "patience", _distributions(0.3, 5.0, 0.0191, is_continuous=is_comparable))
        if draw(st.booleans()):
            service["autoscaling"] = {
                "max_replicas": draw(st.integers(1, 5)),
                "target_ongoing_requests": draw(st.floats(0.5, 4.0)),
                "upscale_delay": draw(st.floats(0.0, 5.0)),
                "downscale_delay": draw(st.floats(0.0, 8.0)),
                "look_back_period": draw(st.floats(1.0, 9.0)),
                "metrics_interval": draw(st.floats(0.7, 6.0)),
                "startup_delay": draw(st.floats(0.0, 6.0)),
            }
    if draw(st.booleans()):
        service["rate_limit"] = draw(st.floats(0.3, 4.0))
        _maybe(draw, service, "burst", st.integers(1, 6))
    return service


@st.composite
def _pools(draw: st.DrawFn, regions: list[str], is_comparable: bool) -> dict[str, Any]:
    """Replicas with few seats and little memory, so that batches are full, shed and preempted."""
    seats = draw(st.integers(1, 12))
    pool: dict[str, Any] = {
        "model": "meta-llama/Meta-Llama-3.1-70B",
        "gpu": "a100_sxm",
        "tensor_parallel": 4,
        "replicas": draw(_by_region(regions, st.integers(1, 3))),
        "max_num_seqs": seats,
        "max_num_batched_tokens": seats + draw(st.sampled_from([1, 100, 1_000])),
        "kv_cache_tokens": draw(st.sampled_from([1_500, 5_000, 40_000])),
        "prefix_caching": draw(st.booleans()),
        "load_balancing": draw(st.sampled_from(["round-robin", "least-outstanding", "prefix-affinity"])),
        "price": 2.0,
    }
    _maybe(draw, pool, "async_scheduling", st.booleans())
    if draw(st.booleans()):
        tokens = draw(st.integers(1, 4))
        pool["speculation"] = {"tokens": tokens, "acceptance": draw(st.floats(0.0, 1.0))}
        pool["max_num_batched_tokens"] += tokens * seats
    _maybe(draw, pool, "max_queued_requests", st.integers(0, 6))
    _maybe(draw, pool, "max_model_len", st.sampled_from([600, 3_000]))
    if not is_comparable and draw(st.booleans()):
        target = draw(st.sampled_from(["ongoing_requests", "queued_requests", "kv_usage", "ttft"]))
        pool["autoscaling"] = {
            "min_replicas": draw(st.integers(0, 1)),
            "max_replicas": draw(st.integers(1, 4)),
            f"target_{target}": draw(st.floats(0.1, 1.0)),
            "upscale_delay": draw(st.floats(0.0, 5.0)),
            "downscale_delay": draw(st.floats(0.0, 8.0)),
            "look_back_period": draw(st.floats(1.0, 9.0)),
            "metrics_interval": draw(st.floats(0.7, 6.0)),
            "startup_delay": draw(st.floats(0.0, 6.0)),
        }
    return pool


@st.composite
def _models(
    draw: st.DrawFn, name: str, regions: list[str], classes: list[str], *, is_comparable: bool
) -> dict[str, Any]:
    if draw(st.integers(0, 3)) == 0:
        own: dict[str, Any] = {
            "model_name": name,
            "pool": draw(_pools(regions, is_comparable)),
            "weight": draw(st.floats(0.2, 3.0)),
            "error_rate": draw(_CHANCE),
            "success_rate": {complexity: draw(st.floats(0.4, 1.0)) for complexity in classes},
        }
        _maybe(draw, own, "max_parallel_requests", st.integers(1, 9))
        _maybe(draw, own, "grounded", _GROUNDED)
        return own
    model: dict[str, Any] = {
        "model_name": name,
        "provider": "own",
        "model": name,
        "prices": {"input": draw(st.floats(0.1, 5.0)), "output": draw(st.floats(0.1, 20.0))},
        "weight": draw(st.floats(0.2, 3.0)),
        "ttft": draw(_distributions(0.1, 1.5, 0.0211)),
        "tpot": draw(_distributions(0.002, 0.03, 0.0239)),
        "error_rate": draw(_CHANCE),
        "success_rate": {complexity: draw(st.floats(0.4, 1.0)) for complexity in classes},
    }
    _maybe(draw, model, "grounded", _GROUNDED)
    _maybe(
        draw, model, "success_by_language", st.dictionaries(st.sampled_from(_LANGUAGES), st.floats(0.5, 1.0))
    )
    _maybe(draw, model, "regions", st.lists(st.sampled_from(regions), min_size=1, unique=True))
    _maybe(draw, model, "rpm", _by_region(regions, st.integers(10, 120)))
    _maybe(draw, model, "tpm", _by_region(regions, st.integers(5_000, 90_000)))
    _maybe(draw, model, "max_parallel_requests", _by_region(regions, st.integers(1, 6)))
    return model


@st.composite
def _protections(draw: st.DrawFn, ties: bool) -> dict[str, Any]:
    """How a route protects itself; `ties`: tries of equal length would be told apart by rounding."""
    route: dict[str, Any] = {}
    _maybe(draw, route, "retry_budget", st.fixed_dictionaries({"share": _CHANCE, "burst": st.integers(1, 9)}))
    _maybe(draw, route, "max_parallel_requests", st.integers(1, 6))
    if draw(st.booleans()):
        breaker: dict[str, Any] = {
            "error_rate": draw(st.floats(0.05, 0.9)),
            "min_calls": draw(st.integers(1, 9)),
            "window": draw(_times(1.0, 20.0, 0.0367)),
            "cooldown": draw(_times(0.5, 12.0, 0.0373)),
            "probes": draw(st.integers(1, 4)),
        }
        if not ties and draw(st.booleans()):
            breaker |= {"slow_rate": draw(st.floats(0.1, 0.9)), "slow_call": draw(_times(0.1, 2.0, 0.0379))}
        route["circuit_breaker"] = breaker
    if draw(st.booleans()):
        route["outlier_detection"] = {
            "consecutive_errors": draw(st.integers(1, 4)),
            "base_ejection_time": draw(_times(0.5, 8.0, 0.0383)),
            "max_ejection_percent": draw(st.floats(0.1, 1.0)),
        }
    if not ties and draw(st.booleans()):
        after = draw(st.one_of(_times(0.1, 1.5, 0.0389), st.sampled_from(["p50", "p90", "p95"])))
        route["hedge"] = {
            "after": after,
            "max": draw(st.floats(0.05, 1.0)),
            "burst": draw(st.integers(1, 9)),
        }
    if not ties and draw(st.booleans()):
        route["adaptive_concurrency"] = {
            "initial": draw(st.floats(1.0, 9.0)),
            "max": 20.0,
            "latency": draw(_times(0.1, 2.0, 0.0397)),
            "backoff_ratio": draw(st.floats(0.3, 0.95)),
        }
    _maybe(draw, route, "propagate_deadline", st.booleans())
    return route


@st.composite
def _routes(
    draw: st.DrawFn,
    targets: list[str],
    others: list[str],
    classes: list[str],
    *,
    is_comparable: bool,
) -> dict[str, Any]:
    """A route that chooses among some `targets` and falls back to them and to `others`."""
    chosen = draw(st.lists(st.sampled_from(targets), min_size=1, unique=True))
    strategy = draw(st.sampled_from(_STRATEGIES))
    if strategy == "cascade" and len(chosen) < 2:
        strategy = "simple-shuffle"
    route: dict[str, Any] = {
        "routing_strategy": strategy,
        "choose": {c: draw(st.sampled_from(chosen)) for c in classes} if strategy == "complexity" else chosen,
        "fallbacks": draw(st.lists(st.sampled_from([*targets, *others]), max_size=3, unique=True)),
        "num_retries": draw(st.integers(0, 3)),
        "retry_on": draw(st.lists(st.sampled_from(_REASONS), unique=True)),
        "backoff": {
            "base": draw(st.sampled_from([0.0, 0.1137, 0.4153])),
            "factor": draw(st.sampled_from([1.0, 1.3, 2.0])),
            "max": draw(st.sampled_from([0.2719, 30.0])),
            "jitter": draw(st.sampled_from(["none", "full", "equal"])),
        },
    }
    has_equal_latencies = strategy == "latency-based-routing"  # of tries that time out: rounding would choose
    if not (is_comparable and has_equal_latencies):
        _maybe(draw, route, "per_try_timeout", _times(0.3, 3.0, 0.0257))
        _maybe(draw, route, "timeout", _times(0.5, 6.0, 0.0271))
    _maybe(draw, route, "failover_after", st.integers(1, 3))
    _maybe(draw, route, "region_policy", _POLICIES)
    if draw(st.booleans()):
        route |= draw(_protections(is_comparable and has_equal_latencies))
    _maybe(draw, route, "max_context_tokens", st.integers(100, 2000))
    _maybe(draw, route, "confidence", _CONFIDENCE)
    return route


@st.composite
def _networks(draw: st.DrawFn, regions: list[str]) -> dict[str, Any]:
    """Ways between regions, with a policy and numbers for every policy that a route may have."""
    network: dict[str, Any] = {
        "local": draw(st.sampled_from([0.0, 0.00213])),
        "default": draw(_times(0.0, 0.2, 0.0359)),
        "rtt": {"east": dict.fromkeys(regions[1:2], 0.0713)},
        "region_weights": {region: draw(st.sampled_from([0.0, 0.3, 1.0, 4.0])) for region in regions},
        "spill_over_at": draw(st.sampled_from([0.0, 0.3, 0.8, 1.0])),
    }
    _maybe(draw, network, "region_policy", _POLICIES)
    if draw(st.booleans()):
        network["health_check"] = {
            "interval": draw(_times(0.5, 7.0, 0.0373)),
            "failures": draw(st.integers(1, 3)),
            "successes": draw(st.integers(1, 3)),
            "ttl": draw(st.sampled_from([0.0, 3.7, 20.0])),
        }
    _maybe(draw, network, "jitter", _distributions(0.001, 0.1, 0.0371, is_continuous=True))
    return network


@st.composite
def _caches(draw: st.DrawFn, is_comparable: bool) -> dict[str, Any]:
    cache: dict[str, Any] = {
        "type": draw(st.sampled_from(["exact", "semantic", "measured"])),
        "latency": draw(st.sampled_from([0.0, 0.0213])),
        "false_hit": draw(_CHANCE),
    }
    if cache["type"] == "measured":
        return cache | {"hit_rate": draw(_CHANCE)}
    _maybe(draw, cache, "ttl", _times(2.0, 40.0, 0.0))
    starts = ["cold"] if is_comparable else ["cold", "warm"]
    return cache | {
        "size": draw(st.integers(1, 30)),
        "scope": draw(st.sampled_from(["region", "global"])),
        "start": draw(st.sampled_from(starts)),
    }


@st.composite
def _teams(draw: st.DrawFn, regions: list[str], is_comparable: bool) -> dict[str, Any]:
    team: dict[str, Any] = {
        "staff": draw(_by_region(regions, st.integers(1, 5))),
        "handle_time": draw(_distributions(1.0, 20.0, 0.0293, is_continuous=is_comparable)),
        "success_rate": draw(st.floats(0.5, 1.0)),
    }
    _maybe(draw, team, "patience", _distributions(1.0, 30.0, 0.0307, is_continuous=is_comparable))
    if draw(st.booleans()):
        team["overflow"] = draw(st.just(True) | st.lists(st.sampled_from(regions), unique=True))
        team["overflow_above"] = draw(st.integers(0, 3))
    nights = [{"start_hour": 20, "end_hour": 9}, {"start_hour": 9, "end_hour": 20, "share": 0.4}]
    _maybe(
        draw,
        team,
        "overrides",
        st.fixed_dictionaries({"wrong": st.floats(0.5, 1.0), "right": st.floats(0.0, 0.4)}),
    )
    drafts: dict[str, Any] = {}
    _maybe(draw, drafts, "rejected", st.floats(0.0, 1.0))
    for outcome in ("approve", "change", "reject"):
        _maybe(draw, drafts, outcome, _distributions(0.5, 9.0, 0.0217, is_continuous=is_comparable))
    if drafts:
        team["drafts"] = drafts
    return team | {"shifts": draw(st.sampled_from(["always", "office-hours", nights]))}


@st.composite
def _steps(draw: st.DrawFn, names: dict[str, list[str]], answers: str) -> list[dict[str, Any]]:
    """A walk: checks, caches, calls, a model, people, calls; `answers` is the cache that is asked last."""
    steps: list[dict[str, Any]] = []
    if draw(st.booleans()):
        steps.append({"validate": {"reject": draw(_CHANCE), "latency": draw(st.sampled_from([0.0, 0.0317]))}})
    if draw(st.booleans()):
        steps.append({"cache": draw(st.sampled_from(names["caches"]))})
    steps.append({"cache": answers})
    steps += [{"call": name} for name in draw(st.lists(st.sampled_from(names["calls"]), max_size=2))]
    steps.append({"generate": draw(st.sampled_from(names["generates"]))})
    reasons = draw(st.sampled_from([["exhausted"], ["exhausted", "low_confidence"]]))
    rule = {"team": "agents", "sample": draw(_CHANCE), "when": reasons}
    if draw(st.booleans()):
        rule |= {"before": draw(st.floats(0.05, 1.0)), "draft": draw(st.booleans())}
        _maybe(draw, rule, "of", st.lists(st.sampled_from(names["classes"]), min_size=1, unique=True))
    steps.append({"review": rule})
    steps += [{"call": name} for name in draw(st.lists(st.sampled_from(names["calls"]), max_size=2))]
    if draw(st.booleans()):
        steps.append({"cache": answers})
        steps.append({"generate": draw(st.sampled_from(names["generates"]))})
        steps.append({"review": {"team": "agents", "when": ["exhausted", "low_confidence"]}})
    return steps


def _wanders() -> st.SearchStrategy[dict[str, Any]]:
    """A rate that strays for minutes, alone or with others."""
    cv, time_constant = st.floats(0.05, 1.5), st.floats(60.0, 2000.0)
    common = st.sampled_from([0.0, 0.3, 1.0])
    return st.fixed_dictionaries({"cv": cv, "time_constant": time_constant, "common": common})


def _joint_lengths() -> st.SearchStrategy[dict[str, Any]]:
    """By a rank correlation, or by a table of ranks: as many columns as rows, or twice as many."""
    squares = st.permutations([[6, 3, 1], [1, 6, 3], [3, 1, 6]])
    tables = st.sampled_from([squares, squares.map(lambda rows: [[*row, *row] for row in rows])])
    by_ranks = tables.flatmap(lambda table: st.fixed_dictionaries({"ranks": table}))
    return st.fixed_dictionaries({"correlation": st.floats(-0.95, 0.95)}) | by_ranks


@st.composite
def _workloads(
    draw: st.DrawFn,
    name: str,
    regions: list[str],
    classes: list[str],
    names: dict[str, list[str]],
) -> dict[str, Any]:
    shares = [draw(st.integers(1, 9)) for _ in classes]
    workload: dict[str, Any] = {
        "name": name,
        "arrival_rate": draw(_by_region(regions, st.floats(0.2, 3.0))),
        "burstiness": draw(st.sampled_from([1.0, 0.5, 1.4])),
        "profile": draw(st.sampled_from(["flat", "office-hours", "consumer"])),
        "prompt_tokens": draw(_distributions(50.0, 900.0)),
        "output_tokens": draw(_distributions(1.0, 150.0)),
        "complexity": {c: share / sum(shares) for c, share in zip(classes, shares, strict=True)},
        "popularity": {
            "exponent": draw(st.floats(0.0, 1.5)),
            "items": draw(st.integers(1, 60)),
            "phrasings": draw(st.integers(1, 3)),
        },
        "priority": draw(st.sampled_from(["interactive", "batch"])),
        "steps": draw(_steps({**names, "classes": classes}, "answers")),
    }
    if "constant" not in (workload[key]["distribution"] for key in ("prompt_tokens", "output_tokens")):
        _maybe(draw, workload, "joint_lengths", _joint_lengths())
    _maybe(draw, workload, "wander", _wanders())
    if draw(_IN_LOOP):
        workload.pop("wander", None)
        del workload["arrival_rate"], workload["burstiness"]
        workload["clients"] = draw(_by_region(regions, st.integers(1, 12)))
        # without a pause all ask in one instant at the start, and who is first there is nobody's story
        workload["think_time"] = draw(_distributions(0.5, 9.0, 0.0123, is_continuous=True))
    _maybe(draw, workload, "timeout", _times(1.0, 15.0, 0.0331))
    limits: dict[str, Any] = {}
    _maybe(draw, limits, "rpm", st.integers(5, 200))
    _maybe(draw, limits, "tpm", st.integers(3_000, 90_000))
    _maybe(draw, limits, "max_parallel_requests", st.integers(1, 20))
    if limits:
        workload["limits"] = limits
    if draw(st.booleans()):
        workload["asks_again"] = {
            "share": draw(st.floats(0.05, 1.0)),
            "after": draw(_times(0.5, 12.0, 0.0401)),
            "max": draw(st.integers(1, 7)),
        }
        _maybe(draw, workload["asks_again"], "wrong", st.floats(0.05, 1.0))
    if draw(st.booleans()):
        is_geometric = draw(st.booleans())
        workload["turns"] = {
            "distribution": "geometric" if is_geometric else "constant",
            "mean": draw(st.floats(1.0, 4.0)) if is_geometric else draw(st.integers(1, 3)),
            "think_time": draw(_times(0.0, 6.0, 0.0347)),
        }
    return workload


@st.composite
def random_scenarios(draw: st.DrawFn, *, is_comparable: bool) -> Scenario:
    """A random scenario over the whole schema but traces.

    Parameters
    ----------
    is_comparable : as the reference can follow: caches begin cold, and whoever queues is served for continuous
        times, so that events do not tie
    """
    regions = _REGIONS[: draw(st.integers(1, 3))]
    classes = ["easy", "hard"][: draw(st.integers(1, 2))]
    services = {
        f"service-{n}": draw(_services(regions, is_comparable)) for n in range(draw(st.integers(1, 3)))
    }
    models = [
        draw(_models(f"model-{n}", regions, classes, is_comparable=is_comparable))
        for n in range(draw(st.integers(1, 3)))
    ]
    answers = draw(_caches(is_comparable))
    others = ["human"] if answers["type"] == "measured" else ["human", "cached-answer"]
    model_names = [model["model_name"] for model in models]
    routes = {
        "answer": draw(_routes(model_names, others, classes, is_comparable=is_comparable)),
        "fetch": draw(_routes(list(services), [], classes, is_comparable=is_comparable)),
    }
    caches = {"answers": answers, "first": draw(_caches(is_comparable))}
    names = {
        "caches": list(caches),
        "calls": [*services, "fetch"],
        "generates": [*model_names, "answer", "answer"],
    }
    parts: dict[str, Any] = {
        "metadata": {"name": "random"},
        "regions": {
            region: {
                "timezone": draw(st.sampled_from(_TIMEZONES)),
                "residency": draw(st.sampled_from([None, "A", "B"])),
                "languages": draw(st.none() | _shares(_LANGUAGES)),
            }
            for region in regions
        },
        "languages": {
            language: {"token_factor": draw(st.floats(0.5, 2.0)), "success_factor": draw(st.floats(0.5, 1.0))}
            for language in draw(st.lists(st.sampled_from(_LANGUAGES), unique=True))
        },
        "network": draw(_networks(regions)),
        "data_residency": draw(
            st.dictionaries(
                st.sampled_from("AB"), st.lists(st.sampled_from("AB"), min_size=1, unique=True), max_size=2
            )
        ),
        "workloads": [
            draw(_workloads(f"workload-{n}", regions, classes, names)) for n in range(draw(st.integers(1, 2)))
        ],
        "caches": caches,
        "services": services,
        "model_list": models,
        "routes": routes,
        "teams": {"agents": draw(_teams(regions, is_comparable))},
        "slos": [{"name": "latency", "indicator": "latency", "objective": "p(95) < 3s"}],
    }
    if draw(st.booleans()):
        exposure = draw(_by_region(regions, st.floats(0.2, 1.0)))
        parts["stages"] = [
            {"name": "pilot", "duration": "2w", "exposure": 0.1, "growth": 0.2},
            {"name": "all", "duration": "4w", "exposure": exposure, "adoption": {"to": 0.8}},
        ]
    parts["incidents"] = draw(random_incidents(parts))
    return Scenario.model_validate(parts)
