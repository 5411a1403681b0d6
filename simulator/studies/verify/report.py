"""What `rollout verify` reports: whether a stored run comes out the same again."""

from typing import ClassVar

from simulator.studies.report import Report


class VerifyReport(Report):
    """Whether a stored run is what this simulator makes of its inputs, bit for bit.

    Attributes
    ----------
    key : of the run
    differences : the first few
    notes : other versions, other packages
    """

    view: ClassVar[str] = "simulator.studies.verify.view"

    key: str
    scenario: str
    identical: bool
    differences: tuple[str, ...]
    n_differences: int
    notes: tuple[str, ...]
    wall_s: float

    @property
    def subject(self) -> str:
        """The run, and the scenario that it is of."""
        return f"run {self.key[:12]} of {self.scenario}"

    @property
    def outcomes(self) -> tuple[str, ...]:
        """PASS if it comes out the same."""
        return ("PASS" if self.identical else "FAIL",)
