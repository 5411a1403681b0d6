"""A checklist that cannot be measured is refused at its line, with what would be right."""

import pytest

from simulator.scenario.read.errors import ScenarioError
from tests.unit.scenario.conftest import SMALL, Load, Refused

_INCIDENTS = "incidents:\n  - {name: slow, kind: latency, target: large, factor: 4, duration: 25m}\n"


def _measured(item: str, more: str = "") -> str:
    return f"readiness: {{measured: {{{item}}}}}\n{more}slos:\n"


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        (_measured("release_and_rollback: {}"), "measured.release_and_rollback", "no canary to rehearse"),
        (_measured("monitoring: {}"), "measured.monitoring", "no incidents to see"),
        (_measured("monitoring: {}", _INCIDENTS + "alerts: {}\n"), "measured.monitoring", "no alerts"),
        (_measured("monitorng: {}"), "measured.monitorng", "did you mean `monitoring`"),
        (_measured("unit_economics: {stages: [pilt]}"), "stages.0", "did you mean `pilot`"),
        (_measured("unit_economics: {missing: stop}"), "missing", "none of block, warn"),
        ("readiness: {attested: {kpis: {evidence: x}}}\nslos:\n", "attested.kpis.owner", "missing"),
        (
            "readiness: {measured: {unit_economics: {}}, attested: {unit_economics: {owner: cfo}}}\nslos:\n",
            "attested.unit_economics",
            "is measured, too",
        ),
    ],
)
def test_a_checklist_that_cannot_be_is_refused(refused: Refused, text: str, key: str, message: str) -> None:
    (problem,) = refused("slos:\n", text)
    assert problem.path.startswith("readiness")
    assert problem.path.endswith(key)
    assert message in str(problem)
    assert problem.line is not None


def test_a_feedback_loop_needs_reviews(load: Load) -> None:
    text = SMALL.replace(
        "      - review: {team: agents, sample: 2%, when: [low_confidence, exhausted]}\n", ""
    )
    text = text.replace(", human]", "]").replace(SMALL[SMALL.index("teams:") : SMALL.index("stages:")], "")
    load(text)
    with pytest.raises(ScenarioError, match="nobody looks at answers"):
        load(text + "readiness: {measured: {feedback_loop: {}}}\n")


def test_without_stages_nothing_is_asked(refused: Refused) -> None:
    stages = "stages:\n  - {name: pilot, duration: 4w, exposure: {eu: 2%}}\n"
    end = SMALL.index("capacity:")
    text = SMALL[SMALL.index(stages) : end]
    (problem,) = refused(
        SMALL[SMALL.index(stages) :], text.replace(stages, "") + "readiness: {attested: {kpis: {owner: p}}}\n"
    )
    assert "there are none" in str(problem)


def test_a_checklist_keeps_its_order(load: Load) -> None:
    text = _measured("monitoring: {}, unit_economics: {within: 3%}", _INCIDENTS)
    readiness = load(SMALL.replace("slos:\n", text)).scenario.readiness
    assert list(readiness.items()) == ["monitoring", "unit_economics"]
    assert load(SMALL).scenario.readiness.items() == {}
