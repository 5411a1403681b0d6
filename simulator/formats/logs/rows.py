"""Rows of logs as arrays with units: what reads a log's frame column by column goes through here."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

OK = "ok"  # the fate of what was answered


@dataclass(frozen=True)
class LogRows:
    """Rows of a log; numbers that it does not say are not-a-number, ids zero."""

    frame: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)

    def where(self, chosen: NDArray[np.bool_]) -> "LogRows":
        """Some of the rows."""
        return LogRows(self.frame[chosen])

    @property
    def time_s(self) -> FloatArray:
        """When each was asked."""
        return self._floats("time")

    @property
    def latency_s(self) -> FloatArray:
        """How long each took."""
        return self._floats("latency")

    @property
    def ttft_s(self) -> FloatArray:
        """Time to the first token."""
        return self._floats("ttft")

    @property
    def input_tokens(self) -> FloatArray:
        """Tokens of the prompt."""
        return self._floats("input")

    @property
    def output_tokens(self) -> FloatArray:
        """Tokens of the answer."""
        return self._floats("output")

    @property
    def cached_tokens(self) -> FloatArray:
        """Tokens of the prompt that the provider had in its cache."""
        return self._floats("cached")

    @property
    def cost_usd(self) -> FloatArray:
        """What each cost."""
        return self._floats("cost")

    @property
    def cache_hits(self) -> FloatArray:
        """1 where a cache answered."""
        return self._floats("cache_hit")

    @property
    def fates(self) -> "pd.Series[str]":
        """What became of those of which the log says it."""
        return self.frame["fate"].dropna().astype("object")

    @property
    def is_answered(self) -> NDArray[np.bool_]:
        """Where the log does not say that it failed."""
        return (self.frame["fate"].astype("object").fillna(OK) == OK).to_numpy()

    @property
    def user(self) -> NDArray[np.uint64]:
        """Hash of the user."""
        return self.frame["user"].to_numpy()

    @property
    def trace(self) -> NDArray[np.uint64]:
        """Hash of the trace."""
        return self.frame["trace"].to_numpy()

    @property
    def session(self) -> NDArray[np.uint64]:
        """Hash of the session."""
        return self.frame["session"].to_numpy()

    def _floats(self, name: str) -> FloatArray:
        return self.frame[name].to_numpy(dtype=np.float64)
