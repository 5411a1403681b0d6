"""From teams to targets and stations, and who is on shift when."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.review.config import Shift, Team
from simulator.mechanisms.targets import TargetList
from simulator.numerics.events import NONE

OFFICE_HOURS = [Shift(days=[0, 1, 2, 3, 4], start_hour=8, end_hour=18)]
ALWAYS = [Shift(start_hour=0, end_hour=24)]


def build_team(team: Team, regions: Sequence[str], table: DistributionTable, targets: TargetList) -> int:
    """Add a team and its stations, with nobody on shift yet; returns its target number."""
    target = targets.add_target(
        TargetKind.TEAM,
        service_distribution=table.add(team.handle_time),
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


def shifts_of(team: Team) -> list[Shift]:
    """The team's shifts as a list."""
    if team.shifts == "always":
        return ALWAYS
    if team.shifts == "office-hours":
        return OFFICE_HOURS
    return team.shifts


def share_on_shift(shifts: Sequence[Shift], local: datetime) -> float:
    """Largest share of the staff that any shift puts on duty at a local time."""
    clock = local.replace(tzinfo=None) - datetime(local.year, local.month, local.day)
    share = 0.0
    for shift in shifts:
        start, end = timedelta(hours=shift.start_hour), timedelta(hours=shift.end_hour)
        if shift.start_hour < shift.end_hour:
            is_on = local.weekday() in shift.days and start <= clock < end
        else:  # over midnight: the part after midnight belongs to the day before
            is_late = local.weekday() in shift.days and clock >= start
            is_early = (local.weekday() - 1) % 7 in shift.days and clock < end
            is_on = is_late or is_early
        if is_on:
            share = max(share, shift.share)
    return share


def people_on_shift(team: Team, region: str, local: datetime) -> int:
    """People on duty in a region at its local time, rounded to whole persons."""
    return round((staff_in(team, region) or 0) * share_on_shift(shifts_of(team), local))
