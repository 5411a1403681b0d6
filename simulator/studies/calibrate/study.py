"""The question of `rollout calibrate`: what do a pilot's own logs say of the numbers that a scenario assumes?"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.errors import OptionError
from simulator.studies.base import Option, Study, share

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.calibrate.report import CalibrateReport


def _positive_share(text: str) -> float:
    found = share(text)
    if found <= 0.0:
        raise ValueError("must be above 0")
    return found


def zone_name(text: str) -> str:
    """A time zone that exists."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"`{text[:40]}` is no time zone such as `Europe/Berlin`") from None


Logs = Annotated[
    tuple[Path, ...],
    Option(
        "Logs of requests, of any known tool; with or without gzip.",
        metavar="LOGS…",
        is_argument=True,
        is_input=True,
    ),
]
Columns = Annotated[
    str | None,
    Option(
        "Columns of a log of no known tool, e.g. time=ts:ms,input=prompt,output=answer,latency=took:s.",
        metavar="NAME=COLUMN,…",
        shown_default="recognised",
    ),
]
WorkloadName = Annotated[
    str | None,
    Option(
        "The workload that the log is of.",
        metavar="NAME",
        shown_default="the one that asks the log's models, else the largest",
    ),
]
RegionName = Annotated[
    str | None,
    Option(
        "The region whose users the log is of.", metavar="NAME", shown_default="all that have the feature"
    ),
]
Timezone = Annotated[
    str | None,
    Option(
        "Time zone of stamps that have none, and whose hours are distinguished.",
        metavar="ZONE",
        shown_default="UTC for stamps; the region's for hours",
        parse=zone_name,
    ),
]
Exposure = Annotated[
    float | None,
    Option(
        "Share of the users who had the feature when the log was written, e.g. 2%.",
        metavar="SHARE",
        shown_default="that of the first stage; without stages 100%",
        parse=_positive_share,
    ),
]
Sampled = Annotated[
    float,
    Option(
        "Share of the requests that the log holds, e.g. 10%.",
        metavar="SHARE",
        shown_default="100%",
        parse=_positive_share,
    ),
]


@dataclass(frozen=True, kw_only=True)
class CalibrateStudy(Study["CalibrateReport"]):
    """Measure a pilot's logs and write what they say into the scenario, comments kept; no prompt or answer is read."""

    verb: ClassVar[str] = "calibrate"
    scenario_flag: ClassVar[str | None] = "--into"

    logs: Logs
    workload: WorkloadName = None
    columns: Columns = None
    region: RegionName = None
    timezone: Timezone = None
    exposure: Exposure = None
    sampled: Sampled = 1.0
    dry_run: Annotated[bool, Option("Show what would change, and change nothing.")] = False

    def check(self, scenario: "Scenario") -> None:
        """Complain about workloads and regions that are not there."""
        for name, known, flag in (
            (self.workload, [one.name for one in scenario.workloads], "--workload"),
            (self.region, list(scenario.regions), "--region"),
        ):
            if name is not None and name not in known:
                raise OptionError(f"no {flag[2:]} {name!r}; there are: {', '.join(known)}", flag)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "CalibrateReport":
        """Read the logs, estimate, and write the scenario's file unless it is a dry run."""
        from simulator.studies.calibrate.calibrate import calibrate

        del runner  # nothing is simulated
        return calibrate(loaded, self)
