"""How long is the time that a row of the FOCUS export covers?"""

from datetime import datetime
from typing import Literal

Period = Literal["hour", "day", "month"]


def period_start(moment: datetime, period: Period) -> datetime:
    """Start of the period a moment lies in."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    if period == "hour":
        return hour
    day = hour.replace(hour=0)
    return day if period == "day" else day.replace(day=1)
