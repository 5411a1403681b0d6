"""From teams to targets and stations."""

from collections.abc import Sequence

from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.review.config import Team
from simulator.mechanisms.targets import TargetList
from simulator.numerics.events import NONE


def build_team(team: Team, regions: Sequence[str], table: DistributionTable, targets: TargetList) -> int:
    """Add a team and its stations, with nobody on shift yet; returns its target number."""
    target = targets.add_target(
        TargetKind.TEAM,
        service_distribution=table.add(team.handle_time),
        approve_distribution=table.add(team.draft_time("approve")),
        change_distribution=table.add(team.draft_time("change")),
        reject_distribution=table.add(team.draft_time("reject")),
        rejected=team.drafts.rejected,
        patience_distribution=NONE if team.patience is None else table.add(team.patience),
        success_rate=team.success_rate,
        overrides_wrong=team.overrides.wrong,
        overrides_right=team.overrides.right,
        overflow_above=NONE if team.overflow is False else team.overflow_above,
    )
    for region_id, region in enumerate(regions):
        if staff_in(team, region) is not None:
            targets.add_station(target, region_id, servers=0)
    return target


def staff_in(team: Team, region: str) -> int | None:
    """People of a team in a region, or None where it has none."""
    if isinstance(team.staff, dict):
        return team.staff.get(region)
    return team.staff
