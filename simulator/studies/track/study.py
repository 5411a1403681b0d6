"""The question of `rollout track`: was the forecast right, why not, and what follows for the budget?"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Protocol

from simulator.errors import OptionError
from simulator.studies.base import Option, Study, share
from simulator.studies.calibrate.study import Columns, Sampled, Timezone, WorkloadName
from simulator.studies.cost.study import Planned, Replications

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.track.report import TrackReport


class CameMonth(Protocol):
    """What came in a month, added up already: a `Came`."""

    @property
    def month(self) -> str: ...


def _tolerance(text: str) -> float:
    found = share(text)
    if not 0.0 < found <= 1.0:
        raise ValueError("must be above 0 and at most 100%")
    return found


@dataclass(frozen=True, kw_only=True)
class TrackStudy(Study["TrackReport"]):
    """Compare forecasts with what came, month by month: what differs and why, the bias, and how long the budget lasts."""

    verb: ClassVar[str] = "track"

    actuals: Annotated[
        tuple[Path | str | CameMonth, ...],
        Option(
            "What came: logs, bills (FOCUS or a provider's CSV) and books (CSV); files, or folders of them.",
            metavar="PATH",
            is_input=True,
            is_folder=True,
            may_be_file=True,
        ),
    ]
    out: Annotated[
        Path | None,
        Option(
            "Folder that keeps forecasts and what came, for the months after.",
            metavar="DIR",
            is_folder=True,
            in_app=False,
        ),
    ] = None
    workload: WorkloadName = None
    columns: Columns = None
    timezone: Timezone = None
    sampled: Sampled = 1.0
    budget: Annotated[
        float | None,
        Option(
            "Budget of the whole rollout, in the scenario's currency.",
            metavar="AMOUNT",
            min=0,
            shown_default="none; `economics.budget` is per month",
        ),
    ] = None
    tolerance: Annotated[
        float,
        Option(
            "How far off requests and cost may be.",
            metavar="SHARE",
            shown_default="20%",
            parse=_tolerance,
        ),
    ] = 0.2
    plan: Annotated[
        Path | Planned | None,
        Option(
            "Forecast with the capacity of this plan (rollout plan --json).",
            metavar="FILE",
            shown_default="the capacity that the scenario states",
            is_input=True,
        ),
    ] = None
    replications: Replications = 4

    def check(self, scenario: "Scenario") -> None:
        """Complain about workloads that are not there, and about a scenario without stages."""
        names = [one.name for one in scenario.workloads]
        if self.workload is not None and self.workload not in names:
            raise OptionError(f"no workload {self.workload!r}; there are: {', '.join(names)}", "--workload")
        if not self.actuals and self.out is None:
            raise OptionError(
                "nothing to compare with: give what came, or `--out` to keep a forecast for later",
                "--actuals",
            )

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "TrackReport":
        """Forecast, read what came, and compare month by month."""
        from simulator.studies.track.track import track

        return track(loaded, self, runner)
