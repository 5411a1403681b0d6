"""Mistakes about regions: each has one message at its line that says what would be right."""

import pytest

from simulator.scenario.read.errors import Problem, ScenarioError
from tests.unit.scenario.conftest import SMALL, Load

_TWO = "regions: {eu: {timezone: Europe/Dublin}, us: {timezone: America/New_York}}"
_RULED = "regions: {eu: {residency: EU}, us: {residency: US}}"


def problems_of(load: Load, text: str) -> list[Problem]:
    """Everything that is wrong with a scenario."""
    with pytest.raises(ScenarioError) as caught:
        load(text)
    return list(caught.value.problems)


@pytest.mark.parametrize(
    ("regions", "more", "path", "message"),
    [
        # places
        ("{eu: {location: westeurop}, us: {}}", "", "regions.eu.location", "did you mean `westeurope`"),
        ("{eu: {location: atlantis}, us: {}}", "", "regions.eu.location", "AWS, Azure or Google Cloud"),
        ("{eu: {}, us: {}}", "network: {rtt: azure}", "network.rtt", "no round trips between `eu` and us"),
        (
            "{eu: {location: eu-west-1}, us: {location: eastus}}",
            "network: {rtt: azure}",
            "network.rtt",
            "northeurope",
        ),
        ("{eu: {}, us: {}}", "network: {rtt: azur}", "network.rtt", "azure"),
        ("{eu: {}, us: {}}", "network: {overrides: {eu: {us: 1ms}}}", "network.overrides", "put it in `rtt`"),
        (
            "{eu: {location: westeurope}, us: {location: eastus}}",
            "network: {rtt: azure, default: 9ms}",
            "network.default",
            "changes nothing",
        ),
        (
            "{eu: {location: westeurope}, us: {location: eastus}}",
            "network: {rtt: azure, overrides: {eu: {uk: 9ms}}}",
            "network.overrides.eu.uk",
            "no region `uk`",
        ),
        # languages
        (
            "{eu: {languages: {de: 60%}}, us: {}}",
            "",
            "regions.eu",
            "the shares of `languages` add up to 0.6, not 1",
        ),
        (
            "{eu: {languages: {de: 100%}}, us: {}}",
            "languages: {dee: {token_factor: 1.2}}",
            "languages.dee",
            "did you mean `de`",
        ),
        (
            "{eu: {languages: {tlh: 100%}}, us: {}}",
            "languages: {tlh: {tokenizer: o200k_base}}",
            "languages.tlh.tokenizer",
            "says nothing of the language `tlh`",
        ),
        (
            "{eu: {languages: {de: 100%}}, us: {}}",
            "languages: {de: {tokenizer: o200k}}",
            "languages.de.tokenizer",
            "o200k_base",
        ),
        # policies
        ("{eu: {}, us: {}}", "network: {region_policy: weighted}", "network.region_policy", "region_weights"),
        (
            "{eu: {}, us: {}}",
            "network: {region_policy: spill-over}",
            "network.region_policy",
            "spill_over_at",
        ),
        ("{eu: {}, us: {}}", "network: {region_policy: nearby}", "network.region_policy", "nearest"),
        ("{eu: {}, us: {}}", "network: {spill_over_at: 80%}", "network.spill_over_at", "changes nothing"),
        (
            "{eu: {}, us: {}}",
            "network: {region_policy: weighted, region_weights: {uk: 1}}",
            "network.region_weights.uk",
            "no region",
        ),
        (
            "{eu: {}, us: {}}",
            "network: {region_policy: weighted, region_weights: {us: -1}}",
            "network.region_weights.us",
            "at least 0",
        ),
        (
            "{eu: {}, us: {}}",
            "network: {region_policy: weighted, region_weights: {us: 0}}",
            "network.region_weights",
            "no region any weight",
        ),
        (
            "{eu: {}, us: {}}",
            "network: {jitter: {distribution: constant, value: -1}}",
            "network.jitter.value",
            "0",
        ),
        ("{eu: {}, us: {}}", "network: {egress: {price: $2/MB}}", "network.egress.price", "$0.02/GB"),
        # residency
        (
            "{eu: {residency: EU}, us: {}}",
            "data_residency: {UE: [EU]}",
            "data_residency.UE",
            "there are: EU",
        ),
        (
            "{eu: {residency: EU}, us: {}}",
            "data_residency: {EU: [EUU]}",
            "data_residency.EU.0",
            "did you mean `EU`",
        ),
        ("{eu: {residency: EU}, us: {}}", "data_residency: {EU: []}", "data_residency.EU", "is empty"),
        # logs
        (
            "{eu: {}, us: {}}",
            "telemetry: {bytes_per_action: 9kB, retention: 9d, storage: $0.10/GB, region: uss}",
            "telemetry.region",
            "did you mean `us`",
        ),
        (
            "{eu: {}, us: {}}",
            "telemetry: {bytes_per_action: 9kB, retention: 9d}",
            "telemetry",
            "costs nothing",
        ),
    ],
)
def test_one_message_for_one_mistake(load: Load, regions: str, more: str, path: str, message: str) -> None:
    text = SMALL.replace(_TWO, f"regions: {regions}") + more
    [problem] = problems_of(load, text)
    assert problem.path == path
    assert message in str(problem)
    assert problem.line is not None


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("tpm: 800k\n", "tpm: 800k\n    regions: [eu]\n", "data_residency.US", "`agents`"),
        ("[large], fallbacks: [cached-answer, human]", "[large]", "data_residency.US", "in eu (EU)"),
        ("size: 100", "size: 100, scope: global", "data_residency.EU", "scope: region"),
        ("search: {", "search: {regions: [eu], ", "data_residency.US", "`search`"),
    ],
)
def test_a_rule_that_leaves_nowhere_to_go(load: Load, old: str, new: str, path: str, message: str) -> None:
    text = SMALL.replace(_TWO, _RULED).replace("{staff: {eu: 3}", "{staff: {eu: 3, us: 2}")
    text = text.replace("model_list:\n  - ", "model_list:\n  - ") + "data_residency: {EU: [EU], US: [US]}\n"
    if "agents" in message:
        text = text.replace("{eu: 3, us: 2}", "{eu: 3}")
    if "in eu (EU)" in message:
        text = text.replace("tpm: 800k\n", "tpm: 800k\n    regions: [eu]\n")
    problems = problems_of(load, text.replace(old, new))
    found = [problem for problem in problems if message in str(problem)]
    assert [problem.path for problem in found][:1] == [path]


def test_logs_stay_where_the_data_of_their_users_may_go(load: Load) -> None:
    telemetry = "telemetry: {bytes_per_action: 9kB, retention: 9d, storage: $0.10/GB, region: us}\n"
    text = SMALL.replace(_TWO, _RULED).replace("{staff: {eu: 3}", "{staff: {eu: 3, us: 2}") + telemetry
    [problem] = problems_of(load, text + "data_residency: {EU: [EU], US: [US, EU]}\n")
    assert problem.path == "telemetry.region"
    assert "logs of users in `eu` may not be kept in `us`: data of EU stays in EU" in problem.message


def test_a_rule_that_leaves_people_or_an_old_answer_is_one(load: Load) -> None:
    """The model is out of reach, but the route ends with a cached answer or a person."""
    text = SMALL.replace(_TWO, _RULED).replace("{staff: {eu: 3}", "{staff: {eu: 3, us: 2}")
    load(
        text.replace("tpm: 800k\n", "tpm: 800k\n    regions: [eu]\n")
        + "data_residency: {EU: [EU], US: [US]}\n"
    )


@pytest.mark.parametrize(
    ("new", "path", "message"),
    [
        ("overflow: true, staff: {eu: 3}", "teams.agents.overflow", "one region only"),
        ("overflow_above: 3, staff: {eu: 3}", "teams.agents.overflow_above", "without `overflow`"),
        ("overflow: [us, us], staff: {eu: 3, us: 1}", "teams.agents.overflow", "twice"),
        ("overflow: [uk], staff: {eu: 3, us: 1}", "teams.agents.overflow", "no region `uk`"),
    ],
)
def test_mistakes_about_teams_that_overflow(load: Load, new: str, path: str, message: str) -> None:
    [problem] = problems_of(load, SMALL.replace("staff: {eu: 3}", new))
    assert problem.path == path
    assert message in str(problem)


def test_a_policy_of_a_route_has_its_own_numbers_or_the_network_s(load: Load) -> None:
    network = "network: {region_weights: {eu: 1}}\n"
    load(SMALL.replace("{choose: [large],", "{choose: [large], region_policy: weighted,") + network)


def test_next_nearest_makes_no_sense_where_every_try_chooses_anew(load: Load) -> None:
    route = "{choose: [large], failover_after: 1, region_policy: least-loaded,"
    [problem] = problems_of(load, SMALL.replace("{choose: [large],", route))
    assert problem.path == "routes.support.failover_after"
