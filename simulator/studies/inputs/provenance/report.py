"""What `rollout show --provenance` reports: every input of a scenario, with its source, date and grade."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from simulator.studies.record import Record
from simulator.studies.report import Shown

if TYPE_CHECKING:
    import pandas as pd


class Input(Record):
    """A value that goes into a simulation.

    Attributes
    ----------
    value : in its unit
    written : as in the file or the catalog; empty: as a plain number
    source, date : where it comes from; empty: not stated
    grade : `measured`, `published`, `vendor claim` or `assumption`
    """

    path: str
    value: float | str
    unit: str
    written: str
    source: str
    date: str
    grade: str

    @property
    def text(self) -> str:
        """The value as it is written, else as a number of six digits."""
        return self.written or (self.value if isinstance(self.value, str) else f"{self.value:.6g}")


class ProvenanceReport(Shown):
    """Where every number of a scenario comes from.

    Attributes
    ----------
    grades : how many inputs there are of each
    """

    view: ClassVar[str] = "simulator.studies.inputs.provenance.view"

    scenario: str
    inputs: tuple[Input, ...]
    grades: Mapping[str, int]

    @property
    def subject(self) -> str:
        """The scenario's name."""
        return self.scenario

    def to_frame(self) -> "pd.DataFrame":
        """A row per input."""
        from simulator.render.dataframe import rows_frame

        return rows_frame([one.to_row() for one in self.inputs])
