"""Work for nobody: its caller has given up, and the server does not know. It keeps its place, and is served to the end."""

from simulator.kernel.codes import Event, Mark, Phase
from simulator.kernel.request import schedule
from simulator.kernel.slots import copy_slot
from simulator.kernel.world import events_at, request_at, requests_of, station_at
from simulator.mechanisms.queueing.kernel import take_place
from simulator.numerics.events import NONE
from simulator.numerics.jit import shared


@shared
def leave_behind(world, slot, priority):
    """Let a copy of the request stand where it stands now: in its queue, or at its server; the request itself goes on."""
    ghost_slot = copy_slot(world, slot, Mark.GHOST)
    ghost = request_at(world, ghost_slot)
    if ghost.phase == Phase.QUEUED:
        take_place(station_at(world, ghost.station), requests_of(world), slot, ghost_slot, priority)
    else:
        delay_s = max(0.0, ghost.served_s - events_at(world, 0).now_s)
        schedule(world, ghost, ghost_slot, Event.SERVED, NONE, delay_s)
