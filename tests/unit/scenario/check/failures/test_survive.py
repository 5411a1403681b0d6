"""Contingencies that cannot be are refused at their line, with what would be right."""

import pytest

from simulator.scenario.read.errors import ScenarioError
from tests.unit.scenario.conftest import SMALL, Load, Refused

_KNOBS = "    - {path: model_list.large.tpm, steps: [800k, 2M]}\n"
_INCIDENTS = (
    "incidents:\n"
    "  - {name: provider-slow, kind: latency, target: large, factor: 4, every: 30d, duration: 25m}\n"
    "  - {name: emptied, kind: flush, target: answers, every: 30d}\n"
)


def _survive(*contingencies: str) -> str:
    return _KNOBS + f"  survive: [{', '.join(contingencies)}]\n" + _INCIDENTS


@pytest.mark.parametrize(
    ("contingency", "key", "message"),
    [
        ("{replica_loss: 1}", "replica_loss", "nothing in the scenario has replicas"),
        ("{replica_loss: 1, target: serch}", "target", "no service or pool with `replicas` `serch`"),
        ("{region_loss: eu-west}", "region_loss", "no region `eu-west`"),
        ("{incident: provider-slw}", "incident", "did you mean `provider-slow`"),
        ("{incident: emptied}", "incident", "does not last"),
        ("{incident: provider-slow, stages: [pilt]}", "stages.0", "did you mean `pilot`"),
        ("{incident: provider-slow, region_loss: eu}", "", "give one of"),
        ("{stages: [pilot]}", "", "give one of"),
        ("{incident: provider-slow, target: large}", "", "`target` belongs to `replica_loss`"),
        ("{replica_loss: 0}", "replica_loss", "at least 1"),
    ],
)
def test_a_contingency_that_cannot_be_is_refused(
    refused: Refused, contingency: str, key: str, message: str
) -> None:
    (problem,) = refused(_KNOBS, _survive(contingency))
    assert problem.path.startswith("capacity.survive")
    assert problem.path.endswith(key)
    assert message in str(problem)
    assert problem.line is not None


def test_more_cases_than_can_be_simulated_are_refused(load: Load) -> None:
    """64 regions by four services that count their replicas are 256 cases; one target alone is 64."""
    names = [f"r{number}" for number in range(64)]
    text = (
        "metadata: {name: many}\n"
        f"regions: {{{', '.join(f'{name}: {{}}' for name in names)}}}\n"
        "workloads: [{name: ask, arrival_rate: 1, steps: [{call: a}, {call: b}, {call: c}, {call: d}]}]\n"
        "services:\n"
        + "".join(
            f"  {name}: {{replicas: 2, max_ongoing_requests: 1, service_time: {{distribution: constant, value: 1ms}}}}\n"
            for name in "abcd"
        )
        + "stages: [{name: all, duration: 4w, exposure: 100%}]\n"
        'slos: [{name: latency, indicator: latency, objective: "p(95) < 8s"}]\n'
        "capacity: {survive: [SURVIVE]}\n"
    )
    with pytest.raises(ScenarioError) as caught:
        load(text.replace("SURVIVE", "{replica_loss: 1}"))
    (problem,) = caught.value.problems
    assert problem.path == "capacity.survive"
    assert "256 cases in all; at most 200" in str(problem)
    assert "name a `target`" in str(problem)
    assert load(text.replace("SURVIVE", "{replica_loss: 1, target: a}")).scenario.capacity.survive


def test_twice_the_same_is_refused(refused: Refused) -> None:
    (problem,) = refused(_KNOBS, _survive("{incident: provider-slow}", "{incident: provider-slow}"))
    assert "is listed twice" in str(problem)


def test_without_stages_it_has_no_effect(refused: Refused) -> None:
    text = _survive("{incident: provider-slow}")
    stages = "stages:\n  - {name: pilot, duration: 4w, exposure: {eu: 2%}}\n"
    (problem,) = refused(SMALL[SMALL.index(stages) :], SMALL[SMALL.index("slos:") :].replace(_KNOBS, text))
    assert "no effect without `stages`" in str(problem)


def test_possible_ones_are_accepted(load: Load) -> None:
    found = load(SMALL.replace(_KNOBS, _survive("{incident: provider-slow}", "{region_loss: us}"))).scenario
    assert [one.region_loss for one in found.capacity.survive] == [None, "us"]
