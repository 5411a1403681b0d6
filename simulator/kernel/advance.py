"""The event loop, and its one verb: `advance(world, until)`.

Every event that stands in the list at a time up to and including `until_s` is handled; the clock then shows what the
last one left, until `stand_at` sets it. So the result does not depend on how a run is cut into calls.
"""

from simulator.kernel.arrivals import begin_action, begin_loop, go_on
from simulator.kernel.attempts import admit, answer, leave_server, settle_quota
from simulator.kernel.codes import Event, Mark, Next, Phase, Stop
from simulator.kernel.handlers import ask_again, follow, lose_patience, time_out_try, time_out_turn
from simulator.kernel.hedges import make_second_try
from simulator.kernel.observe import turn_bucket
from simulator.kernel.slots import free_slot
from simulator.kernel.world import events_at, recorder_at, request_at, requests_of, stream_at
from simulator.mechanisms.codes import Result
from simulator.numerics.deferred_calls import call_late
from simulator.numerics.events import (
    NO_KEY,
    SLOT_MASK,
    TYPE_BITS,
    TYPE_MASK,
    TYPE_STEP_S,
    due_s,
    lane_at,
    lane_keys_of,
    lane_times_of,
    node_at,
    pop_heap,
    set_leaf,
)
from simulator.numerics.jit import entry, jit

LAST_S = TYPE_STEP_S * (Event.TURN_TIMEOUT + 1)  # so far behind its time an instant is over


@jit
def is_live(requests, key):
    """Whether the request still waits for this event."""
    request = requests[(key >> TYPE_BITS) & SLOT_MASK]
    event = key & TYPE_MASK
    if event < Event.PATIENCE:
        return event == Event.ADMIT or request.progress_key == key
    if event == Event.TRY_TIMEOUT:
        return request.timer_key == key
    if event == Event.TURN_TIMEOUT:
        return request.turn_key == key
    if event == Event.PATIENCE:
        return request.patience_key == key
    return request.hedge_key == key


@jit
def pop_lane(events, requests, lane_id):
    """Drop the head of a lane, and the cancelled events behind it; in place."""
    lane = lane_at(events, lane_id)
    times_s = lane_times_of(events)
    keys = lane_keys_of(events)
    lane.head += 1
    while lane.head < lane.tail:
        place = lane.offset + (lane.head & lane.mask)
        if is_live(requests, keys[place]):
            set_leaf(events, events.first_lane_leaf + lane_id, times_s[place], keys[place])
            return
        lane.head += 1
    set_leaf(events, events.first_lane_leaf + lane_id, float("inf"), NO_KEY)


@jit
def handle(world, slot, event):
    """Let an event happen to its request; returns what comes next."""
    if event == Event.SERVED:
        if (request_at(world, slot).marks & Mark.GHOST) != 0:
            leave_server(world, slot)
            free_slot(world, slot)
            return Next.WAIT
        settle_quota(world, request_at(world, slot), request_at(world, slot).result != Result.ERROR)
        step = answer(world, slot)  # on its way before those whom its leaving turns away
        leave_server(world, slot)
        return step
    if event == Event.REACHED:
        return Next.REACH
    if event == Event.ANSWERED:
        return Next.CONCLUDE
    if event == Event.DELAYED:
        request_at(world, slot).pc += 1
        return Next.RUN
    if event == Event.RETRY:
        return Next.TRY
    if event == Event.THOUGHT:
        return go_on(world, slot) if request_at(world, slot).phase == Phase.AWAY else Next.TURN
    if event == Event.TRY_TIMEOUT:
        return time_out_try(world, slot)
    if event == Event.TURN_TIMEOUT:
        return time_out_turn(world, slot)
    if event == Event.PATIENCE:
        return lose_patience(world, slot)
    if event == Event.HEDGE:
        return make_second_try(world, slot)
    if event == Event.ASKED_AGAIN:
        return ask_again(world, slot)
    admit(world, slot)  # the slot is a station
    return Next.WAIT


@entry
def advance(worlds, until_s):
    """Handle every event that stands at a time up to and including `until_s`; returns a `Stop`."""
    world = worlds[0]
    events = events_at(world, 0)
    recorder = recorder_at(world, 0)
    winner = node_at(events, 1)
    n_buckets = world.n_counts
    n_rows = world.n_rows
    while True:
        if events.is_tight == 1 or recorder.n_rows + 8 > n_rows:
            return Stop.GROW
        time_s = winner.time_s
        if time_s > until_s or winner.key == NO_KEY:
            return Stop.DONE
        key = winner.key
        leaf = winner.leaf
        now_s = due_s(events, time_s, key)
        events.now_s = now_s
        if now_s >= recorder.bucket_end_s:
            turn_bucket(recorder, now_s, n_buckets)
        if leaf < events.first_lane_leaf:
            if stream_at(world, leaf).cycle_s > 0.0:
                begin_loop(world, leaf)
                events.n_events += 1
                continue
            slot = begin_action(world, leaf)
            step = Next.TURN
        elif leaf > events.heap_leaf:
            call_late(world.step_replica, world, leaf - events.heap_leaf - 1)
            events.n_events += 1
            continue
        else:
            if leaf == events.heap_leaf:
                pop_heap(events)
            else:
                pop_lane(events, requests_of(world), leaf - events.first_lane_leaf)
            if not is_live(requests_of(world), key):
                continue
            slot = (key >> TYPE_BITS) & SLOT_MASK
            step = handle(world, slot, key & TYPE_MASK)
        events.n_events += 1
        follow(world, slot, step)


@entry
def stand_at(worlds, now_s):
    """Let the clock show a time up to which all events are handled; returns what it shows, never less than before.

    What the control plane does then is written down in the bucket where it belongs.
    """
    world = worlds[0]
    events = events_at(world, 0)
    events.now_s = max(events.now_s, now_s)
    recorder = recorder_at(world, 0)
    if events.now_s >= recorder.bucket_end_s:
        turn_bucket(recorder, events.now_s, world.n_counts)
    return events.now_s
