"""What is said of the stages of a report besides its numbers and verdicts: runs that collapse, and work that piles up."""

from collections.abc import Sequence

from simulator.studies.common.backlogs import StageBacklog
from simulator.studies.common.two_futures import StageCollapse
from simulator.studies.common.verdicts.criterion_text import stage_text


def finding_lines(collapses: Sequence[StageCollapse], backlogs: Sequence[StageBacklog]) -> list[str]:
    """What was seen at the stages besides the numbers, a line each."""
    return [
        *(f"{stage_text(at.stage)}: {at.message}" for at in collapses),
        *(f"{stage_text(at.stage)}: {at.message}" for at in backlogs),
    ]
