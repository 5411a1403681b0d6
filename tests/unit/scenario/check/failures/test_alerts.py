"""Alerts that watch nothing are refused at their line, with what would be right."""

import pytest

from tests.unit.scenario.conftest import SMALL, Load, Refused

_RULE = "{burn_rate: 14.4, long_window: 1h, short_window: 5m}"


def _alerts(text: str) -> str:
    return f"alerts: {{page: {text}}}\nslos:\n"


@pytest.mark.parametrize(
    ("alert", "key", "message"),
    [
        (f"{{notify: sre, slos: [laetncy], rules: [{_RULE}]}}", "page.slos.0", "did you mean `latency`?"),
        (f"{{rules: [{_RULE}]}}", "page.notify", "missing"),
        ("{notify: sre, rules: []}", "page.rules", "at least 1"),
        (
            "{notify: sre, rules: [{burn_rate: 1, long_window: 5m, short_window: 1h}]}",
            "page.rules.0",
            "`short_window` must be shorter than `long_window`",
        ),
        (
            "{notify: sre, rules: [{burn_rate: 0, long_window: 1h, short_window: 5m}]}",
            "burn_rate",
            "above 0",
        ),
        (
            "{notify: sre, rules: [{burn_rate: 1, long_window: 60d, short_window: 5m}]}",
            "long_window",
            "at most",
        ),
    ],
)
def test_an_alert_that_cannot_be_is_refused(refused: Refused, alert: str, key: str, message: str) -> None:
    (problem,) = refused("slos:\n", _alerts(alert))
    assert problem.path.startswith("alerts")
    assert problem.path.endswith(key)
    assert message in str(problem)
    assert problem.line is not None


def test_an_objective_without_a_budget_is_refused(refused: Refused) -> None:
    alert = f"{{notify: sre, slos: [wait], rules: [{_RULE}]}}"
    slo = '  - {name: wait, indicator: queue_wait, objective: "mean < 1s"}\n'
    (problem,) = refused("slos:\n", _alerts(alert) + slo)
    assert "`wait` has no error budget" in str(problem)


def test_alerts_without_any_objective_are_refused(refused: Refused) -> None:
    (problem,) = refused(
        'indicator: latency, objective: "p(95) < 8s"',
        f'indicator: queue_wait, objective: "mean < 1s"}}\nalerts: {{page: {{notify: sre, rules: [{_RULE}]}}',
    )
    assert "there is no objective to watch" in str(problem)


def test_the_rules_of_the_workbook_are_there_by_default(load: Load) -> None:
    alerts = load(SMALL).scenario.alerts
    found = {
        name: [(rule.burn_rate, rule.long_window, rule.short_window) for rule in alert.rules]
        for name, alert in alerts.items()
    }
    assert found == {
        "page": [(14.4, 3600.0, 300.0), (6.0, 21600.0, 1800.0)],
        "ticket": [(3.0, 86400.0, 7200.0), (1.0, 259200.0, 21600.0)],
    }
    assert load(SMALL + "alerts: {}\n").scenario.alerts == {}
