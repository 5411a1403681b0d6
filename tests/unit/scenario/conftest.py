"""A small scenario as text, and a way to load text."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from simulator.scenario.read.errors import Problem, ScenarioError
from simulator.scenario.read.load import LoadedScenario, load_scenario

SMALL = """\
metadata: {name: small}
regions: {eu: {timezone: Europe/Dublin}, us: {timezone: America/New_York}}
workloads:
  - name: ask
    arrival_rate: {eu: 2 rps, us: 60 rpm}
    prompt_tokens: {distribution: lognormal, p50: 900, p95: 3_200}
    output_tokens: {distribution: constant, value: 100}
    popularity: {items: 1_000}
    steps:
      - validate: {reject: 1%}
      - cache: answers
      - call: search
      - generate: support
      - review: {team: agents, sample: 2%, when: [low_confidence, exhausted]}
caches: {answers: {type: exact, size: 100}}
services:
  search: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 30ms}}
model_list:
  - model_name: large
    provider: anthropic
    model: claude-sonnet-4-0
    tpm: 800k
    ttft: {distribution: constant, value: 500ms}
    tpot: {distribution: constant, value: 10ms}
routes:
  support: {choose: [large], fallbacks: [cached-answer, human], num_retries: 2, timeout: 30s}
teams:
  agents: {staff: {eu: 3}, handle_time: {distribution: constant, value: 3m}, cost: $28/hour}
stages:
  - {name: pilot, duration: 4w, exposure: {eu: 2%}}
slos:
  - {name: latency, indicator: latency, objective: "p(95) < 8s"}
capacity:
  knobs:
    - {path: model_list.large.tpm, steps: [800k, 2M]}
"""

Load = Callable[..., LoadedScenario]
Refused = Callable[..., list[Problem]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    def _load(text: str = SMALL, overrides: Sequence[str] = ()) -> LoadedScenario:
        file = tmp_path / "scenario.yaml"
        file.write_text(text, encoding="utf-8")
        return load_scenario(file, overrides)

    return _load


@pytest.fixture
def refused(load: Load) -> Refused:
    """The problems of the small scenario with one piece of its text replaced."""

    def _refused(old: str, new: str, overrides: Sequence[str] = ()) -> list[Problem]:
        assert old in SMALL
        with pytest.raises(ScenarioError) as caught:
            load(SMALL.replace(old, new, 1), overrides)
        return list(caught.value.problems)

    return _refused


@pytest.fixture
def small() -> str:
    """Return the text of the small scenario."""
    return SMALL


@pytest.fixture
def problems(load: Load) -> Callable[[str], list[Problem]]:
    """Return what is wrong with a text."""

    def _problems(text: str) -> list[Problem]:
        with pytest.raises(ScenarioError) as caught:
            load(text)
        return list(caught.value.problems)

    return _problems
