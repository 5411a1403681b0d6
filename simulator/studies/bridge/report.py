"""What `rollout bridge` reports: why one forecast costs more than another, driver by driver."""

from typing import Annotated, ClassVar

from simulator.studies.cost.forecast.undone import UndoneWork
from simulator.studies.cost.report import InCurrency
from simulator.studies.record import Estimated, Interval, Record, if_any
from simulator.studies.report import Report


class BridgeSide(Record):
    """One of the two forecasts.

    Attributes
    ----------
    name : its file, with what was set
    months : that it has, e.g. `2027-01`
    cost : of everything
    per_action, per_successful_action : None: there were none
    undone : work that is left when the forecast ends, and in no cost
    """

    name: str
    scenario: str
    scenario_hash: str
    months: tuple[str, ...]
    cost: float
    actions: float
    per_action: float | None
    per_successful_action: float | None
    undone: Annotated[tuple[UndoneWork, ...], if_any] = ()


class DriverPart(Estimated):
    """The part of a driver in the difference, with its interval over pairs of replications."""

    driver: str
    estimate: Interval


class BridgeReport(Report, InCurrency):
    """The difference of two forecasts, driver by driver; the parts add up to it.

    Attributes
    ----------
    currency : that both scenarios report in, else US dollars
    sides : before and after
    difference : of the costs, after less before
    drivers : that have a part in it
    """

    view: ClassVar[str] = "simulator.studies.bridge.view"

    engine_version: str
    interval_level: float
    sides: tuple[BridgeSide, BridgeSide]
    difference: Interval
    drivers: tuple[DriverPart, ...]

    @property
    def subject(self) -> str:
        """Both scenarios."""
        return " and ".join(side.name for side in self.sides)
