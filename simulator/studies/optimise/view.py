"""A search for people: as a sweep, and which constraints its points had to meet."""

from simulator.render.sections import Notes, Section
from simulator.studies.optimise.report import OptimiseReport
from simulator.studies.sweep import view as sweep_view


def sections(report: OptimiseReport) -> list[Section]:
    """Everything `rollout optimise` shows."""
    headline, *rest = sweep_view.sections(report)
    return [headline, *_constraints(report), *rest]


def _constraints(report: OptimiseReport) -> list[Section]:
    if not report.constraints:
        return []
    asked = " and ".join(report.constraints)
    if not report.n_feasible:
        return [Notes([f"no point meets {asked}"])]
    return [Notes([f"{report.n_feasible:,} of {len(report.points):,} points meet {asked}"], "remark")]
