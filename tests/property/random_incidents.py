"""Random incidents for a random scenario: of every kind, at any time, on top of one another."""

from typing import Any

from hypothesis import strategies as st

_SHARES = st.sampled_from([0.05, 0.3, 0.7, 1.0])
_FACTORS = st.sampled_from([1.3, 2.0, 6.0])


@st.composite
def _when(draw: st.DrawFn, number: int, *, has_end: bool) -> dict[str, float]:
    """A time of its own for each incident, so that no two begin or end in the same instant."""
    odd = 0.0137 * (number + 1)
    kind = draw(st.sampled_from(["start", "every", "mtbf"] if has_end else ["start", "every"]))
    if kind == "mtbf":
        return {"mtbf": draw(st.integers(4, 60)) + odd, "mttr": draw(st.integers(1, 20)) + odd}
    every = draw(st.integers(6, 60)) + odd
    when = {"start": draw(st.integers(0, 55)) + odd} if kind == "start" else {"every": every}
    if has_end:
        longest = 30 if kind == "start" else int(every)
        when["duration"] = draw(st.integers(1, longest)) - 0.37 + odd
    return when


def _places(parts: dict[str, Any]) -> dict[str, list[tuple[str, list[str]]]]:
    """By kind of target: names, and the regions each surely runs in."""
    regions = list(parts["regions"])

    def everywhere(value: Any) -> list[str]:
        return list(value) if isinstance(value, dict) else regions

    models = [
        (m["model_name"], everywhere(m["pool"]["replicas"]) if "pool" in m else m.get("regions", regions))
        for m in parts["model_list"]
    ]
    pools = {m["model_name"] for m in parts["model_list"] if "pool" in m}
    return {
        "services": [(name, everywhere(service["replicas"])) for name, service in parts["services"].items()],
        "hosted": [model for model in models if model[0] not in pools],
        "pools": [model for model in models if model[0] in pools],
        "caches": [
            (name, regions if cache.get("scope", "region") == "region" else [])
            for name, cache in parts["caches"].items()
        ],
        "teams": [(name, everywhere(team["staff"])) for name, team in parts["teams"].items()],
    }


_TARGETS = {
    "outage": ("services", "hosted", "pools", "caches"),
    "latency": ("services", "hosted"),
    "error": ("services", "hosted", "pools"),
    "rate_limit": ("services", "hosted", "pools"),
    "overload": ("services", "hosted"),
    "quota": ("services", "hosted"),
    "replica_loss": ("services", "pools"),
    "flush": ("caches",),
    "staff": ("teams",),
}
_KINDS = (*_TARGETS, "region", "zone", "network", "surge", "release", "contract", "drift")


@st.composite
def _incident(draw: st.DrawFn, parts: dict[str, Any], number: int) -> dict[str, Any] | None:
    """One incident; None where the scenario has nothing of its kind."""
    regions, kind = list(parts["regions"]), draw(st.sampled_from(_KINDS))
    workload = draw(st.sampled_from([workload["name"] for workload in parts["workloads"]]))
    if kind == "drift":
        return {"kind": kind, "workload": workload, "success_per_week": -0.05}
    incident = {"kind": kind, **draw(_when(number, has_end=kind != "flush"))}
    if kind == "region":
        return incident | {"kind": "outage", "region": draw(st.sampled_from(regions))}
    if kind == "zone":
        region = draw(st.sampled_from(regions))
        parts["regions"][region]["zones"] = 2
        return incident | {"kind": "outage", "region": region, "zone": draw(st.integers(1, 2))}
    if kind == "network":
        trouble = draw(st.sampled_from([{"loss": 0.3}, {"extra": 0.217}, {"factor": 3.1, "loss": 0.1}]))
        return incident | {"region": regions[0], **trouble} if len(regions) > 1 else None
    if kind == "surge":
        where = draw(st.sampled_from([{}, {"region": regions[0]}, {"workload": workload}]))
        return incident | {"factor": draw(st.sampled_from([0.0, 0.5, 2.0, 3.0])), **where}
    if kind == "release":
        of_workload = {"workload": workload, "success_rate": -0.2, "output_tokens": 0.6}
        of_model = {"target": parts["model_list"][0]["model_name"], "success_rate": -0.2, "error_rate": 0.2}
        return incident | draw(st.sampled_from([of_workload, of_model]))
    if kind == "contract":
        return incident | {"workload": workload, "reject": draw(_SHARES)}
    places = [place for group in _TARGETS[kind] for place in _places(parts)[group]]
    if not places:
        return None
    target, where = draw(st.sampled_from(places))
    incident["target"] = target
    if where and draw(st.booleans()):
        incident["region"] = draw(st.sampled_from(where))
    if kind == "latency":
        incident["factor"] = draw(_FACTORS)
    elif kind == "quota":
        incident["factor"] = draw(st.sampled_from([0.0, 0.2, 0.6]))
    elif kind in ("error", "rate_limit", "overload", "staff"):
        incident["share"] = draw(_SHARES)
    elif kind == "replica_loss" and "mtbf" not in incident:
        incident["replicas"] = draw(st.integers(1, 2))
    return incident


@st.composite
def random_incidents(draw: st.DrawFn, parts: dict[str, Any]) -> list[dict[str, Any]]:
    """Up to six incidents for a scenario that is otherwise made."""
    drawn = [draw(_incident(parts, number)) for number in range(draw(st.integers(0, 6)))]
    return [{"name": f"incident-{number}", **incident} for number, incident in enumerate(drawn) if incident]
