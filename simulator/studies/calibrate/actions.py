"""Which attempts are one action? Retries, fallbacks and steps share a trace; turns of a conversation share a session.

Retries that are counted as demand make a plan too dear, and a success rate too low. A turn begins after an answer; the
attempts that failed before it belong to it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
    has = {name: float((frame[name] != 0).mean()) > _MOSTLY for name in ("trace", "session")}
    if not any(has.values()) or frame["time"].isna().all():
        return _alone(frame)
    inner = frame["trace" if has["trace"] else "session"].to_numpy()
    outer = frame["session" if has["session"] else "trace"].to_numpy()
    rows = frame[["time", "latency", "fate", "user"]].assign(
        inner=inner, outer=outer, row=np.arange(len(frame))
    )
    rows = rows.sort_values(["outer", "time"], kind="stable")
    rows["ok"] = (rows["fate"].astype("object").fillna("ok") == "ok").astype(np.int64)
    rows["over"] = rows["time"] + rows["latency"].fillna(0.0)
    by_call = _calls(rows)
    if has["trace"] and has["session"] and _are_apart(rows):
        turns = _turns_by_id(by_call)
    else:
        turns = _turns_by_pause(by_call)
    return _joined(frame, turns, "trace" if has["trace"] else "session")


def _alone(frame: pd.DataFrame) -> Actions:
    n = len(frame)
    failed = int((frame["fate"].astype("object").fillna("ok") != "ok").sum())
    ones = np.ones(n)
    first = np.ones(n, dtype=bool)
    is_answered = (frame["fate"].astype("object").fillna("ok") == "ok").to_numpy()
    return Actions(
        frame["time"].to_numpy(dtype=np.float64),
        ones,
        np.zeros(0),
        frame["latency"].to_numpy(dtype=np.float64)[is_answered],
        ones,
        ones,
        failed,
        first,
        frame["user"].to_numpy(),
        "",
    )


def _are_apart(rows: pd.DataFrame) -> bool:
    """Whether sessions hold several traces: else they tell no turns."""
    return bool(rows["inner"].nunique() > _SOME * rows["outer"].nunique())


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


def _joined(frame: pd.DataFrame, calls: pd.DataFrame, grouped_by: str) -> Actions:
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
    first = np.zeros(len(frame), dtype=bool)
    opening = calls.groupby("outer", sort=False)["row"].first()
    first[opening.to_numpy(dtype=np.int64)] = True
    return Actions(
        start_s=actions["time"].to_numpy(dtype=np.float64),
        turns=actions["turns"].to_numpy(dtype=np.float64),
        turn_s=_durations(turns, has_latency=bool(frame["latency"].notna().any())),
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
