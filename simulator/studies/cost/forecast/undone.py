"""What work do the people of a forecast never get to? It is paid in no month, and somebody must do it.

Work and hours on shift are added up from one part of a month to the next: what is left of one waits for the next, and what
is left at the end is undone. Within a part nothing is lost: what comes at night is done in the morning.
"""

from collections.abc import Sequence

from simulator.economics.currency import Currency
from simulator.render.numbers import EstimateText, in_currency, quantity
from simulator.studies.capacity.people_week import PeopleWeek
from simulator.studies.record import Record

_CHANCE = 0.02  # of all work: what is less may be chance, or the last weekend


class UndoneWork(Record):
    """Of one team in one region, at the end of the forecast.

    Attributes
    ----------
    undone_h : hours of their work that wait
    cost : of doing it, in the currency of the report; it is in no month
    """

    team: str
    region: str
    undone_h: float
    cost: float

    def message(self, currency: str) -> str:
        """One line for people."""
        cost = in_currency(EstimateText(quantity(self.cost, "money"), ""), currency).value
        return (
            f"work left undone at the end: {self.undone_h:,.0f} h of {self.team} in {self.region}, {cost}, which is in no "
            "month; more people on shift would do it"
        )


def undone_work(parts: Sequence[Sequence[PeopleWeek]], currency: Currency) -> tuple[UndoneWork, ...]:
    """What is left at the end of some parts of months, in their order."""
    left_h: dict[tuple[str, str], float] = {}
    work_h: dict[tuple[str, str], float] = {}
    hour_usd: dict[tuple[str, str], float] = {}
    for part in parts:
        for week in part:
            place = week.team, week.region
            left_h[place] = max(0.0, left_h.get(place, 0.0) + week.work_h - week.people_h)
            work_h[place] = work_h.get(place, 0.0) + week.work_h
            hour_usd[place] = week.hour_usd
    return tuple(
        UndoneWork(team=team, region=region, undone_h=hours, cost=currency.of(hours * hour_usd[team, region]))
        for (team, region), hours in left_h.items()
        if hours > _CHANCE * work_h[team, region]
    )
