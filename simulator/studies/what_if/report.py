"""What `rollout what-if` reports: every measure at the peak without a change and with it, and the capacity it takes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.studies.capacity.needed_capacity import NeededCapacity
from simulator.studies.common.backlogs import Backlog
from simulator.studies.common.changes.paired_change import PairedChange
from simulator.studies.record import Record, if_any, if_known, json_key
from simulator.studies.report import ScenarioReport

if TYPE_CHECKING:
    import pandas as pd


class CapacityNeed(Record):
    """An amount of a knob that a stage needs, in one region or in all.

    Attributes
    ----------
    region : None: all together
    before, after : without the change and with it
    """

    path: str
    region: str | None
    before: float
    after: float

    @property
    def difference(self) -> float:
        """What the change takes more."""
        return self.after - self.before


class CapacityReport(ScenarioReport):
    """The cheapest capacity under which every peak of a stage meets its objectives, without a change and with it."""

    view: ClassVar[str] = "simulator.studies.what_if.capacity_view"

    stage: str
    before: NeededCapacity
    after: NeededCapacity

    def needs(self) -> Iterator[CapacityNeed]:
        """What is needed by knob and region."""
        for path, by_region in self.after.amounts.items():
            for region, after in by_region.items():
                before = self.before.amounts[path][region]
                yield CapacityNeed(path=path, region=region, before=before, after=after)

    def totals(self) -> Iterator[CapacityNeed]:
        """What is needed by knob, all regions together."""
        for path, by_region in self.after.amounts.items():
            before = sum(self.before.amounts[path].values())
            yield CapacityNeed(path=path, region=None, before=before, after=sum(by_region.values()))


class WhatIfReport(ScenarioReport):
    """What a change does at the peak of a stage: every measure on both sides, and the paired difference.

    Attributes
    ----------
    stage : None: full exposure
    seed : of the first pair
    n_pairs : of replications with the same seed on both sides
    window_s : measured span of each
    overrides, demand_factor : the change
    measures : the scenario's objectives and what everyone looks at, and how busy each target is
    capacity : that the stage needs, where it was searched
    warnings : spans that are too short, with the change
    backlogs, backlogs_before : targets to which more work comes than they do, with the change and without it
    """

    view: ClassVar[str] = "simulator.studies.what_if.view"

    stage: str | None
    seed: int
    n_pairs: Annotated[int, json_key("pairs")]
    window_s: float
    overrides: tuple[str, ...]
    demand_factor: float
    measures: tuple[PairedChange, ...]
    capacity: Annotated[CapacityReport | None, if_known] = None
    warnings: Annotated[tuple[str, ...], if_any] = ()
    backlogs: Annotated[tuple[Backlog, ...], if_any] = ()
    backlogs_before: Annotated[tuple[Backlog, ...], if_any] = ()

    @property
    def title(self) -> str:
        """What the report is."""
        return "What-if"

    def measure(self, metric: str) -> PairedChange | None:
        """The first measure of a metric; None: it was not looked at."""
        return next((found for found in self.measures if found.metric == metric), None)

    @property
    def busiest(self) -> PairedChange | None:
        """How busy the target is that is busiest with the change."""
        loads = [found for found in self.measures if found.metric == "utilization"]
        return max(loads, key=lambda found: found.after.value, default=None)

    def to_frame(self) -> "pd.DataFrame":
        """A row per measure."""
        from simulator.render.dataframe import rows_frame

        return rows_frame([found.to_row() for found in self.measures])
