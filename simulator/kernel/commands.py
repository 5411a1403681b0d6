"""What the control plane may tell the data plane, between two calls of `advance`."""

from simulator.kernel.attempts import admit_waiting
from simulator.kernel.handlers import retime_arrival, schedule_arrival
from simulator.mechanisms.queueing.kernel import account
from simulator.mechanisms.traffic.kernel import operational_time
from simulator.numerics.jit import jit


@jit
def start_arrivals(world):
    """Schedule the first arrival of every stream."""
    for stream_id in range(world.traffic.streams.size):
        schedule_arrival(world, stream_id)


@jit
def set_servers(world, station_id, servers):
    """Change a station's servers; those who are being served finish. Returns True when waiting requests are left
    that could be served: grow the buffers if they are tight, and call again.
    """
    station = world.stations.stations[station_id]
    account(station, world.events.clock[0].now_s)
    station.servers = servers
    return admit_waiting(world, station_id)


@jit
def set_share(world, stream_id, share):
    """Change the share of full demand a stream has from now on; only the gap under way is re-timed."""
    traffic = world.traffic
    stream = traffic.streams[stream_id]
    now_s = world.events.clock[0].now_s
    rates_rps = traffic.rate_rps[stream_id]
    stream.gap_left -= operational_time(stream.gap_from_s, now_s, stream.share, rates_rps, traffic.piece_s)
    stream.gap_left = max(stream.gap_left, 0.0)
    stream.gap_from_s = now_s
    stream.share = share
    retime_arrival(world, stream_id)


@jit
def account_all(world):
    """Bring every station's integrals up to now."""
    for station_id in range(world.stations.stations.size):
        account(world.stations.stations[station_id], world.events.clock[0].now_s)
