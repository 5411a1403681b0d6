"""Incidents that cannot happen, or that nobody would notice, are named with what would be right."""

import pytest

from simulator.scenario.read.errors import ScenarioError
from tests.unit.scenario.conftest import SMALL, Load

_LAST = "duration: 5m"


@pytest.mark.parametrize(
    ("incident", "path", "message"),
    [
        (f"kind: outage, target: serch, {_LAST}", "target", "did you mean `search`"),
        (f"kind: outage, target: agents, {_LAST}", "target", "use `staff`"),
        (f"kind: outage, region: mars, {_LAST}", "region", "no region `mars`"),
        (f"kind: outage, target: search, region: eu, zone: 1, {_LAST}", "", "a `zone` is one of a `region`"),
        (f"kind: outage, region: eu, zone: 1, {_LAST}", "zone", "`regions.eu.zones`"),
        (f"kind: latency, target: answers, factor: 3, {_LAST}", "target", "is a cache"),
        (f"kind: quota, target: search, factor: 0.5, {_LAST}", "target", "no quota"),
        (f"kind: replica_loss, target: large, {_LAST}", "target", "not yours"),
        (f"kind: replica_loss, target: search, replicas: 2, {_LAST}", "replicas", "1 replicas at most"),
        (f"kind: staff, target: agents, region: us, share: 10%, {_LAST}", "region", "does not run in `us`"),
        (f"kind: network, region: eu, to: eu, loss: 10%, {_LAST}", "region", "inside a region"),
        (f"kind: network, region: eu, to: us, loss: 10%, {_LAST}", "loss", "`search` is waited for for ever"),
        (f"kind: surge, factor: 1, {_LAST}", "factor", "changes nothing"),
        (f"kind: surge, factor: 2, workload: aks, {_LAST}", "workload", "did you mean `ask`"),
        ("kind: flush, target: answers, start: 2h", "start", "after the window"),
        ("kind: outage, target: search, start: 61m, duration: 1m", "start", "only `rollout drill`"),
        ("kind: flush, target: answers, every: 0.9s", "every", "at least 1"),
        ("kind: contract, workload: ask, reject: 120%, duration: 1m", "reject", "outside 0 % to 100 %"),
        ("kind: drift, target: search, success_per_week: -1%", "target", "is a service"),
        (f"kind: release, target: large, ttft: +20%, output_tokens: 1, {_LAST}", "", "is of a workload"),
    ],
)
def test_an_incident_that_cannot_be_is_refused(load: Load, incident: str, path: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load(SMALL + f"incidents:\n  - {{name: one, {incident}}}\n")
    (problem,) = caught.value.problems
    assert problem.path == f"incidents.one{'.' if path else ''}{path}"
    assert message in str(problem)
    assert problem.line is not None


@pytest.mark.parametrize(
    ("incidents", "message"),
    [
        ([f"name: a, kind: outage, target: search, {_LAST}"] * 2, "a second `a`"),
        ([f"name: a+b, kind: outage, target: search, {_LAST}"], "a `+` joins names"),
        (
            [
                f"name: a, kind: outage, target: search, start: 5m, {_LAST}",
                f"name: b, kind: outage, target: search, start: 9m, {_LAST}",
            ],
            "overlaps with the outage `a`",
        ),
        (["name: a, kind: replica_loss, target: search, mtbf: 1s, mttr: 1s"], None),
    ],
)
def test_incidents_against_each_other(load: Load, incidents: list[str], message: str | None) -> None:
    text = SMALL + "incidents:\n" + "".join(f"  - {{{incident}}}\n" for incident in incidents)
    if message is None:
        assert load(text).scenario.incidents
        return
    with pytest.raises(ScenarioError, match=message.replace("+", r"\+")):
        load(text)


def test_too_many_times_are_refused(load: Load) -> None:
    text = (
        SMALL
        + "window: {duration: 300d}\nincidents:\n  - {name: a, kind: flush, target: answers, every: 1m}\n"
    )
    with pytest.raises(ScenarioError, match="times in the window"):
        load(text)


def test_zones_without_an_outage_change_nothing(load: Load) -> None:
    with pytest.raises(ScenarioError, match="no outage takes a zone"):
        load(SMALL.replace("{timezone: Europe/Dublin}", "{timezone: Europe/Dublin, zones: 3}"))


def test_a_measured_cache_cannot_be_flushed(load: Load) -> None:
    text = SMALL.replace("{type: exact, size: 100}", "{type: measured, hit_rate: 30%}")
    text = text.replace("[cached-answer, human]", "[human]")
    with pytest.raises(ScenarioError, match="hit rate of `answers` is given"):
        load(text + "incidents:\n  - {name: a, kind: flush, target: answers}\n")


def test_every_kind_that_fits_is_accepted(load: Load) -> None:
    fitting = [
        f"kind: outage, target: answers, region: eu, {_LAST}",
        f"kind: outage, region: us, {_LAST}",
        f"kind: latency, target: large, factor: 4, {_LAST}",
        f"kind: error, target: search, share: 30%, {_LAST}",
        f"kind: rate_limit, target: large, share: 30%, {_LAST}",
        f"kind: quota, target: large, factor: 0.25, {_LAST}",
        f"kind: replica_loss, target: search, {_LAST}",
        f"kind: network, region: us, extra: 90ms, {_LAST}",
        "kind: flush, target: answers",
        f"kind: surge, factor: 3, region: us, {_LAST}",
        f"kind: staff, target: agents, share: 40%, {_LAST}",
        f"kind: release, workload: ask, output_tokens: +15%, {_LAST}",
        f"kind: contract, workload: ask, reject: 4%, {_LAST}",
        "kind: drift, workload: ask, success_per_week: -0.6%",
    ]
    text = "".join(f"  - {{name: incident-{n}, {incident}}}\n" for n, incident in enumerate(fitting))
    assert len(load(SMALL + "incidents:\n" + text).scenario.incidents) == len(fitting)
