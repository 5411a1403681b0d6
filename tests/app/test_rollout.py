"""The page Rollout: gates, checklist, trade-offs, canary and drift, each with what it says while there is nothing."""

from pathlib import Path

import pytest

from simulator.app import snippets
from simulator.app.bundled import bundled_plan
from simulator.scenario.read.load import load_text
from simulator.studies.canary.report import CanaryReport
from tests.app.pages import DESK, finish_job, open_page, opened_with, texts

_GATED = (
    DESK
    + """
readiness:
  attested:
    ownership: {owner: cto, missing: warn}
    security: {owner: "<b>ciso</b>", evidence: audit.pdf}
"""
).replace(
    "stages:\n  - {name: all, duration: 1w, exposure: 100%}",
    """stages:
  - {name: pilot, duration: 1w, exposure: 10%, gates: {exit: {availability: [">= 99%"]}, pause: 3d}}
  - {name: all, duration: 1w, exposure: 100%, gates: {entry: {latency: ["p(95) < 1ms"]}, approval: {by: cfo, takes: 2d}}}""",
)
_REVIEWED = (
    DESK
    + "\nteams:\n  agents: {staff: 200, handle_time: {distribution: exponential, mean: 3m}, cost: $28/hour}\n"
).replace("steps: [{call: desk}]", "steps: [{call: desk}, {review: {team: agents, sample: 5%}}]")

_CANARY = (
    DESK.replace("indicator: queue_wait", "indicator: latency")
    + """
releases:
  - {name: v2, workload: ticket, changes: {success_rate: -20%}}
canary:
  steps: [{set_weight: 30%}, {analysis: quality}, {set_weight: 100%}]
  analyses:
    quality: {interval: 2m, count: 2, compare: {metric: success_rate, alpha: 5%}}
"""
)


def _plan(text: str) -> None:
    """Plan a scenario; what was found is there for every page that is opened later."""
    at = opened_with("overview", text)
    if "Not planned yet" in texts(at):
        at.button(key="plan").click().run()
        finish_job(at)


def test_orders_have_their_dates() -> None:
    orders = open_page("rollout").dataframe[0].value
    assert set(orders["stage"]) == {"pilot", "production", "two-regions", "global"}
    assert orders["order by"].str.match(r"\d{4}-\d\d-\d\d").any()


def test_the_conditions_of_the_shipped_plan_stand_with_what_was_measured() -> None:
    at = open_page("rollout", rollout="Gates")
    gates = bundled_plan().stages[2].gates
    shown = at.dataframe[0].value
    assert list(shown["verdict"]) == [gate.verdict for gate in gates]
    assert list(shown["gate"]) == ["entry", "entry"]
    assert shown["measured"].str.contains("%").all()
    assert "approval of cfo" in texts(at)


def test_a_gate_that_does_not_open_stands_with_its_effect_on_the_dates() -> None:
    _plan(_GATED)
    gates = opened_with("rollout", _GATED, rollout="Gates")
    shown = gates.dataframe[0].value
    assert dict(zip(shown["gate"], shown["verdict"], strict=True)) == {"exit": "PASS", "entry": "FAIL"}
    assert "fails: p95 latency" in texts(gates)
    dates = gates.dataframe[-1].value
    pilot = dates.set_index("stage").loc["pilot"]
    assert (pilot["lasts as planned"], pilot["pause"], pilot["approval of the next"]) == (
        "7 d",
        "3 d",
        "2 d",
    )
    assert pilot["ask for it by"].endswith("of cfo")


def test_the_checklist_tells_what_is_missing_and_what_that_does() -> None:
    _plan(_GATED)
    checklist = opened_with("rollout", _GATED, rollout="Checklist")
    matrix = checklist.dataframe[0].value.set_index("item")
    assert matrix.loc["ownership", ["if missing", "all"]].tolist() == ["warns", "missing"]
    assert matrix.loc["security", ["if missing", "all"]].tolist() == ["blocks", "there"]
    said = texts(checklist)
    assert "cto answers for it and names no evidence" in said
    assert "<b>ciso</b> answers for it and rests on audit.pdf" in said
    assert not any(element.allow_html for element in checklist.markdown)


def test_measured_items_stand_with_value_and_limit() -> None:
    at = open_page("rollout", rollout="Checklist", checked="pilot")
    items = {item.name: item for item in bundled_plan().stages[0].readiness}
    assert list(at.dataframe[0].value["item"]) == [name.replace("_", " ") for name in items]
    measured = at.dataframe[1].value
    assert len(measured) == len(items["release_and_rollback"].measurements)
    assert measured["limit"].iloc[0] == ">= 80 %"
    before = list(measured["found"])
    at.selectbox(key="checked").select("global").run()
    assert list(at.dataframe[1].value["found"]) != before


def test_every_capacity_on_a_front_is_shown() -> None:
    at = open_page("rollout", rollout="Trade off")
    points = [point for stage in bundled_plan().stages for point in stage.trade_off]
    shown = at.dataframe[0].value
    assert len(shown) == len(points)
    assert (shown["planned"] == "yes").sum() == sum(point.is_planned for point in points)


def test_a_drift_is_studied_at_every_sampling_rate() -> None:
    at = opened_with("rollout", _REVIEWED, rollout="Drift")
    at.button(key="drift").click().run()
    finish_job(at)
    report = at.session_state["job"].document
    shown = at.dataframe[0].value
    assert len(shown) == len(report.workloads[0].sampling)
    assert "5 % (now)" in list(shown["reviewed"])
    assert not at.warning
    at.selectbox(key="fall").select("5 of 100 answers").run()
    assert at.button(key="drift").label == "Study"  # another question


def test_a_team_that_is_short_of_people_is_told() -> None:
    few = _REVIEWED.replace("staff: 200", "staff: 20")
    at = opened_with("rollout", few, rollout="Drift")
    at.button(key="drift").click().run()
    finish_job(at)
    [warning] = at.warning
    assert "have time to review" in warning.value


def test_a_canary_is_rehearsed_with_the_traffic_of_a_stage() -> None:
    at = opened_with("rollout", _CANARY, rollout="Canary")
    at.button(key="canary").click().run()
    finish_job(at)
    report = at.session_state["job"].document
    assert isinstance(report, CanaryReport)
    cases, changes = (frame.value for frame in at.dataframe)
    assert list(cases["release"]) == [case.name for case in report.cases]
    assert list(changes["detectable"]) == [
        "yes" if one.is_detectable else "no" for one in report.detectability.changes
    ]
    assert (report.stage, at.selectbox(key="at").value) == ("all", "all")


@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("Stages and orders", "capacity.knobs"),
        ("Gates", "gates"),
        ("Checklist", "readiness"),
        ("Trade off", "capacity.knobs"),
        ("Canary", "canary"),
        ("Drift", "review"),
    ],
)
def test_an_empty_tab_says_what_to_add(tab: str, words: str) -> None:
    if tab == "Stages and orders":
        _plan(DESK)
    assert words in "\n".join(info.value for info in opened_with("rollout", DESK, rollout=tab).info)


def test_a_scenario_that_is_not_planned_yet_says_where_to_plan() -> None:
    at = opened_with("rollout", _GATED.replace("5 rps", "4.9 rps"), rollout="Gates")
    assert "page Overview" in at.info[0].value


@pytest.mark.parametrize("name", ["ALERTS", "GATES", "READINESS", "KNOBS", "REVIEW"])
def test_what_is_to_be_added_is_valid_as_it_stands(name: str, tmp_path: Path) -> None:
    added = getattr(snippets, name)
    parts = dict(_sections(DESK.replace("indicator: queue_wait", "indicator: latency")))
    parts |= dict(_sections(added))
    load_text("".join(parts.values()), "added.yaml", tmp_path)


def _sections(text: str) -> list[tuple[str, str]]:
    """Top-level keys with the lines that are theirs."""
    found: list[tuple[str, str]] = []
    for line in text.strip("\n").splitlines(keepends=True):
        if line[0].isspace() and found:
            found[-1] = (found[-1][0], found[-1][1] + line)
        else:
            found.append((line.partition(":")[0], line))
    return [(key, part.rstrip("\n") + "\n") for key, part in found]
