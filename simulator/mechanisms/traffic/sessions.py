"""The calls of recorded sessions: which rows of a log belong together, how long people paused, what each call adds.

A session is an action, its calls are the turns: the next one begins a pause after the last one was answered, however long
that takes. Recorded prompts hold what was said before; a call adds what its prompt has beyond that.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Sessions:
    """Sessions in the order of their first calls; rows are those of the log, session after session.

    Attributes
    ----------
    order : int64[row]: row of the log, in the order of time
    first : int64[session]: row of its first call
    calls : float64[row, 3]: pause before the call in seconds, calls from it to the session's end, and 1 where its prompt
        begins afresh
    """

    order: NDArray[np.int64]
    first: NDArray[np.int64]
    calls: NDArray[np.float64]

    @property
    def mean_calls(self) -> float:
        """Calls of a session, on average."""
        return len(self.order) / len(self.first)


def sessions_of(names: pd.Series, times_s: NDArray[np.float64], durations_s: NDArray[np.float64]) -> Sessions:
    """Sessions of a log that is sorted by time.

    Parameters
    ----------
    names : whose a row is
    times_s, durations_s : when it was asked, and how long the answer took
    """
    codes = pd.factorize(names, use_na_sentinel=False)[0].astype(np.int64)  # numbered by their first calls
    order = np.argsort(codes, kind="stable")
    is_first = np.diff(codes[order], prepend=-1) > 0
    first = np.flatnonzero(is_first)
    n_calls = np.diff(np.append(first, codes.size))
    place = np.arange(codes.size) - np.repeat(first, n_calls)
    ended_s = (times_s + durations_s)[order]
    pauses_s = np.maximum(times_s[order] - np.roll(ended_s, 1), 0.0)
    calls = np.zeros((codes.size, 3))
    calls[:, 0] = np.where(is_first, 0.0, pauses_s)
    calls[:, 1] = np.repeat(n_calls, n_calls) - place
    return Sessions(order, first, calls)


def added_tokens(sessions: Sessions, lengths: NDArray[np.int64]) -> tuple[NDArray[np.int64], Sessions]:
    """Lengths of calls, session after session, with the tokens that each adds in place of its whole prompt.

    A prompt that is no longer than the one before was cut: it begins afresh, whole. Longer ones may leave out some of what
    was answered, such as thoughts, and add a token at least.
    """
    ordered = lengths[sessions.order]
    added = np.maximum(1, ordered[:, 0] - np.roll(ordered.sum(axis=1), 1))
    is_first = np.zeros(len(ordered), dtype=np.bool_)
    is_first[sessions.first] = True
    is_cut = ~is_first & (ordered[:, 0] <= np.roll(ordered[:, 0], 1))
    calls = sessions.calls.copy()
    calls[:, 2] = is_cut
    prompts = np.where(is_first | is_cut, ordered[:, 0], added)
    return np.column_stack([prompts, ordered[:, 1]]), Sessions(sessions.order, sessions.first, calls)
