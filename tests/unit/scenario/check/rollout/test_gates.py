"""Gates that look at nothing are refused at their line, with what would be right."""

import pytest

from tests.unit.scenario.conftest import SMALL, Load, Refused

_PILOT = "  - {name: pilot, duration: 4w, exposure: {eu: 2%}}\n"


def _stages(gates: str, at: str = "all") -> str:
    first, second = (f", gates: {gates}" if at == name else "" for name in ("pilot", "all"))
    return (
        f"  - {{name: pilot, duration: 4w, exposure: {{eu: 2%}}{first}}}\n"
        f"  - {{name: all, duration: 4w, exposure: 100%{second}}}\n"
    )


@pytest.mark.parametrize(
    ("at", "gates", "key", "message"),
    [
        ("all", '{entry: {sucess_rate: [">= 90%"]}}', "entry.sucess_rate", "did you mean `success_rate`"),
        (
            "pilot",
            '{exit: {"latency{region:uk}": ["p(95) < 8s"]}}',
            "exit.latency{region:uk}",
            "no region `uk`",
        ),
        (
            "all",
            '{entry: {"latency{stage:pilot}": ["p(95) < 8s"]}}',
            "entry.latency{stage:pilot}",
            "remove the label",
        ),
        ("all", "{entry: {success_rate: []}}", "entry.success_rate", "no threshold is given"),
        ("all", '{entry: {success_rate: ["p(95) > 90%"]}}', "entry.success_rate.0", "has no percentiles"),
        ("all", '{entry: {utilization: ["< 90%"]}}', "entry.utilization", "is that of a target"),
        ("pilot", '{entry: {latency: ["p(95) < 8s"]}}', "entry", "no stage before this one"),
        ("all", '{exit: {latency: ["p(95) < 8s"]}}', "exit", "no stage after this one"),
        ("all", "{}", "gates", "is empty"),
    ],
)
def test_a_gate_that_cannot_be_is_refused(
    refused: Refused, at: str, gates: str, key: str, message: str
) -> None:
    (problem,) = refused(_PILOT, _stages(gates, at))
    assert problem.path.endswith(key)
    assert message in str(problem)
    assert problem.line == SMALL[: SMALL.index(_PILOT)].count("\n") + (1 if at == "pilot" else 2)


def test_possible_ones_are_accepted(load: Load) -> None:
    gates = '{entry: {"latency{region:*}": ["p(95) < 8s"]}, pause: 1w, approval: {by: cfo, takes: 3d}}'
    found = load(SMALL.replace(_PILOT, _stages(gates))).scenario.stages[1].gates
    assert found is not None
    assert found.approval is not None
    assert (found.pause, found.approval.by, found.approval.takes) == (604_800.0, "cfo", 259_200.0)
