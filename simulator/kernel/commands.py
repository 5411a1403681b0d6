"""What the control plane may tell the data plane, between two calls of `advance`."""

import numpy as np

from simulator.kernel.arrivals import retime_arrival, schedule_arrival
from simulator.kernel.attempts import admit_waiting, answer_later, interrupt
from simulator.kernel.codes import Mark, Purpose
from simulator.kernel.request import draw_key
from simulator.kernel.slots import free_slot
from simulator.kernel.world import events_at, limits_of, rates_of, request_at, station_at, stream_at
from simulator.mechanisms.codes import Result
from simulator.mechanisms.counted_limits import bring_up_limits
from simulator.mechanisms.limits import refill
from simulator.mechanisms.queueing.kernel import account
from simulator.mechanisms.traffic.kernel import operational_time
from simulator.numerics.draws import derive, uniform
from simulator.numerics.jit import entry


@entry
def start_arrivals(worlds):
    """Schedule the first arrival of every stream."""
    world = worlds[0]
    for stream_id in range(world.n_streams):
        schedule_arrival(world, stream_id)


@entry
def set_servers(worlds, station_id, servers):
    """Change a station's servers; those who are being served finish. Returns True when waiting requests are left
    that could be served: grow the buffers if they are tight, and call again.
    """
    world = worlds[0]
    station = station_at(world, station_id)
    account(station, events_at(world, 0).now_s)
    station.servers = servers
    return admit_waiting(world, station_id)


@entry
def set_share(worlds, stream_id, share):
    """Change the share of full demand a stream has from now on; only the gap under way is re-timed."""
    world = worlds[0]
    stream = stream_at(world, stream_id)
    now_s = events_at(world, 0).now_s
    rates_rps = rates_of(world)[stream_id]
    stream.gap_left -= operational_time(
        stream.gap_from_s, now_s, stream.share, rates_rps, world.piece_s, world.lead_s
    )
    stream.gap_left = max(stream.gap_left, 0.0)
    stream.gap_from_s = now_s
    stream.share = share
    retime_arrival(world, stream_id)


@entry
def refill_buckets(worlds, station_id):
    """Bring a station's limits up to now, at the rates that they have had."""
    world = worlds[0]
    station = station_at(world, station_id)
    refill(station, events_at(world, 0).now_s)
    bring_up_limits(limits_of(world), station.first_limit, station.n_limits, events_at(world, 0).now_s)


@entry
def bring_up_shared(worlds, first_limit, n_limits):
    """Bring limits up to now, at the rates that they have had."""
    world = worlds[0]
    bring_up_limits(limits_of(world), first_limit, n_limits, events_at(world, 0).now_s)


@entry
def lose_attempt(worlds, slot, share, n_crash):
    """Break an attempt off with an error, with probability `share`; `n_crash`: number of this loss, part of the draw.

    On a way without length the error arrives in an event of its own at once.
    """
    world = worlds[0]
    request = request_at(world, slot)
    if uniform(derive(draw_key(world, request, Purpose.CRASH), np.uint64(n_crash))) >= share:
        return
    interrupt(world, slot, Result.ERROR)
    if (request.marks & Mark.GHOST) != 0:
        free_slot(world, slot)
    else:
        answer_later(world, slot)


@entry
def account_all(worlds):
    """Bring every station's integrals up to now."""
    world = worlds[0]
    for station_id in range(world.n_stations):
        account(station_at(world, station_id), events_at(world, 0).now_s)
