"""What a scenario says about long prompts and long answers: how far they go together, each as long as before.

By a rank correlation (a normal copula), or by a table of shares over ranks, as a log shows it (a checkerboard copula).
"""

import math
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

_MOST_RANKS = 50
_OFF = 0.02  # of the sum that rows or columns should have: shares are rounded
_EVEN = 1e-13

Row = Annotated[list[Annotated[float, Field(ge=0)]], Field(min_length=2, max_length=_MOST_RANKS)]


class JointLengths(BaseModel):
    """How the lengths of a prompt and its answer go together; each keeps its own distribution."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    correlation: float | None = Field(
        default=None,
        gt=-1,
        lt=1,
        description="Spearman's rank correlation of the two: 0.5 where long prompts tend to have long answers, below 0 "
        "where they have short ones.",
    )
    ranks: list[Row] | None = Field(
        default=None,
        min_length=2,
        max_length=_MOST_RANKS,
        description="In place of it, shares: a row for each of equally many prompts, shortest first, in it a number for "
        "each of equally many answers, shortest first. All rows add up alike, as do all columns.",
    )

    @model_validator(mode="after")
    def _one_way(self) -> "JointLengths":
        if (self.correlation is None) == (self.ranks is None):
            raise ValueError("give either `correlation` or `ranks`")
        if self.ranks is not None:
            _refuse_uneven(self.ranks)
        return self


def _refuse_uneven(ranks: list[Row]) -> None:
    """Complain about ranks of which some would be likelier than others."""
    if any(len(row) != len(ranks[0]) for row in ranks):
        raise ValueError(
            "the rows of `ranks` differ in length; give every row a number for each rank of answers"
        )
    table = np.array(ranks)
    for word, sums in (("row", table.sum(axis=1)), ("column", table.sum(axis=0))):
        mean = float(sums.mean())
        worst = int(np.argmax(np.abs(sums - mean)))
        if abs(sums[worst] - mean) > _OFF * mean or mean == 0.0:
            raise ValueError(
                f"{word} {worst + 1} of `ranks` adds up to {sums[worst]:.4g}, where the {word}s add up to {mean:.4g} on "
                "average; ranks are of equally many prompts and answers, so all must add up alike"
            )


def normal_correlation(rank_correlation: float) -> float:
    """Correlation of normal scores that have this rank correlation (Kruskal, 1958)."""
    return 2.0 * math.sin(math.pi * rank_correlation / 6.0)


def cumulative_ranks(ranks: list[Row]) -> NDArray[np.float64]:
    """Shares of the ranks of answers, cumulated, by rank of the prompt; rounding evened out (Sinkhorn and Knopp, 1967)."""
    table = np.array(ranks)
    n_rows, n_columns = table.shape
    for _ in range(1000):
        table *= n_rows / (n_columns * table.sum(axis=0))
        table /= table.sum(axis=1)[:, None]
        if np.abs(table.sum(axis=0) - n_rows / n_columns).max() < _EVEN:
            break
    cumulative = np.cumsum(table, axis=1)
    cumulative[:, -1] = 1.0
    return cumulative
