"""For every key of every incident: a change of it alone that must be seen in the run."""

import json
from typing import Any

from tests.property.key_changes import Change

_TIMES = {"start": 5.3, "duration": 20.7}
_TIMED: dict[str, dict[str, Any]] = {  # other times; a key that is None is left out
    "start": {"start": 15.3},
    "duration": {"duration": 31.9},
    "every": {"start": None, "every": 33.0},
    "mtbf": {"start": None, "duration": None, "mtbf": 14.0, "mttr": 9.0},
}
_REPAIRED = {"start": None, "duration": None, "mtbf": 14.0, "mttr": 9.0}

_BASES: dict[str, dict[str, Any]] = {
    "Outage": {"kind": "outage", "target": "small"},
    "Slowdown": {"kind": "latency", "target": "middle", "factor": 3},
    "ErrorBurst": {"kind": "error", "target": "stock", "share": 0.5},
    "RateLimitStorm": {"kind": "rate_limit", "target": "small", "share": 0.5},
    "FleetOverload": {"kind": "overload", "target": "small", "share": 0.5},
    "QuotaCut": {"kind": "quota", "target": "large", "factor": 0.1},
    "ReplicaLoss": {"kind": "replica_loss", "target": "search"},
    "NetworkTrouble": {"kind": "network", "region": "east", "extra": 0.2, "loss": 0.1, "factor": 2},
    "CacheFlush": {"kind": "flush", "target": "answers"},
    "Surge": {"kind": "surge", "factor": 2},
    "StaffShortage": {"kind": "staff", "target": "agents", "share": 0.5},
    "BadRelease": {"kind": "release", "target": "small", "success_rate": -0.4, "error_rate": 0.2, "ttft": 1},
    "BrokenContract": {"kind": "contract", "workload": "tickets", "reject": 0.4},
}
_CHANGED: dict[str, dict[str, Any]] = {
    "Outage.target": {"target": "middle"},
    "Outage.region": {"region": "east"},
    "Slowdown.target": {"target": "large"},
    "Slowdown.region": {"region": "east"},
    "Slowdown.factor": {"factor": 6},
    "ErrorBurst.target": {"target": "search"},
    "ErrorBurst.region": {"region": "east"},
    "ErrorBurst.share": {"share": 0.9},
    "RateLimitStorm.target": {"target": "middle"},
    "RateLimitStorm.region": {"region": "east"},
    "RateLimitStorm.share": {"share": 0.9},
    "FleetOverload.target": {"target": "middle"},
    "FleetOverload.region": {"region": "east"},
    "FleetOverload.share": {"share": 0.9},
    "QuotaCut.target": {"target": "small"},
    "QuotaCut.region": {"region": "east"},
    "QuotaCut.factor": {"factor": 0.0},
    "ReplicaLoss.target": {"target": "archive"},
    "ReplicaLoss.region": {"region": "east"},
    "ReplicaLoss.replicas": {"replicas": 2},
    "NetworkTrouble.region": {"region": "south"},
    "NetworkTrouble.to": {"to": "west"},
    "NetworkTrouble.extra": {"extra": 0.3},
    "NetworkTrouble.factor": {"factor": 4},
    "NetworkTrouble.loss": {"loss": 0.4},
    "CacheFlush.target": {"target": "words"},
    "CacheFlush.region": {"region": "west"},
    "Surge.factor": {"factor": 3},
    "Surge.region": {"region": "east"},
    "Surge.workload": {"workload": "tickets"},
    "StaffShortage.target": {"target": "others"},
    "StaffShortage.region": {"region": "east"},
    "StaffShortage.share": {"share": 1},
    "BadRelease.target": {"target": "middle"},
    "BadRelease.workload": {"target": None, "error_rate": 0, "ttft": 0, "workload": "tickets"},
    "BadRelease.success_rate": {"success_rate": -0.8},
    "BadRelease.error_rate": {"error_rate": 0.6},
    "BadRelease.ttft": {"ttft": 2},
    "BrokenContract.reject": {"reject": 0.8},
}


_WAITING = "workloads.logs.timeout=20s", "workloads.calls.timeout=20s"  # who is lost must be missed


def _change(base: dict[str, Any], changed: dict[str, Any], *given: str) -> Change:
    return Change(_set(base | changed), given=(*_WAITING, *given, _set(base)))


def _set(*incidents: dict[str, Any]) -> str:
    written = [
        {"name": "one"} | {key: value for key, value in incident.items() if value is not None}
        for incident in incidents
    ]
    return f"incidents={json.dumps(written)}"


def _timed(name: str, base: dict[str, Any]) -> dict[str, Change]:
    """Changes of the keys that say when."""
    if name == "CacheFlush":
        base = {"start": 5.3} | base
        return {
            "CacheFlush.start": _change(base, {"start": 15.3}),
            "CacheFlush.every": _change(base, {"start": None, "every": 9.0}),
        }
    base = _TIMES | base
    changes = {f"{name}.{key}": _change(base, changed) for key, changed in _TIMED.items()}
    return changes | {f"{name}.mttr": _change(base | _REPAIRED, {"mttr": 15.0})}


INCIDENT_CHANGES: dict[str, Change] = {
    change: made for name, base in _BASES.items() for change, made in _timed(name, base).items()
}
INCIDENT_CHANGES |= {
    key: _change(
        ({"start": 5.3} if key.startswith("CacheFlush") else _TIMES) | _BASES[key.split(".")[0]], changed
    )
    for key, changed in _CHANGED.items()
}
_TENANTS = "workloads.tickets.tenants={acme: {share: 60%}, rest: {share: 40%}}"
INCIDENT_CHANGES["Surge.tenant"] = _change(_TIMES | _BASES["Surge"], {"tenant": "acme"}, _TENANTS)
_DRIFT = {"kind": "drift", "workload": "tickets", "success_per_week": -0.02}
_PROMPT = {"kind": "release", "workload": "tickets", "success_rate": -0.4, "output_tokens": 1}
INCIDENT_CHANGES |= {
    "BadRelease.output_tokens": _change(_TIMES | _PROMPT, {"output_tokens": 2}),
    "BrokenContract.workload": _change(
        _TIMES | _BASES["BrokenContract"],
        {"workload": "logs"},
        "workloads.logs.steps=[{validate: {reject: 1%}}, {cache: words}, {call: stock}, {generate: hosted}, "
        "{review: {team: others, sample: 5%}}]",
    ),
    "Drift.workload": _change(_DRIFT, {"workload": "calls"}),
    "Drift.target": _change(_DRIFT, {"workload": None, "target": "large"}),
    "Drift.success_per_week": _change(_DRIFT, {"success_per_week": -0.1}),
    "Outage.zone": _change(
        _TIMES | {"kind": "outage", "region": "east", "zone": 1}, {"zone": 2}, "regions.east.zones=2"
    ),
    "Region.zones": Change(
        "regions.east.zones=3",
        given=(
            "regions.east.zones=2",
            _set(_TIMES | {"kind": "outage", "region": "east", "zone": 2}),
            "services.search.replicas=4",
            "services.search.autoscaling=null",
        ),
    ),
}
