"""What does a setting of a knob cost per month? Planning compares settings by it before it simulates any.

It is the cost of holding the capacity for a month of 730 h, used or not. What is paid by use (tokens, calls)
is not in it, so quota of a hosted model is free unless the knob says what it costs.
"""

from simulator.compiler.stage_shares import HOURS_PER_MONTH
from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS
from simulator.mechanisms.replicas.config import Pool, Spot
from simulator.mechanisms.replicas.sizes import spot_places
from simulator.mechanisms.review.config import Team
from simulator.mechanisms.review.shifts import weekly_hours
from simulator.scenario.model import Knob, Scenario

HOURS_PER_WEEK = 168
_FREE_FIELDS = {
    "model_list": {*LIMIT_KEYS, "max_parallel_requests"},
    "quotas": {*LIMIT_KEYS},
    "services": {"max_ongoing_requests"},
}


def capacity_cost_usd(scenario: Scenario, knob: Knob, amount: float, region: str) -> float:
    """Cost of a knob at a setting, in one region, in US dollars per month.

    Parameters
    ----------
    scenario : the scenario the knob is of
    knob : its path is `services.NAME.replicas`, `services.NAME.max_ongoing_requests`, `teams.NAME.staff`, or
        `model_list.NAME.` and a limit (`rpm`, `tpm`, …), `max_parallel_requests` or `pool.replicas`, or
        `quotas.NAME.` and a limit; a name may hold dots
    amount : the setting, e.g. replicas or people (everybody on the team, on shift or not)
    region : where; what is reserved there is paid anyway and adds nothing, spot has its price, and people may cost another
        amount in each

    Raises
    ------
    ValueError
        If the path names nothing of the scenario.
    """
    section, name, field = _parts(knob.path)
    if name not in _names(scenario, section):
        raise ValueError(f"knob {knob.path!r}: the scenario's `{section}` has no {name!r}")
    if section == "services" and field == "replicas":
        by_itself = scenario.services[name].price * HOURS_PER_MONTH * amount
    elif section == "teams" and field == "staff":
        team = scenario.teams[name]
        by_itself = team.cost_in(region) * person_hours_per_month(team, amount)
    elif section == "model_list" and field == "pool.replicas":
        pool = next(model.pool for model in scenario.model_list if model.model_name == name)
        assert pool is not None
        by_itself = HOURS_PER_MONTH * _pool_hour_usd(pool, amount, region)
    elif field in _FREE_FIELDS.get(section, ()):
        by_itself = 0.0
    else:
        raise ValueError(f"knob {knob.path!r}: `{field}` of `{section}` is not a capacity")
    return by_itself if knob.unit_cost is None else knob.unit_cost * amount


def _pool_hour_usd(pool: Pool, amount: float, region: str) -> float:
    """What replicas of a pool cost in an hour beyond those that are reserved, interruptions of spot ones averaged."""
    reserved = 0 if pool.reserved is None else pool.reserved.replicas_in(region)
    others = max(0.0, amount - reserved)
    if pool.spot is None:
        return pool.price * pool.tensor_parallel * others
    n_spot = len(spot_places(pool, region, int(amount)))
    on_spot, stands_in = paid_shares(pool.spot)
    spot_usd = pool.spot.price * on_spot + pool.price * stands_in
    return pool.tensor_parallel * (pool.price * (others - n_spot) + spot_usd * n_spot)


def paid_shares(spot: Spot) -> tuple[float, float]:
    """Shares of time that a place on spot is paid for at the spot price, and on demand.

    In a cycle it serves for 1 / interruptions, drains, waits, and starts; a replica on demand is paid from the notice
    until spot is back. (A drained replica that has ended all it ran before the notice is over is not paid to its end.)
    """
    up_s = 1.0 / spot.interruptions
    away_s = spot.notice + spot.wait + spot.startup_delay
    on_demand_s = away_s if spot.fallback == "on-demand" else 0.0
    return (up_s + spot.notice + spot.startup_delay) / (up_s + away_s), on_demand_s / (up_s + away_s)


def person_hours_per_month(team: Team, staff: float) -> float:
    """Person-hours on shift that are paid in a month of 730 h of ordinary weeks, with so many people in all."""
    return staff * weekly_hours(team) * HOURS_PER_MONTH / HOURS_PER_WEEK


def _parts(path: str) -> tuple[str, str, str]:
    """Section, name and field of a knob's path; the name is all between the first dot and the last."""
    section, _, rest = path.partition(".")
    name, _, field = rest.rpartition(".")
    if name.endswith(".pool"):
        name, field = name.removesuffix(".pool"), f"pool.{field}"
    if section not in ("services", "teams", "model_list", "quotas") or not name or not field:
        raise ValueError(
            f"knob {path!r}: not of the form services.NAME.replicas, teams.NAME.staff or model_list.NAME.tpm"
        )
    return section, name, field


def _names(scenario: Scenario, section: str) -> set[str]:
    if section == "services":
        return set(scenario.services)
    if section == "teams":
        return set(scenario.teams)
    if section == "quotas":
        return set(scenario.quotas)
    return {model.model_name for model in scenario.model_list}
