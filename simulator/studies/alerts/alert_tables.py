"""Who is told of which incident, after how long, and how often of none: the alerts of a drill's document."""

from rich.table import Table

from simulator.render.numbers import EstimateText, estimate, quantity
from simulator.render.terminal_tables import Document, Row, grids, plain_row, printable


def alert_tables(document: Document, width: int) -> list[Table]:
    """A column per alert, a row per drill, and what fires in a healthy month; none without alerts."""
    alerts = document["alerts"]
    if not alerts:
        return []
    headers = [printable(f"{alert['alert']} → {alert['notify']}") for alert in alerts]
    drills = [
        Row(printable(drill["name"]), [told_text(seen, drill) for seen in drill["alerts"]])
        for drill in document["drills"]
    ]
    healthy = [
        Row("false per month", [estimate(alert["false_per_month"], "number") for alert in alerts]),
        plain_row("on while all is well", [quantity(alert["on_share"], "share") for alert in alerts]),
    ]
    return grids(headers, [drills, healthy], width, "alerts after")


def told_text(seen: Document, drill: Document) -> EstimateText:
    """After how long an alert fires because of a drill's incident, and by which rule; or that it does not."""
    if seen["after_s"] is None:
        if seen["on_before"] > 0.5:
            return EstimateText("on already", "")
        return EstimateText(f"not in {quantity(drill['duration_s'] + drill['watched_s'], 'time')}", "")
    after = estimate(seen["after_s"], "time")
    share = seen["seen"]["value"]
    runs = f", in {share:.0%} of runs" if share < 1.0 else ""
    by = f"{printable(seen['slo'])} ×{quantity(seen['burn_rate'], 'number')}"
    return EstimateText(after.line, f"by {by}{runs}")


def alert_remarks(document: Document) -> list[str]:
    """What no alert can see."""
    found = []
    for alert in document["alerts"]:
        name = f"alert {alert['alert']}"
        if not alert["slos"]:
            found.append(f"{name}: no objective counts actions one by one, so it watches none")
        if alert["unseen"]:
            slos = ", ".join(alert["unseen"])
            found.append(
                f"{name} cannot see {slos}: nothing of it is counted (success_rate takes reviews that get done)"
            )
        if alert["out_of_reach"]:
            slos = ", ".join(alert["out_of_reach"])
            found.append(
                f"{name} never fires for {slos}: its budget is so large that even a total failure burns slower"
            )
    return found
