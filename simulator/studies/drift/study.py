"""The question of `rollout drift`: how soon do reviewers notice that quality falls, and what does their looking cost?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.studies.base import Option, Study, check_stage, share, span_s

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.drift.report import DriftReport

_WEEK_S = 7 * 86_400.0


def _fall(text: str) -> float:
    found = share(text)
    if found <= 0.0:
        raise ValueError("must be above 0: what does not fall is not noticed")
    return found


def _weeks(text: str) -> float:
    return span_s(text) / _WEEK_S


@dataclass(frozen=True, kw_only=True)
class DriftStudy(Study["DriftReport"]):
    """See how soon reviewers notice that quality falls, by the share they look at, and what that costs."""

    verb: ClassVar[str] = "drift"

    stage: Annotated[
        str | None,
        Option("The stage whose answers are reviewed.", metavar="NAME", shown_default="the last"),
    ] = None
    per_week: Annotated[
        float | None,
        Option(
            "By how much the success rate falls every week, e.g. 0.5%.",
            metavar="SHARE",
            shown_default="the scenario's drift, or 1%",
            parse=_fall,
        ),
    ] = None
    false_alarm_weeks: Annotated[
        float,
        Option(
            "Accepted mean time between false alarms, e.g. 26w.",
            flag="--false-alarm-every",
            metavar="SPAN",
            shown_default="26w",
            parse=_weeks,
        ),
    ] = 26.0

    def check(self, scenario: "Scenario") -> None:
        """Complain about a stage that is not there."""
        check_stage(scenario, self.stage)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "DriftReport":
        """Simulate what could be reviewed, and work out what every sampling rate sees of a fall."""
        from simulator.studies.drift.drift import study_drift

        return study_drift(loaded, self, runner)
