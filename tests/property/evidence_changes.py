"""For every key of alerts: a change of it alone that must be seen in a drill."""

from tests.property.key_changes import Change

_RULE = "alerts.page.rules.0"

EVIDENCE_CHANGES: dict[str, Change] = {
    "Scenario.alerts": Change("alerts={}", "alerts"),
    "Alert.notify": Change("alerts.page.notify=owner", "alerts"),
    "Alert.slos": Change("alerts.page.slos=[quick]", "alerts"),
    "Alert.rules": Change("alerts.page.rules=[{burn_rate: 5, long_window: 5m, short_window: 1m}]", "alerts"),
    "BurnRateRule.burn_rate": Change(f"{_RULE}.burn_rate=8", "alerts"),
    "BurnRateRule.long_window": Change(f"{_RULE}.long_window=20m", "alerts"),
    "BurnRateRule.short_window": Change(f"{_RULE}.short_window=9m", "alerts"),
}
