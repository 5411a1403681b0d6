"""Which region's people take a hand-off over."""

import math

from simulator.numerics.events import NONE
from simulator.numerics.jit import shared


@shared
def choose_team(stations, nearest, overflow_above):
    """Station that takes a hand-off, of those in `nearest`, int64[rank], in the order in which they are asked.

    The first as long as somebody is free there, or people are on shift and at most `overflow_above` wait. Else the first
    one with somebody free, else the one with the shortest expected wait: (waiting + 1) / people on shift handling times.
    The first when nobody is on shift anywhere.
    """
    home = stations[nearest[0]]
    if home.servers > 0 and (home.busy < home.servers or home.queued < overflow_above):
        return nearest[0]
    chosen = nearest[0]
    least = math.inf
    for station_id in nearest:
        if station_id == NONE:
            break
        station = stations[station_id]
        if station.servers <= 0:
            continue
        if station.busy < station.servers and station.queued == 0:
            return station_id
        wait = (station.queued + 1) / station.servers
        if wait < least:
            chosen = station_id
            least = wait
    return chosen
