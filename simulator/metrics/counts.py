"""Whole numbers of actions: what is counted in the measured span, and what each count means."""

from dataclasses import dataclass
from typing import Annotated

from simulator.metrics.definition import Definition


@dataclass(frozen=True)
class Counts:
    """Whole actions (turns, attempts) of the measured span, added up over all replications.

    arrived = succeeded + degraded + failed + rejected + abandoned + in_flight
    """

    arrived: Annotated[
        int, Definition("actions", "Asked for in the window, or still open when it began (`carried_in`).")
    ]
    succeeded: Annotated[int, Definition("actions", "Answered in full, by the system or by people.")]
    degraded: Annotated[
        int,
        Definition("actions", "Answered with a stale answer from a cache, or by rules in place of a model."),
    ]
    failed: Annotated[
        int, Definition("actions", "Not answered: timed out, or every try and fallback failed.")
    ]
    rejected: Annotated[
        int, Definition("actions", "Turned away: the data contract was not met, or a full queue shed it.")
    ]
    abandoned: Annotated[int, Definition("actions", "The user's patience ran out in a queue.")]
    in_flight: Annotated[int, Definition("actions", "Still open when the window ended.")]
    carried_in: Annotated[int, Definition("actions", "Part of `arrived`: open when the warm-up ended.")]
    correct: Annotated[int, Definition("actions", "Answered (or resolved by people) and right.")]
    invalid: Annotated[int, Definition("actions", "Part of `rejected`: the data contract was not met.")]
    good: Annotated[int, Definition("actions", "Answered within every per-request limit of the SLOs.")]
    turns: Annotated[
        int, Definition("turns", "Turns with a latency: answered, handed off, or failed after an answer.")
    ]
    cache_lookups: Annotated[int, Definition("look-ups", "Questions looked up in a response cache.")]
    cache_hits: Annotated[int, Definition("look-ups", "Look-ups that found an answer.")]
    false_hits: Annotated[int, Definition("look-ups", "Hits that answered another question.")]
    handed_off: Annotated[int, Definition("turns", "Taken over by people, or passed to them as drafts.")]
    reviewed: Annotated[int, Definition("answers", "Sampled reviews finished by a team.")]
    retries: Annotated[int, Definition("attempts", "Tries beyond the first at the same entry of a route.")]
    fallbacks: Annotated[int, Definition("attempts", "Moves to the next entry of a route after one failed.")]
    timeouts: Annotated[int, Definition("turns", "Given up by the user's own time-out.")]
    retries_denied: Annotated[
        int, Definition("attempts", "Retries not made, as the route's retry budget was used up.")
    ]
    held_back: Annotated[
        int,
        Definition(
            "attempts",
            "Tries not sent: a breaker was open, a target ejected, or a limit of the route reached.",
        ),
    ]
    expired: Annotated[
        int, Definition("attempts", "Tries turned away before service, as their time would have run out.")
    ]
    hedges: Annotated[int, Definition("attempts", "Second tries beside slow first ones.")]
    hedges_won: Annotated[int, Definition("attempts", "Part of `hedges`: answered before the first try.")]
    limited: Annotated[int, Definition("actions", "Part of `rejected`: beyond the workload's own limits.")]
    asked_again: Annotated[
        int, Definition("actions", "Part of `arrived`: by users who got nothing before, or a wrong answer.")
    ]
    residency_blocked: Annotated[
        int,
        Definition(
            "entries",
            "Entries of a route and teams passed over: no region where the data may go has them.",
        ),
    ]
    reviewed_right: Annotated[
        int, Definition("answers", "Part of `reviewed`: people let the answer stand as it was.")
    ]
    generated: Annotated[int, Definition("answers", "Answers of models that were taken.")]
    ungrounded: Annotated[
        int,
        Definition("answers", "Part of `generated`: do not rest on what was retrieved for them."),
    ]
    overdue: Annotated[
        int,
        Definition(
            "actions",
            "Part of `in_flight`: without an answer, or with people, for longer than the workload's `timeout` (else its "
            "largest time objective), beyond as many as when the window began.",
        ),
    ] = 0
    without_people: Annotated[
        int,
        Definition("actions", "Part of `succeeded` and `degraded`: people took over none of their turns."),
    ] = 0
    right_without_people: Annotated[
        int, Definition("actions", "Part of `without_people` and `correct`: right, and nobody looked at it.")
    ] = 0
    came_back: Annotated[
        int, Definition("actions", "Part of `without_people`: wrong, and their users ask again.")
    ] = 0
    drafts_approved: Annotated[int, Definition("drafts", "Sent by people as they were.")] = 0
    drafts_changed: Annotated[int, Definition("drafts", "Changed by people before they went out.")] = 0
    drafts_rejected: Annotated[
        int, Definition("drafts", "Thrown away: people wrote an answer of their own.")
    ] = 0

    @property
    def ended(self) -> int:
        """Actions that ended in the measured span."""
        return self.succeeded + self.degraded + self.failed + self.rejected + self.abandoned
