"""What an answer is worth, and what people and checks see of it, against probability."""

from simulator.metrics.columns import CountColumn, UsageColumn
from tests.theory.experiments import (
    assert_agrees,
    constant,
    count_shares,
    instant_model,
    replications,
    scenario_of,
    tokens,
)

SUCCESS, GROUNDED_RIGHT, GROUNDED_WRONG = 0.8, 0.95, 0.4
UNGROUNDED = 1.0 - SUCCESS * GROUNDED_RIGHT - (1.0 - SUCCESS) * GROUNDED_WRONG


def test_groundedness_and_what_a_check_of_it_hands_over() -> None:
    """Flagged is what the model doubts, or what is not grounded and found by the check; both are independent."""
    flags = {"flags_wrong": 0.5, "flags_right": 0.1, "flags_ungrounded": 0.7}
    ask = {
        "name": "ask",
        "arrival_rate": 20.0,
        **tokens(100, 50),
        "steps": [{"generate": "best"}, {"review": {"team": "agents", "when": ["low_confidence"]}}],
    }
    grounded = {"right": GROUNDED_RIGHT, "wrong": GROUNDED_WRONG}
    scenario = scenario_of(
        {
            "workloads": [ask],
            "model_list": [instant_model("small", success_rate=SUCCESS, grounded=grounded)],
            "routes": {"best": {"choose": ["small"], "confidence": flags}},
            "teams": {"agents": {"staff": 500, "handle_time": constant(1.0)}},
        }
    )
    results = replications(scenario, 1_200.0, 0.0)
    assert_agrees(count_shares(results, CountColumn.UNGROUNDED, CountColumn.GENERATED), UNGROUNDED)
    doubted = SUCCESS * 0.1 + (1.0 - SUCCESS) * 0.5
    found = 0.7 * (
        SUCCESS * (1.0 - GROUNDED_RIGHT) * (1.0 - 0.1)
        + (1.0 - SUCCESS) * (1.0 - GROUNDED_WRONG) * (1.0 - 0.5)
    )
    assert_agrees(count_shares(results, CountColumn.HANDED_OFF, CountColumn.TURNS), doubted + found)
    judged = [r.measured_usage[:, 0].sum(axis=0) for r in results]
    assert_agrees([u[UsageColumn.RIGHT] / u[UsageColumn.JUDGED] for u in judged], SUCCESS)
    assert_agrees([u[UsageColumn.GROUNDED] / u[UsageColumn.JUDGED] for u in judged], 1.0 - UNGROUNDED)


def test_people_change_the_share_of_wrong_and_of_right_answers_that_is_said() -> None:
    overrides = {"wrong": 0.75, "right": 0.05}
    ask = {
        "name": "ask",
        "arrival_rate": 20.0,
        **tokens(100, 50),
        "steps": [{"generate": "small"}, {"review": {"team": "agents", "sample": 0.5}}],
    }
    scenario = scenario_of(
        {
            "workloads": [ask],
            "model_list": [instant_model("small", success_rate=SUCCESS)],
            "teams": {"agents": {"staff": 500, "handle_time": constant(1.0), "overrides": overrides}},
        }
    )
    results = replications(scenario, 1_200.0, 60.0)
    kept = 1.0 - SUCCESS * 0.05 - (1.0 - SUCCESS) * 0.75
    assert_agrees(count_shares(results, CountColumn.REVIEWED_RIGHT, CountColumn.REVIEWED), kept)
    assert_agrees(count_shares(results, CountColumn.CORRECT, CountColumn.SUCCEEDED), SUCCESS)
