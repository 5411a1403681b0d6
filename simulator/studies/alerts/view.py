"""When alerts fire, for people: after how long because of an incident, how often without one, and what they cannot see."""

from collections.abc import Sequence

from simulator.render.draws_cell import draws_cell
from simulator.render.numbers import estimate, quantity
from simulator.render.sections import Quantity, Row, Words
from simulator.studies.alerts.report import AlertBaseline, Detection


def alert_label(alert: AlertBaseline | Detection) -> str:
    """An alert, and who gets it."""
    return f"{alert.alert} → {alert.notify}"


def detection_cell(found: Detection, span_s: float, n_runs: int) -> Words:
    """After how long an alert fires because of an incident, and by which rule; or that it does not.

    Parameters
    ----------
    span_s : from the start of the incident that was simulated
    n_runs : that were simulated
    """
    if found.after_s is None:
        if found.on_before > 0.5:
            return Words("firing already")
        return Words(f"not in {quantity(span_s, 'time')}")
    seen = draws_cell(found.seen, n_runs)
    runs = "" if found.seen.value == 1.0 else f", in {seen.text} runs {seen.detail}"
    rule = f"by {found.slo} at {quantity(found.burn_rate, 'number')}× burn rate{runs}"
    return Words(estimate(found.after_s, "time").line, rule)


def baseline_rows(alerts: Sequence[AlertBaseline]) -> list[Row]:
    """What alerts do while nothing is wrong, a column each."""
    return [
        Row("false alarms per month", [Quantity(alert.false_per_month, "number") for alert in alerts]),
        Row("firing while healthy", [Quantity(alert.on_share, "share") for alert in alerts]),
    ]


def alert_remarks(alerts: Sequence[AlertBaseline]) -> list[str]:
    """What no alert can see."""
    found = []
    for alert in alerts:
        name = f"alert {alert.alert}"
        if not alert.slos:
            found.append(f"{name} watches no objective: none counts actions one by one")
        if alert.unseen:
            slos = ", ".join(alert.unseen)
            found.append(
                f"{name} cannot see {slos}: nothing is counted (success_rate takes reviews that get done)"
            )
        if alert.out_of_reach:
            slos = ", ".join(alert.out_of_reach)
            found.append(
                f"{name} never fires for {slos}: with so large a budget even a total failure burns slower"
            )
    return found
