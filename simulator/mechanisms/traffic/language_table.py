"""From the languages of users to the table the kernel reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.traffic.languages import Language, spoken_in
from simulator.mechanisms.traffic.table import LANGUAGE


@dataclass(frozen=True, eq=False)
class LanguageTable:
    """Who speaks what.

    Attributes
    ----------
    rows : LANGUAGE[region and language], region after region
    first : first row of each region, with one more at the end
    names : of all languages that are spoken, by their number
    """

    rows: NDArray[np.void]
    first: tuple[int, ...]
    names: tuple[str, ...]

    def shares(self, region: int) -> tuple[float, ...]:
        """Shares of a region's users by the number of their language."""
        shares = [0.0] * len(self.names)
        below = 0.0
        for row in self.rows[self.first[region] : self.first[region + 1]]:
            shares[row["number"]] = float(row["cumulative"]) - below
            below = float(row["cumulative"])
        return tuple(shares)


def language_table(
    regions: Sequence[Mapping[str, float] | None], languages: Mapping[str, Language]
) -> LanguageTable:
    """Number the languages in the order in which the regions name them.

    Parameters
    ----------
    regions : shares of each region's users by language; None: they are not told apart
    languages : what is said of each
    """
    spoken = [spoken_in(shares) for shares in regions]
    names = list(dict.fromkeys(name for shares in spoken for name in shares))
    rows = np.zeros(sum(map(len, spoken)), dtype=LANGUAGE).view(np.recarray)
    first = [0]
    for shares in spoken:
        part = rows[first[-1] : first[-1] + len(shares)]
        part["cumulative"] = np.cumsum(list(shares.values()))
        part["number"] = [names.index(name) for name in shares]
        for name, row in zip(shares, part, strict=True):
            language = languages.get(name, Language())
            row.token_factor = language.token_factor
        first.append(first[-1] + len(shares))
    return LanguageTable(rows, tuple(first), tuple(names))
