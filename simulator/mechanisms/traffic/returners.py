"""When does a user who asks again come back within a run, where a day may pass and the run lasts minutes?

A run begins with nobody on the way back. As long as the pause is short against it, those who are missing at first do
not matter. Of longer ones a run would see few, or none, though as many come as yesterday's wrong answers bring. So they
come back sooner in a run: as many as in the long run, of the same hour's questions.
"""

from simulator.mechanisms.traffic.config import Workload

_PAUSES_OF_WARMUP = 5.0  # after so many mean pauses 99 % of the returners are on their way
_PAUSES_OF_SPAN = 100.0  # mean pauses; so few are missing in so long a span that it is followed as stated


def as_followed(workload: Workload, warmup_s: float, duration_s: float) -> Workload:
    """A workload whose users' mean pause before they ask again is one that a run can follow."""
    again = workload.asks_again
    if again is None:
        return workload
    short_s = max(warmup_s / _PAUSES_OF_WARMUP, duration_s / _PAUSES_OF_SPAN)
    # Who got nothing comes back into a storm, or after it: as stated, for as long as a run can see it.
    followed_s = short_s if again.wrong > 0.0 else (warmup_s + duration_s) / 2.0
    if again.after <= followed_s:
        return workload
    return workload.model_copy(update={"asks_again": again.model_copy(update={"after": short_s})})
