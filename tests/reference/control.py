"""Who changes capacity while requests come and go: an autoscaler for each service that has one, shifts for teams."""

import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import simpy

from simulator.mechanisms.queueing.config import Autoscaling, Service
from simulator.mechanisms.review.config import Shift, Team
from tests.reference.action import Waiting
from tests.reference.clock import SAME_S, Environment, Kind
from tests.reference.stations import Station

_OFFICE_HOURS = [Shift(days=[0, 1, 2, 3, 4], start_hour=8, end_hour=18)]
_ALWAYS = [Shift(start_hour=0, end_hour=24)]


def autoscale(env: Environment, station: Station, service: Service, replicas: int) -> Waiting:
    """Let replicas follow the mean of the ongoing requests, once a change has been wanted for long enough."""
    policy, per_replica = service.autoscaling, service.max_ongoing_requests
    assert policy is not None
    assert per_replica is not None
    replicas = _within(policy, replicas)
    station.set_servers(replicas * per_replica)
    starting: list[simpy.Process] = []  # replicas that do not serve yet, oldest first
    seen: list[tuple[float, int]] = []
    wanted_since = {"more": math.inf, "less": math.inf}
    while True:
        yield env.timeout(policy.metrics_interval, Kind.LOOK)
        seen.append((env.now, station.in_system))
        recent = [ongoing for time_s, ongoing in seen if time_s > env.now - policy.look_back_period + SAME_S]
        wanted = _within(policy, math.ceil(sum(recent) / len(recent) / policy.target_ongoing_requests - 1e-9))
        for way, is_wanted in (("more", wanted > replicas), ("less", wanted < replicas)):
            wanted_since[way] = min(wanted_since[way], env.now) if is_wanted else math.inf
        if env.now - wanted_since["more"] >= policy.upscale_delay - SAME_S:
            starting += [
                env.process(_start(env, station, per_replica, policy.startup_delay))
                for _ in range(wanted - replicas)
            ]
        elif env.now - wanted_since["less"] >= policy.downscale_delay - SAME_S:
            starting = [start for start in starting if start.is_alive]
            for _ in range(replicas - wanted):  # whoever does not serve yet goes first
                if starting:
                    starting.pop().interrupt()
                else:
                    station.set_servers(station.planned - per_replica)
        else:
            continue
        replicas = wanted
        wanted_since = {"more": math.inf, "less": math.inf}


def _start(env: Environment, station: Station, n_servers: int, delay_s: float) -> Waiting:
    """Let a replica serve when it has started, unless it is stopped before."""
    try:
        yield env.timeout(delay_s, Kind.CHANGE)
        station.set_servers(station.planned + n_servers)
    except simpy.Interrupt:
        pass


def _within(policy: Autoscaling, replicas: int) -> int:
    return min(policy.max_replicas, max(policy.min_replicas, replicas))


def work(
    env: Environment, station: Station, team: Team, staff: int, timezone: str, begin: datetime
) -> Waiting:
    """Let as many people be there as their shifts say; `begin` is when the run starts, in UTC."""
    shifts = team.shifts
    if isinstance(shifts, str):
        shifts = _ALWAYS if shifts == "always" else _OFFICE_HOURS
    spans = [(*span, shift.share) for shift in shifts for span in _spans_s(shift, timezone, begin)]
    for moment_s in sorted({0.0} | {edge_s for start_s, end_s, _ in spans for edge_s in (start_s, end_s)}):
        if moment_s < env.now:
            continue
        yield env.timeout(moment_s - env.now, Kind.CHANGE)
        shares = [share for start_s, end_s, share in spans if start_s <= env.now < end_s]
        posts = staff * min(sum(shares), 1.0)
        station.set_servers(max(int(posts + 1e-9), int(posts > 0.0)))


def _spans_s(shift: Shift, timezone: str, begin: datetime) -> Iterator[tuple[float, float]]:
    """Times of a shift around the beginning of a run, in seconds since then."""
    zone = ZoneInfo(timezone)
    midnight = begin.astimezone(zone).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0)
    n_hours = (shift.end_hour - shift.start_hour) % 24.0 or 24.0
    for n_days in range(-2, 4):
        day = midnight + timedelta(days=n_days)
        if day.weekday() in shift.days:
            start = (day + timedelta(hours=shift.start_hour)).replace(tzinfo=zone)
            start_s = (start - begin).total_seconds()
            yield start_s, start_s + 3600.0 * n_hours
