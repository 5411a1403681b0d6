"""Servers and queues of a station: first come, first served within a priority, interactive before batch."""

from simulator.numerics.events import NONE
from simulator.numerics.jit import jit


@jit
def account(station, now_s):
    """Bring a station's integrals up to date; call before any change of its numbers. In place.

    Servers that were taken away while busy count until their request is done.
    """
    span_s = now_s - station.account_s
    station.in_system_area_s += (station.queued + station.busy) * span_s
    station.busy_area_s += station.busy * span_s
    station.servers_area_s += max(station.servers, station.busy) * span_s
    station.account_s = now_s


@jit
def enter_service(station, now_s):
    """Occupy a server."""
    account(station, now_s)
    station.busy += 1
    station.max_in_system = max(station.max_in_system, station.busy + station.queued)


@jit
def leave_service(station, now_s, since_s):
    """Free a server that a request of this station, there since `since_s`, held."""
    account(station, now_s)
    station.busy -= 1
    station.sojourn_s += now_s - since_s


@jit
def join_queue(station, requests, slot, priority, now_s):
    """Append a request to its priority's queue."""
    account(station, now_s)
    request = requests[slot]
    request.next = NONE
    if priority == 0:
        request.previous = station.tail_0
        if station.tail_0 == NONE:
            station.head_0 = slot
        else:
            requests[station.tail_0].next = slot
        station.tail_0 = slot
    else:
        request.previous = station.tail_1
        if station.tail_1 == NONE:
            station.head_1 = slot
        else:
            requests[station.tail_1].next = slot
        station.tail_1 = slot
    station.queued += 1
    station.max_in_system = max(station.max_in_system, station.busy + station.queued)


@jit
def leave_queue(station, requests, slot, priority, now_s):
    """Take a request out of the queue, wherever it stands."""
    account(station, now_s)
    request = requests[slot]
    if request.previous != NONE:
        requests[request.previous].next = request.next
    elif priority == 0:
        station.head_0 = request.next
    else:
        station.head_1 = request.next
    if request.next != NONE:
        requests[request.next].previous = request.previous
    elif priority == 0:
        station.tail_0 = request.previous
    else:
        station.tail_1 = request.previous
    station.queued -= 1


@jit
def take_place(station, requests, slot, other, priority):
    """Let another request stand in the queue where one stands; in place. `other` has the same neighbours already."""
    request = requests[other]
    if request.previous != NONE:
        requests[request.previous].next = other
    elif priority == 0:
        station.head_0 = other
    else:
        station.head_1 = other
    if request.next != NONE:
        requests[request.next].previous = other
    elif priority == 0:
        station.tail_0 = other
    else:
        station.tail_1 = other
    requests[slot].next = NONE
    requests[slot].previous = NONE


@jit
def first_waiting(station):
    """The request whose turn it is, or NONE."""
    if station.head_0 != NONE:
        return station.head_0
    return station.head_1
