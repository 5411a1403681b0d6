"""Drafts and those who come back: what a file may not say of them, at its line."""

from collections.abc import Callable

import pytest

from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import LoadedScenario

Load = Callable[..., LoadedScenario]


@pytest.mark.parametrize(
    ("review", "path", "message"),
    [
        ("before: 50%, of: odd", "review.of", "no class `odd`"),
        ("of: simple, sample: 1%", "review", "nobody sees one; give `before`"),
        ("draft: true, when: [exhausted]", "review", "no answer becomes a `draft`"),
        ("before: 150%", "review.before", "100"),
        ("before: 0%", "review", "give `sample`, `before` or `when`"),
    ],
)
def test_a_review_before_the_answer(load: Load, review: str, path: str, message: str) -> None:
    text = f"""\
apiVersion: rollout/v1
kind: Scenario
metadata: {{name: desk}}
regions: {{eu: {{}}}}
workloads:
  - name: ask
    arrival_rate: 1 rps
    steps:
      - call: desk
      - review: {{team: people, {review}}}
services: {{desk: {{service_time: {{distribution: constant, value: 1s}}}}}}
teams: {{people: {{staff: 3, handle_time: {{distribution: constant, value: 9s}}}}}}
"""
    with pytest.raises(ScenarioError) as caught:
        load(text)
    (problem,) = caught.value.problems
    assert path in problem.path
    assert message in str(problem)
    assert problem.line == 10
