"""What `rollout optimise` reports: every point that was tried, which meet the constraints, and which are Pareto-optimal."""

from typing import ClassVar

from simulator.studies.sweep.report import SweepReport


class OptimiseReport(SweepReport):
    """What came of a search.

    Attributes
    ----------
    constraints : as written
    n_feasible : points that meet every constraint
    """

    view: ClassVar[str] = "simulator.studies.optimise.view"

    constraints: tuple[str, ...]
    n_feasible: int

    @property
    def outcomes(self) -> tuple[str, ...]:
        """FAIL if no point meets the constraints."""
        return () if self.n_feasible else ("FAIL",)
