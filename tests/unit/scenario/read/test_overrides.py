"""`--set a.b=c`: what it reaches, and what it says when it does not."""

import pytest

from simulator.scenario.read.errors import ScenarioError
from tests.unit.scenario.conftest import SMALL


def test_values_are_set_by_name_number_and_either_spelling(load):
    loaded = load(
        overrides=[
            "workloads.ask.burstiness=2",
            "workloads.0.steps.0.validate.reject=3%",
            "services.search.maxOngoingRequests=9",
            "stages.pilot.exposure={us: 5%}",
            "slos.latency.objective=mean < 2s",
            "capacity=null",
        ]
    )
    scenario = loaded.scenario
    assert scenario.workloads[0].burstiness == 2.0
    assert scenario.workloads[0].steps[0].validate_.reject == pytest.approx(0.03)
    assert scenario.services["search"].max_ongoing_requests == 9
    assert scenario.stages[0].exposure == {"us": 0.05}
    assert scenario.slos[0].objective.limit == 2.0
    assert scenario.capacity.knobs == []
    assert loaded.tree.find(("workloads", 0, "burstiness")).place.file == "--set"


def test_names_with_dots_and_humps_are_reached(load):
    text = SMALL.replace("search", "vector.Search").replace("eu: ", "euWest: ").replace("{eu:", "{euWest:")
    loaded = load(text, ["services.vector.Search.replicas.euWest=2", "regions.euWest.timezone=UTC"])
    assert loaded.scenario.services["vector.Search"].replicas == {"euWest": 2}
    assert loaded.scenario.regions["euWest"].timezone == "UTC"


def test_the_default_region_has_a_name(load):
    text = "metadata: {name: x}\nworkloads: [{name: a, arrival_rate: 1, steps: [{call: s}]}]\n"
    text += "services: {s: {service_time: {distribution: constant, value: 1s}}}\n"
    assert load(text, ["regions.home.timezone=Asia/Tokyo"]).scenario.regions["home"].timezone == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("seed", "path=value"),
        ("=3", "path=value"),
        ("sed=3", "did you mean `seed`"),
        ("services.serch.replicas=3", "did you mean `search`"),
        ("workloads.asks.burstiness=3", "did you mean `ask`"),
        ("workloads.ask.burstines=3", "did you mean `burstiness`"),
        ("workloads.99.name=x", "no item `99`"),
        ("seed=[", "not valid YAML"),
        ("seed=soon", "expected a whole number"),
        ("window.start=pek", "did you mean `peak`"),
    ],
)
def test_a_path_or_value_that_is_wrong_is_explained(load, override, message):
    with pytest.raises(ScenarioError) as caught:
        load(overrides=[override])
    (problem,) = caught.value.problems
    assert problem.file == "--set"
    assert message in str(problem)
