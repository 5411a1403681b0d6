"""What the form of a shared quota asks for is a quota that the scenario reads."""

from pathlib import Path

import pytest

from simulator.app.tabs.quota_form import shared_override
from simulator.scenario.read.load import load_scenario

SCENARIO = Path(__file__).parents[3] / "scenarios" / "counting-rules.yaml"


@pytest.mark.parametrize(
    ("rule", "kept", "reserved"),
    [("as written", "", {}), ("openai", "at-aws: 60%", {"at-aws": 0.6})],
)
def test_the_override_is_a_quota_of_these_models(rule: str, kept: str, reserved: dict[str, float]) -> None:
    text = shared_override(["maker", "aws"], "1M", rule, kept)
    (quota,) = load_scenario(SCENARIO, (text,)).scenario.quotas.values()
    assert (quota.models, quota.tpm, quota.reserved) == (["maker", "aws"], 1_000_000, reserved)
    assert quota.limits_as == (None if rule == "as written" else rule)
