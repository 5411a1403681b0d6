"""Do alerts watch objectives that there are, and that can be counted action by action?"""

from simulator.scenario.check.diagnostics import Finding, unknown
from simulator.scenario.model import Scenario


def check_alerts(scenario: Scenario) -> list[Finding]:
    """Findings about `alerts`; those that are there by default are never wrong."""
    known = {slo.name: slo for slo in scenario.slos}
    found: list[Finding] = []
    for name, alert in scenario.alerts.items():
        for place, slo in enumerate(alert.slos or ()):
            path = ("alerts", name, "slos", place)
            if slo not in known:
                found.append(unknown(path, "SLO", slo, known))
            elif not known[slo].counts_actions:
                hint = "watch one on availability, success_rate, rejected_rate, or a percentile of latency or ttft"
                message = f"`{slo}` has no error budget: an action by itself neither meets nor misses it"
                found.append(Finding(path, message, hint))
    is_asked = "alerts" in scenario.model_fields_set and bool(scenario.alerts)
    if is_asked and not any(slo.counts_actions for slo in scenario.slos):
        hint = "add an SLO on availability, success_rate, rejected_rate, or a percentile of latency or ttft"
        found.append(Finding(("alerts",), "there is no objective to watch", hint))
    return found
