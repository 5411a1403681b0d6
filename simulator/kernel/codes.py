"""The words of the data plane: instructions, events, phases of a request, purposes of draws, reasons to stop."""

from enum import IntEnum


class Opcode(IntEnum):
    """One instruction of a workload's program; a new kind of step is an opcode, a handler and a scenario model."""

    DELAY = 0
    VALIDATE = 1
    CACHE = 2
    ROUTE = 3
    REVIEW = 4
    END = 5


class Event(IntEnum):
    """Low bits of an event's key, in the order in which events of one instant come.

    Work that ends, then answers, then those who come, then clocks that give up: a server is free for who arrives as it
    ends, an answer at its deadline is in time. What the control plane does comes last.
    """

    STEPPED = 0  # slot is the replica: a boundary at which its batch changes
    ADMIT = 1  # slot is the station: more of those who wait are served or turned away
    SERVED = 2  # a server or provider is done
    ANSWERED = 3  # the answer has crossed the network back
    DELAYED = 4  # a constant delay inside the program is over
    THOUGHT = 5  # the user asks the next turn, a client its next action
    ASKED_AGAIN = 6  # a user who got nothing, or a wrong answer, asks once more
    RETRY = 7  # the wait before a retry is over
    ARRIVAL = 8  # slot is the stream
    REACHED = 9  # an attempt has crossed the network
    PATIENCE = 10  # who waits in a queue gives up
    HEDGE = 11  # a try has taken so long that a second one is made
    TRY_TIMEOUT = 12
    TURN_TIMEOUT = 13


class Phase(IntEnum):
    """What a request is doing; decides what must be undone when it is interrupted."""

    FREE = 0
    BETWEEN = 1  # in a delay of the program, a backoff or a pause between turns
    OUTBOUND = 2
    QUEUED = 3
    SERVING = 4
    RETURNING = 5
    AWAY = 6  # the action has ended, and its user will ask again, or its client for the next one


class Purpose(IntEnum):
    """What a draw is for; part of its code, below 64."""

    GAP = 0
    CLASS = 1
    ITEM = 2
    PHRASING = 3
    TURNS = 4
    LENGTHS = 5
    PROMPT = 6
    OUTPUT = 7
    THINK = 8
    REJECT = 9
    HIT = 10
    FALSE_HIT = 11
    CHOICE = 12
    SERVICE = 13
    TTFT = 14
    TPOT = 15
    ERROR = 16
    CORRECT = 17
    CONFIDENCE = 18
    BACKOFF = 19
    SAMPLE = 20
    PATIENCE = 21
    HANDLE = 22
    RESOLVED = 23
    STALE = 24
    REFUSED = 25
    CRASH = 26
    LOST = 27
    LOST_BACK = 28
    ASK_AGAIN = 29
    AWAY = 30
    WAY_OUT = 31  # jitter of the network
    WAY_BACK = 32
    REGION = 33
    NAME_SERVICE = 34  # of a user, for the time to live of its answers
    RELEASE = 35
    MIRROR = 36
    LANGUAGE = 37
    GROUNDED = 38
    CHECKED = 39  # whether a check finds that an answer is not grounded
    OVERRIDE = 40
    PAUSE = 41  # of a client before an action
    NEXT_ACTION = 42  # of the client whose action has ended
    BEFORE = 43  # whether people see an answer before it goes out
    REJECTED = 44  # whether a draft that is not let through is thrown away


class Mark(IntEnum):
    """Bits of a request's marks."""

    WRONG = 1  # the answer of this turn is wrong
    UNSURE = 2  # a model flagged an answer of this turn
    EXHAUSTED = 4  # every entry of a route failed
    DEGRADED = 8
    ANSWERED = 16  # the latency of this turn is recorded
    SLOW = 32  # a turn missed a per-request limit
    WRONG_BEFORE = 64  # an answer of an earlier turn was wrong
    REVIEW_JOB = 128  # not an action: a sampled answer on its way through a team
    SECOND = 256  # not an action: the second of a pair of tries
    GHOST = 512  # not an action: work that its caller has given up, which the server does not know
    HALVED = 1024  # the first of a pair of tries has failed, and the second is on its way
    INVALID = 2048  # did not meet the data contract
    MIRRORED = 4096  # a copy of a user's action for the new release, whose answer is thrown away
    HANDED_OFF = 8192  # people took over a turn
    DRAFT = 16384  # people decide on the answer before it goes out
    CHANGED = 32768  # they change this draft
    REJECTED = 65536  # they write an answer of their own in place of this draft


class Kept(IntEnum):
    """Bits of what is known of an unsure answer that a cascade keeps while it asks its next tier."""

    RIGHT = 1
    GROUNDED = 2


class Outcome(IntEnum):
    """How an action ended, in the order of its counters from `CountColumn.SUCCEEDED` on."""

    SUCCEEDED = 0
    DEGRADED = 1
    FAILED = 2
    REJECTED = 3
    ABANDONED = 4


class Stop(IntEnum):
    """Why `advance` returned."""

    DONE = 0
    GROW = 1  # a buffer is nearly full: double it and call again


class Next(IntEnum):
    """What a handler says comes next for its request."""

    WAIT = 0  # an event will move it on, or it has ended
    TURN = 1  # begin a turn
    RUN = 2  # the instruction at its pc
    TRY = 3  # pick a target and send an attempt
    REACH = 4  # the attempt is at its station
    CONCLUDE = 5  # the attempt has ended with a result
    FALL_BACK = 6  # the next entry of the route
    RETRY = 7  # the attempt is settled: another one, if the route allows it
