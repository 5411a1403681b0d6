"""The question of `rollout backtest`: would a scenario calibrated on the first part of a log have forecast the rest?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.errors import OptionError
from simulator.studies.base import Option, Study, share
from simulator.studies.calibrate.study import Columns, Exposure, Logs, RegionName, Timezone, WorkloadName

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.backtest.report import BacktestReport


def _part(text: str) -> float:
    found = share(text)
    if not 0.1 <= found <= 0.95:
        raise ValueError("must be between 10% and 95%")
    return found


@dataclass(frozen=True, kw_only=True)
class BacktestStudy(Study["BacktestReport"]):
    """Fit a scenario on the first part of a log, forecast the rest, and say how far off it was, beside a naive forecast."""

    verb: ClassVar[str] = "backtest"

    logs: Logs
    workload: WorkloadName = None
    columns: Columns = None
    region: RegionName = None
    timezone: Timezone = None
    exposure: Exposure = None
    fit_on: Annotated[
        float,
        Option(
            "Part of the log's span that is fitted; the rest is forecast.",
            metavar="SHARE",
            shown_default="70%",
            parse=_part,
        ),
    ] = 0.7

    def check(self, scenario: "Scenario") -> None:
        """Complain about workloads that are not there."""
        names = [one.name for one in scenario.workloads]
        if self.workload is not None and self.workload not in names:
            raise OptionError(f"no workload {self.workload!r}; there are: {', '.join(names)}", "--workload")

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "BacktestReport":
        """Split the log in time, fit, forecast, compare."""
        from simulator.studies.backtest.backtest import backtest

        del runner  # nothing is simulated
        return backtest(loaded, self)
