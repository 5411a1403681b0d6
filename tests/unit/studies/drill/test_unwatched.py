"""An incident that no objective sees does not pass: the metric that moved is named, with the line that would see it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from simulator.engine import Runner
from simulator.scenario.check.checks import check_scenario
from simulator.scenario.model import Scenario
from simulator.studies.drill.drill import drill
from simulator.studies.drill.report import DrillReport
from simulator.studies.drill.study import DrillStudy

_ANSWERED = {"name": "up", "indicator": "availability", "objective": ">= 99%"}
_FAST = {"name": "fast", "indicator": "latency", "objective": "p95 < 8s"}
_RIGHT = {"name": "right", "indicator": "success_rate", "objective": ">= 80%"}
_CONTRACT = {"name": "bad", "kind": "contract", "workload": "ask", "reject": "40%", "duration": "10m"}
_DECAY = {"name": "bad", "kind": "release", "target": "small", "success_rate": "-30%", "duration": "10m"}
_SLOW = {"name": "bad", "kind": "latency", "target": "small", "factor": 3, "duration": "10m"}
_DOWN = {"name": "bad", "kind": "outage", "target": "small", "duration": "10m"}


def _scenario(incident: dict[str, Any], *slos: dict[str, Any]) -> Scenario:
    return Scenario.model_validate(
        {
            "metadata": {"name": "desk"},
            "workloads": [
                {
                    "name": "ask",
                    "arrival_rate": "2 rps",
                    "prompt_tokens": {"distribution": "constant", "value": 100},
                    "output_tokens": {"distribution": "constant", "value": 50},
                    "timeout": "1m",
                    "steps": [
                        {"validate": {"reject": "1%"}},
                        {"generate": "answer"},
                        {"review": {"team": "people", "when": ["exhausted"]}},
                    ],
                }
            ],
            "model_list": [
                {
                    "model_name": "small",
                    "provider": "openai",
                    "model": "gpt-4o-mini",
                    "rpm": 6_000,
                    "tpm": "6M",
                    "ttft": {"distribution": "constant", "value": "400ms"},
                    "tpot": {"distribution": "constant", "value": "10ms"},
                    "success_rate": "92%",
                }
            ],
            "routes": {"answer": {"choose": ["small"], "fallbacks": ["human"], "num_retries": 0}},
            "teams": {"people": {"staff": 900, "handle_time": {"distribution": "exponential", "mean": "2m"}}},
            "incidents": [incident],
            "window": {"start": 0, "duration": "30m", "warmup": "5m"},
            "slos": list(slos),
        }
    )


def _drilled(incident: dict[str, Any], *slos: dict[str, Any]) -> DrillReport:
    return drill(_scenario(incident, *slos), DrillStudy(runs=3, cures=False), Runner())


@pytest.mark.parametrize(
    ("incident", "slos", "metric"),
    [
        (_CONTRACT, (_ANSWERED, _FAST, _RIGHT), "rejected_rate"),
        (_DECAY, (_ANSWERED, _FAST), "success_rate"),
        (_SLOW, (_ANSWERED,), "latency"),
        (_DOWN, (_ANSWERED, _FAST, _RIGHT), "handed_off_rate"),
    ],
)
def test_what_no_objective_sees_is_undecided_until_the_line_is_there(
    incident: dict[str, Any], slos: tuple[dict[str, Any], ...], metric: str
) -> None:
    report = _drilled(incident, *slos)
    (found,) = report.drills
    assert [one.metric for one in found.unwatched] == [metric]
    assert (found.verdict, report.verdict) == ("UNDECIDED", "UNDECIDED")
    assert f"nobody watches {metric}" in report.not_passed()[0]
    assert found.unwatched[0].slo in "\n".join(str(section) for section in report.sections())
    line = yaml.safe_load(found.unwatched[0].slo)
    assert check_scenario(_scenario(incident, *slos, line), Path()) == []
    (seen,) = _drilled(incident, *slos, line).drills
    assert seen.unwatched == ()
    burnt = {one.slo: one.burnt for one in seen.error_budget}
    assert burnt[line["name"]].low > 0.0
    assert seen.minutes_out_of_slo.value == pytest.approx(10.0, abs=3.0)


def test_what_an_objective_sees_is_no_news() -> None:
    (found,) = _drilled(_DECAY, _ANSWERED, _FAST, _RIGHT).drills
    assert found.unwatched == ()


def test_an_incident_that_moves_nothing_passes() -> None:
    nothing = {"name": "bad", "kind": "surge", "factor": 1.05, "duration": "10m"}
    (found,) = _drilled(nothing, _ANSWERED).drills
    assert (found.unwatched, found.verdict) == ((), "PASS")


def test_an_alert_watches_what_is_turned_away() -> None:
    watch = {"name": "contract", "indicator": "rejected_rate", "objective": "<= 2%"}
    (found,) = _drilled(_CONTRACT | {"duration": "1h"}, _ANSWERED, watch).drills
    first = found.alerts[0]
    assert first.after_s is not None
    assert first.slo == "contract"
