"""Lengths that cannot go together as a scenario says: the line, and what to do."""

from pathlib import Path

import pytest

from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_text

TEXT = """\
metadata: {name: joint}
regions: {home: {}}
workloads:
  - name: ask
    arrival_rate: 1 rps
    prompt_tokens: PROMPT
    output_tokens: {distribution: exponential, mean: 200}
    joint_lengths: JOINT
    steps: [{generate: large}]
model_list:
  - model_name: large
    provider: openai
    model: gpt-4.1
    ttft: {distribution: constant, value: 1s}
    tpot: {distribution: constant, value: 10ms}
"""
VARIES = "{distribution: exponential, mean: 900}"


@pytest.mark.parametrize(
    ("joint", "prompt", "expected"),
    [
        ("{correlation: 1.2}", VARIES, "joint.yaml:8:21: workloads.ask.joint_lengths.correlation"),
        ("{}", VARIES, "give either `correlation` or `ranks`"),
        ("{correlation: 0.2, ranks: [[1, 1], [1, 1]]}", VARIES, "give either `correlation` or `ranks`"),
        ("{ranks: [[1, 1], [1, 1, 1]]}", VARIES, "the rows of `ranks` differ in length"),
        ("{ranks: [[3, 1], [3, 1]]}", VARIES, "column 1 of `ranks` adds up to 6"),
        ("{ranks: [[3, 1], [9, 9]]}", VARIES, "row 1 of `ranks` adds up to 4"),
        ("{ranks: [[0, 0], [0, 0]]}", VARIES, "row 1 of `ranks` adds up to 0"),
        ("{correlation: 0.2}", "{distribution: constant, value: 9}", "always has the same `prompt_tokens`"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(joint: str, prompt: str, expected: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text(TEXT.replace("JOINT", joint).replace("PROMPT", prompt), "joint.yaml", Path())
    assert expected in str(caught.value)
    assert "joint.yaml:8:" in str(caught.value)


def test_rounded_shares_are_evened_out() -> None:
    text = TEXT.replace("JOINT", "{ranks: [[0.333, 0.667], [0.667, 0.333]]}").replace("PROMPT", VARIES)
    assert load_text(text, "joint.yaml", Path()).scenario.workloads[0].joint_lengths is not None
