"""Where does it matter which answers count as unsure, and how is the threshold moved?"""

from simulator.scenario.change import setting
from simulator.scenario.model import Scenario


def flagging_routes(scenario: Scenario) -> list[str]:
    """Routes where it matters which answers are flagged as unsure: a better model is asked, or people."""
    return [
        name
        for name, route in scenario.routes.items()
        if route.routing_strategy == "cascade" or _hands_over(scenario, name)
    ]


def flagged(scenario: Scenario, route: str, factor: float) -> tuple[str, str]:
    """Overrides that multiply the shares of wrong and right answers a route flags."""
    path, confidence = f"routes.{route}.confidence", scenario.routes[route].confidence
    wrong, right = (
        float(f"{factor * share:.12g}") for share in (confidence.flags_wrong, confidence.flags_right)
    )
    return setting(f"{path}.flags_wrong", wrong), setting(f"{path}.flags_right", right)


def _hands_over(scenario: Scenario, route: str) -> bool:
    """Whether people take over what a route is unsure of."""
    return any(
        any(getattr(step, "generate", None) == route for step in workload.steps)
        and any("low_confidence" in step.review.when for step in workload.steps if hasattr(step, "review"))
        for workload in scenario.workloads
    )
