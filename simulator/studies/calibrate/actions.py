"""Which attempts are one action? Retries, fallbacks and steps share a trace; turns of a conversation share a session.

Retries that are counted as demand make a plan too dear, and a success rate too low. A turn begins after an answer; the
attempts that failed before it belong to it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.formats.logs.rows import LogRows

FloatArray = NDArray[np.float64]

_MOSTLY = 0.9  # share of rows with an id
_SOME = 1.02  # rows for each of something: more than one, on average
_THINKS_S = 2.0  # people take longer to go on than programs


@dataclass(frozen=True)
class Actions:
    """The actions of a log.

    Attributes
    ----------
    start_s : of each, its first attempt
    turns : answers of each that a user waited for
    think_s : pauses between turns
    turn_s : from its first attempt to its answer, of each turn with one
    calls : answers of models in each turn
    attempts : of each call, failed ones included
    failed : attempts that ended without an answer, after which nothing came
    first : rows whose input is of a first turn: lengths without the context of earlier ones
    user : hash of each one's user
    grouped_by : the id that rows share, in words; empty: each row is an action
    """

    start_s: FloatArray
    turns: FloatArray
    think_s: FloatArray
    turn_s: FloatArray
    calls: FloatArray
    attempts: FloatArray
    failed: int
    first: NDArray[np.bool_]
    user: NDArray[np.uint64]
    grouped_by: str

    @property
    def has_turns(self) -> bool:
        """Whether actions are conversations of several turns."""
        return bool(self.turns.size) and float(self.turns.mean()) > _SOME


def actions_of(frame: pd.DataFrame) -> Actions:
    """Put attempts together.

    Parameters
    ----------
    frame : rows of a log in the order of time
    """
    log = LogRows(frame)
    has_traces, has_sessions = (float((ids != 0).mean()) > _MOSTLY for ids in (log.trace, log.session))
    if not (has_traces or has_sessions) or np.isnan(log.time_s).all():
        return _alone(log)
    inner, outer = log.trace if has_traces else log.session, log.session if has_sessions else log.trace
    rows = pd.DataFrame(
        {
            "inner": inner,
            "outer": outer,
            "row": np.arange(len(log)),
            "time": log.time_s,
            "over": log.time_s + np.nan_to_num(log.latency_s, posinf=np.inf),
            "ok": log.is_answered.astype(np.int64),
            "user": log.user,
        }
    )
    by_call = _calls(rows.sort_values(["outer", "time"], kind="stable"))
    if has_traces and has_sessions and _are_apart(inner, outer):
        turns = _turns_by_id(by_call)
    else:
        turns = _turns_by_pause(by_call)
    return _joined(log, turns, "trace" if has_traces else "session")


def _alone(log: LogRows) -> Actions:
    ones, is_answered = np.ones(len(log)), log.is_answered
    return Actions(
        log.time_s,
        ones,
        np.zeros(0),
        log.latency_s[is_answered],
        ones,
        ones,
        int((~is_answered).sum()),
        np.ones(len(log), dtype=bool),
        log.user,
        "",
    )


def _are_apart(inner: NDArray[np.uint64], outer: NDArray[np.uint64]) -> bool:
    """Whether sessions hold several traces: else they tell no turns."""
    return bool(np.unique(inner).size > _SOME * np.unique(outer).size)


def _calls(rows: pd.DataFrame) -> pd.DataFrame:
    """Attempts up to an answer are one call."""
    answered_before = rows.groupby("inner")["ok"].cumsum() - rows["ok"]
    grouped = rows.groupby([rows["outer"], rows["inner"], answered_before.rename("call")], sort=False)
    calls = grouped.agg(
        time=("time", "first"),
        over=("over", "last"),
        n=("ok", "size"),
        ok=("ok", "max"),
        row=("row", "last"),
        user=("user", "first"),
    ).reset_index()
    return calls.sort_values(["outer", "time"], kind="stable")


def _turns_by_id(calls: pd.DataFrame) -> pd.DataFrame:
    return calls.assign(turn=calls["inner"])


def _turns_by_pause(calls: pd.DataFrame) -> pd.DataFrame:
    """Without ids of turns: where calls mostly follow at once they are steps of one turn, else each is a turn."""
    pause_s = calls["time"] - calls.groupby("outer")["over"].shift()
    thinks = pause_s.median() > _THINKS_S if pause_s.notna().any() else False
    begins = pause_s.isna() | thinks
    return calls.assign(turn=begins.cumsum())


def _joined(log: LogRows, calls: pd.DataFrame, grouped_by: str) -> Actions:
    grouped = calls.groupby(["outer", "turn"], sort=False)
    turns = grouped.agg(
        time=("time", "first"),
        over=("over", "max"),
        calls=("ok", "sum"),
        user=("user", "first"),
        n=("n", "sum"),
    ).reset_index()
    turns = turns.sort_values(["outer", "time"], kind="stable")
    think_s = (turns["time"] - turns.groupby("outer")["over"].shift()).dropna()
    actions = turns.groupby("outer", sort=False).agg(
        time=("time", "first"), turns=("turn", "size"), user=("user", "first")
    )
    actions = actions.sort_values("time", kind="stable")
    first = np.zeros(len(log), dtype=bool)
    opening = calls.groupby("outer", sort=False)["row"].first()
    first[opening.to_numpy(dtype=np.int64)] = True
    return Actions(
        start_s=actions["time"].to_numpy(dtype=np.float64),
        turns=actions["turns"].to_numpy(dtype=np.float64),
        turn_s=_durations(turns, has_latency=not np.isnan(log.latency_s).all()),
        think_s=np.maximum(think_s.to_numpy(dtype=np.float64), 0.0),
        calls=turns["calls"].to_numpy(dtype=np.float64),
        attempts=calls["n"].to_numpy(dtype=np.float64),
        failed=int((calls["ok"] == 0).sum()),
        first=first,
        user=actions["user"].to_numpy(dtype=np.uint64),
        grouped_by=grouped_by,
    )


def _durations(turns: pd.DataFrame, *, has_latency: bool) -> FloatArray:
    """How long each turn with an answer took."""
    if not has_latency:
        return np.zeros(0)
    return (turns["over"] - turns["time"])[turns["calls"] > 0].to_numpy(dtype=np.float64)
