"""A rollout with models and people that is quick to forecast: two stages over two months."""

from typing import Any

from simulator.scenario.model import Scenario

DAY_S = 86_400.0
ANSWERS = """metadata: {name: answers}
start: 2027-01-18
workloads:
  - name: ask
    arrival_rate: 0.2 rps
    prompt_tokens: {distribution: constant, value: 500}
    output_tokens: {distribution: constant, value: 100}
    steps: [{generate: large}, {review: {team: agents, sample: 10%}}]
model_list:
  - model_name: large
    provider: openai
    model: gpt-4o-mini
    success_rate: 90%
    ttft: {distribution: constant, value: 500ms}
    tpot: {distribution: constant, value: 10ms}
teams: {agents: {staff: 2, handle_time: {distribution: constant, value: 20s}, cost: $28/hour}}
window: {duration: 10m, warmup: 1m}
stages: [{name: half, duration: 2w, exposure: 50%}, {name: all, duration: 2w, exposure: 100%}]
economics:
  platform: $1_000/month
  baseline: {cost_per_action: $2, success_rate: 80%}
  budget: {monthly: $20k}
  uncertain: {users: {distribution: uniform, low: -10%, high: 20%}}
currency: EUR
fx: {date: 2026-11-01, rates: {EUR: 1.25}}
"""


def answers_document(**changes: Any) -> dict[str, Any]:
    """A model answers, people look at a tenth of it; from 18 January, ten days for half and ten for all."""
    document: dict[str, Any] = {
        "metadata": {"name": "answers"},
        "start": "2027-01-18",
        "seed": 3,
        "workloads": [
            {"name": "ask", "arrival_rate": 0.2, "profile": "office-hours"}
            | {"prompt_tokens": {"distribution": "lognormal", "p50": 500, "p95": 900}}
            | {"output_tokens": {"distribution": "constant", "value": 100}}
            | {"steps": [{"generate": "large"}, {"review": {"team": "agents", "sample": 0.1}}]}
        ],
        "model_list": [
            {"model_name": "large", "provider": "nobody", "model": "own", "success_rate": 0.9}
            | {"ttft": {"distribution": "constant", "value": 0.5}}
            | {"tpot": {"distribution": "constant", "value": 0.01}}
            | {"prices": {"input": 3.0, "output": 15.0}}
        ],
        "teams": {
            "agents": {"staff": 2, "handle_time": {"distribution": "constant", "value": 20.0}, "cost": 28.0}
        },
        "window": {"duration": 600.0, "warmup": 60.0},
        "stages": [
            {"name": "half", "duration": 10 * DAY_S, "exposure": 0.5},
            {"name": "all", "duration": 10 * DAY_S, "exposure": 1.0},
        ],
        "economics": {"platform": 1_000.0},
    }
    return document | changes


def answers(**changes: Any) -> Scenario:
    """The scenario with some keys replaced."""
    return Scenario.model_validate(answers_document(**changes))
