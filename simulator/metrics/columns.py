"""The columns the kernel writes: what each counter, measure and integral of a run means.

The definitions that users see are beside them, in `simulator.metrics`; these are the places in the kernel's arrays.
"""

from enum import IntEnum


class CountColumn(IntEnum):
    """Counters per time bucket and stream; an action is counted in the bucket of the event's own time."""

    ARRIVED = 0
    SUCCEEDED = 1
    DEGRADED = 2
    FAILED = 3
    REJECTED = 4
    ABANDONED = 5
    CORRECT = 6
    INVALID = 7  # rejected by the data contract; part of REJECTED
    TURNS = 8  # turns answered, handed off, or ended by a failure after an answer: those with a latency
    GOOD = 9  # actions answered within every per-request limit of the SLOs
    CACHE_LOOKUPS = 10
    CACHE_HITS = 11
    FALSE_HITS = 12
    HANDED_OFF = 13
    REVIEWED = 14  # sampled reviews finished by a team
    RETRIES = 15
    FALLBACKS = 16
    TIMEOUTS = 17  # turns given up by the user's own time-out
    RETRIES_DENIED = 18  # the budget was used up
    HELD_BACK = 19  # tries not sent: a breaker was open, a target ejected, or a limit of the route reached
    EXPIRED = 20  # tries whose time would have run out, turned away before service
    HEDGES = 21  # second tries
    HEDGES_WON = 22  # of them answered first
    LIMITED = 23  # turned away by the workload's own limits; part of REJECTED
    ASKED_AGAIN = 24  # part of ARRIVED: users who got nothing before, or a wrong answer
    RESIDENCY_BLOCKED = 25  # entries of a route, or teams, passed over: no station where the data may go
    REVIEWED_RIGHT = 26  # part of REVIEWED: people found the answer right and let it stand
    GENERATED = 27  # answers of models that were taken
    UNGROUNDED = 28  # part of GENERATED: they do not rest on what was retrieved
    OVERDUE = 29  # open beyond the workload's limit at the end of the run, more than at the start of the measured span
    WITHOUT_PEOPLE = 30  # actions answered, none of whose turns people took over
    RIGHT_WITHOUT_PEOPLE = 31  # part of WITHOUT_PEOPLE and of CORRECT
    CAME_BACK = 32  # part of WITHOUT_PEOPLE: wrong, and their users will ask again
    DRAFTS_APPROVED = 33  # drafts that people sent as they were
    DRAFTS_CHANGED = 34
    DRAFTS_REJECTED = 35  # people wrote an answer of their own


class Metric(IntEnum):
    """Measures with a histogram and moments per stream."""

    LATENCY = 0
    TTFT = 1
    TPOT = 2
    QUEUE_WAIT = 3
    RESOLUTION = 4


N_BUCKET_METRICS = 2  # LATENCY and TTFT may be kept by time bucket, too


class UsageColumn(IntEnum):
    """What each stream used of each station, per time bucket of the attempt's end."""

    ATTEMPTS = 0
    SUCCEEDED = 1
    ERRORS = 2
    RATE_LIMITED = 3
    TIMED_OUT = 4
    SHED = 5
    ABANDONED = 6
    INPUT_TOKENS = 7
    OUTPUT_TOKENS = 8
    WASTED_INPUT_TOKENS = 9
    WASTED_OUTPUT_TOKENS = 10
    BUSY_S = 11
    CANCELLED = 12  # cut off, as another try was answered first
    LONG_INPUT_TOKENS = 13  # part of INPUT_TOKENS: of prompts so long that another price holds
    LONG_OUTPUT_TOKENS = 14  # the answers to these
    JUDGED = (
        15  # answers of models, and of rules in their place; those that a cascade passes on are among them
    )
    RIGHT = 16  # part of JUDGED
    GROUNDED = 17  # part of JUDGED


class AreaColumn(IntEnum):
    """Integrals over time per station, in seconds; of pools also sums. A replica of a pool is one server."""

    IN_SYSTEM_S = 0
    BUSY_S = 1
    SERVERS_S = 2
    SOJOURN_S = 3
    SEQUENCE_S = 4  # sequences that run
    KV_TOKEN_S = 5  # tokens in the cache of those that run
    KV_CAPACITY_TOKEN_S = 6  # tokens that there is room for
    ITERATIONS = 7
    PREEMPTIONS = 8
    PROMPT_TOKENS = 9  # of admissions
    HIT_TOKENS = 10  # part of them found in the cache
    LOST_S = 11  # part of BUSY_S that no attempt accounts for: aborted sequences until they are gone, lost iterations
    SPOT_S = 12  # replicas on spot that are paid
    SPOT_INTERRUPTIONS = 13  # of replicas that were held
