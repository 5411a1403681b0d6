"""What must be handed in before a stage: longest paths by hand and by brute force, and stages that wait for them."""

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulator
from simulator.compiler.stage_shares import stage_end, stage_start
from simulator.scenario.deliverables import begin_by, deliveries, path_to
from simulator.scenario.model import Scenario
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_text
from simulator.scenario.readiness import Attestation

TEXT = """metadata: {name: desk}
start: 2027-01-04
workloads: [{name: ask, arrival_rate: 0.5, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}, price: $1/hour}}
window: {duration: 5m, warmup: 1m}
stages:
  - {name: pilot, duration: 2w, exposure: 20%, growth: 10% per month}
  - {name: all, duration: 2w, exposure: 100%, gates: {approval: {by: cfo, takes: 3d}}}
slos: [{name: latency, indicator: latency, objective: p95 < 60s}]
readiness: {attested: {ITEMS}}
"""
CHAIN = (
    "dpia: {owner: legal, due: 2027-01-25, stages: [all]}, "
    "works_council: {owner: hr, needs: [dpia], takes: 2w, stages: [all]}, "
    "training: {owner: cx, due: 2027-01-11, takes: 1w, stages: [all]}"
)
DAY_S = 86_400.0


def _scenario(items: str) -> Scenario:
    return load_text(TEXT.replace("ITEMS", items), "desk.yaml", Path()).scenario


def _items(**given_: dict[str, Any]) -> Mapping[str, Attestation]:
    return {name: Attestation(owner="x", **item) for name, item in given_.items()}


def test_the_longest_path_by_hand() -> None:
    items = _items(
        contract={"due": date(2027, 1, 10)},
        audit={"due": date(2027, 1, 5), "needs": ["contract"], "takes": 10 * DAY_S},
        training={"needs": ["contract"], "takes": 3 * DAY_S},
        release={"needs": ["audit", "training"], "takes": 2 * DAY_S},
        unknown={},
        later={"needs": ["unknown"], "takes": DAY_S},
    )
    found = deliveries(items)
    assert {name: delivery.ready for name, delivery in found.items()} == {
        "contract": date(2027, 1, 10),
        "audit": date(2027, 1, 20),
        "training": date(2027, 1, 13),
        "release": date(2027, 1, 22),
        "unknown": None,
        "later": None,
    }
    assert path_to(found, "release") == ("contract", "audit", "release")
    start = date(2027, 2, 1)
    assert begin_by(items, "release", start) == date(2027, 1, 30)
    assert begin_by(items, "audit", start) == date(2027, 1, 20)
    assert begin_by(items, "training", start) == date(2027, 1, 27)


def test_what_has_evidence_is_waited_for_by_nobody() -> None:
    items = _items(done={"evidence": "a.pdf"}, next={"needs": ["done"], "due": date(2027, 3, 1)})
    assert list(deliveries(items)) == ["next"]
    assert deliveries(items)["next"].ready == date(2027, 3, 1)


@given(st.data())
def test_it_is_the_longest_of_all_paths(data: st.DataObject) -> None:
    n = data.draw(st.integers(1, 7))
    first = date(2027, 1, 1)
    days = [data.draw(st.integers(0, 60)) for _ in range(n)]
    takes = [data.draw(st.integers(0, 30)) for _ in range(n)]
    needs = [data.draw(st.sets(st.integers(0, k - 1))) if k else set() for k in range(n)]
    items = {
        f"i{k}": Attestation(
            owner="x",
            due=first + timedelta(days=days[k]),
            takes=takes[k] * DAY_S,
            needs=[f"i{other}" for other in sorted(needs[k])],
        )
        for k in range(n)
    }

    def paths(k: int) -> list[int]:
        return [days[k], *(length + takes[k] for other in needs[k] for length in paths(other))]

    for k, delivery in enumerate(deliveries(items).values()):
        assert delivery.ready == first + timedelta(days=max(paths(k)))


def test_a_stage_waits_for_what_blocks_it_and_the_one_before_goes_on() -> None:
    scenario, plain = _scenario(CHAIN), _scenario("")
    pilot, every = scenario.stages
    assert stage_start(plain, every).date() == date(2027, 1, 21)  # two weeks and three days for the approval
    assert stage_start(scenario, every).date() == date(2027, 2, 8)
    assert stage_end(scenario, pilot) == stage_start(scenario, every)
    assert stage_end(scenario, every) - stage_start(scenario, every) == timedelta(days=14)


@pytest.mark.parametrize("change", ["missing: warn, ", "evidence: a.pdf, "])
def test_what_only_warns_or_is_there_moves_nothing(change: str) -> None:
    scenario = _scenario(f"dpia: {{owner: legal, {change}stages: [all]}}")
    assert stage_start(scenario, scenario.stages[1]).date() == date(2027, 1, 21)


def test_the_plan_says_what_it_waits_for_and_when_to_begin(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(TEXT.replace("ITEMS", CHAIN), encoding="utf-8")
    pilot, every = simulator.load(file).plan(replications=2).stages
    assert pilot.waits is None
    assert every.waits is not None
    assert (every.waits.days, every.waits.path) == (18, ("dpia", "works_council"))
    items = {item.name: item for item in every.readiness}
    assert {name: item.verdict for name, item in items.items()} == dict.fromkeys(items, "PASS")
    assert items["works_council"].due == date(2027, 2, 8)
    assert items["works_council"].begin_by == date(2027, 1, 25)
    assert every.decision == "GO"


@pytest.mark.parametrize(
    ("items", "verdict", "decision"),
    [
        ("dpia: {owner: legal}", "FAIL", "NO-GO"),
        ("dpia: {owner: legal, due: 2027-06-01, missing: warn}", "FAIL", "GO"),
        ("dpia: {owner: legal, evidence: a, dated: 2026-01-01, expires: 365d}", "FAIL", "NO-GO"),
        ("dpia: {owner: legal, evidence: a, dated: 2026-06-01, expires: 365d}", "PASS", "GO"),
    ],
)
def test_no_word_a_late_one_and_one_that_has_expired(
    items: str, verdict: str, decision: str, tmp_path: Path
) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(TEXT.replace("ITEMS", items), encoding="utf-8")
    stage = simulator.load(file).plan(replications=2).stages[0]
    assert ([item.verdict for item in stage.readiness], stage.decision) == ([verdict], decision)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ("a: {owner: x, needs: [b]}", "no attested item `b`"),
        ("a: {owner: x, needs: [b]}, b: {owner: x, needs: [a]}", "comes back to itself"),
        ("a: {owner: x, evidence: a.pdf, due: 2027-01-01}", "is promised, and its evidence is there"),
        ("a: {owner: x, evidence: a.pdf, expires: 30d}", "give `dated`"),
        ("a: {owner: x, dated: 2027-01-01}", "use `due` for a promise"),
    ],
)
def test_mistakes(items: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said) as caught:
        _scenario(items)
    assert caught.value.problems[0].line == TEXT[: TEXT.index("ITEMS")].count("\n") + 1
