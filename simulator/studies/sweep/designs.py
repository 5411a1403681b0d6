"""Which points a sweep visits: every combination, a list, samples that fill the space, or one factor at a time.

Equal questions give equal points: the samples are those of scipy.stats.qmc with the seed given.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from simulator.studies.sweep.design_kind import DesignKind
from simulator.studies.sweep.parameters import Levels, Parameter, Range, SweepError

MAX_POINTS = 100_000
_OAT_SHARES = (0.05, 0.25, 0.75, 0.95)
_OAT_BASE = 0.5

_SAMPLED = (DesignKind.LHS, DesignKind.SOBOL, DesignKind.SALTELLI)
MIN_BLOCKS = 16  # of a saltelli design

Values = tuple[str, ...]  # one per factor


@dataclass(frozen=True)
class Design:
    """What is varied, and at which points.

    Attributes
    ----------
    name : how the points were chosen
    points : a value per factor, in the order they are run
    """

    name: str
    factors: Sequence[Parameter]
    points: Sequence[Values]


def design_points(
    kind: DesignKind, factors: Sequence[Parameter], n_points: int | None = None, seed: int = 0
) -> list[Values]:
    """Points of a design, each a value per factor, in the order they are run.

    Parameters
    ----------
    kind : `grid`: every combination; `list`: the first values of all factors, the second, …;
        `lhs`: Latin hypercube; `sobol`: scrambled Sobol sequence; `saltelli`: two Sobol samples and, per factor, the
        first with that factor as in the second; `oat`: the middle of all, and each factor by itself
    n_points : how many, for `lhs` and `sobol`, or at most, for `saltelli`; with `grid`, levels of a distribution
    seed : of the samples

    Raises
    ------
    SweepError
        If there are no factors, no points, or too many.
    """
    if not factors:
        raise SweepError("nothing to vary: give at least one --vary PATH=VALUES")
    paths = [factor.path for factor in factors]
    if len(set(paths)) != len(paths):
        raise SweepError(f"{next(p for p in paths if paths.count(p) > 1)} is varied twice")
    if kind in _SAMPLED:
        if n_points is None:
            raise SweepError(f"a {kind.value} design takes a number of points: give --points N")
        if not 1 <= n_points <= MAX_POINTS:
            raise SweepError(f"{n_points:,} points; a design has between 1 and {MAX_POINTS:,}")
        if kind is DesignKind.SALTELLI:
            shares = _saltelli(len(factors), n_points, seed)
        else:
            shares = _samples(kind, len(factors), n_points, seed)
        return [tuple(f.domain.at(float(u)) for f, u in zip(factors, row, strict=True)) for row in shares]
    if n_points is not None and n_points < 1:
        raise SweepError("a design of zero points asks nothing")
    if kind is DesignKind.OAT:
        return _one_at_a_time(factors)
    if n_points is not None and kind is DesignKind.LIST:
        raise SweepError("a list has as many points as values: --points does not go with it")
    levels = [_levels(factor, n_points) for factor in factors]
    if kind is DesignKind.LIST:
        if len({len(texts) for texts in levels}) > 1:
            counts = ", ".join(f"{f.path}: {len(t)}" for f, t in zip(factors, levels, strict=True))
            raise SweepError(f"a list takes equally many values of every factor ({counts})")
        return list(zip(*levels, strict=True))
    n_found = int(np.prod([float(len(texts)) for texts in levels]))
    if n_found > MAX_POINTS:
        raise SweepError(f"the grid has {n_found:,} points; at most {MAX_POINTS:,} are run")
    return list(product(*levels))


def block_size(n_factors: int) -> int:
    """Points of a saltelli design that belong together: of both samples, and one per factor between them."""
    return n_factors + 2


def read_points(path: Path) -> Design:
    """Factors and points of a CSV file: a column per path, a row per point.

    Raises
    ------
    SweepError
        If the file cannot be read, or has no points.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = [row for row in csv.reader(file) if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SweepError(f"cannot read the points of {path}: {error}") from error
    if len(rows) < 2:
        raise SweepError(f"{path} has no points: it takes a line of paths, and a line of values per point")
    header = [cell.strip() for cell in rows[0]]
    if not all(header) or len(set(header)) != len(header):
        raise SweepError(f"{path}: the first line must name every column once, by the path it sets")
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(header) or not all(cell.strip() for cell in row):
            raise SweepError(f"{path}: point {number - 1} has not a value for each of {len(header)} columns")
    if len(rows) - 1 > MAX_POINTS:
        raise SweepError(f"{path} has {len(rows) - 1:,} points; at most {MAX_POINTS:,} are run")
    points = [tuple(cell.strip() for cell in row) for row in rows[1:]]
    columns = list(zip(*points, strict=True))
    factors = [
        Parameter(name, Levels(tuple(dict.fromkeys(column))), f"{name}={','.join(dict.fromkeys(column))}")
        for name, column in zip(header, columns, strict=True)
    ]
    return Design(DesignKind.LIST.value, factors, points)


def shard_points(n_points: int, number: int, n_shards: int) -> list[int]:
    """Indices of the points of shard `number` (from 1) of `n_shards`: every n-th, so that all take alike."""
    return list(range(number - 1, n_points, n_shards))


def parse_shard(text: str) -> tuple[int, int]:
    """Read `k/n`, 1 <= k <= n."""
    number, separator, total = text.partition("/")
    if not (separator and number.strip().isdecimal() and total.strip().isdecimal()):
        raise SweepError(f"`{text[:20]}` is not a shard such as 2/4")
    if not 1 <= int(number) <= int(total) <= MAX_POINTS:
        raise SweepError(f"there is no shard {text}: shards of n are numbered 1/n to n/n")
    return int(number), int(total)


def _levels(factor: Parameter, n_levels: int | None) -> Values:
    if isinstance(factor.domain, Levels):
        return factor.domain.texts
    if n_levels is None:
        raise SweepError(
            f"{factor.path} has a distribution: give --points N for N levels of it, or a lhs or sobol design"
        )
    return _spread(factor.domain, [(level + 0.5) / n_levels for level in range(n_levels)])


def _spread(domain: Range, shares: Sequence[float]) -> Values:
    return tuple(dict.fromkeys(domain.at(share) for share in shares))


def _samples(kind: DesignKind, n_factors: int, n_points: int, seed: int) -> NDArray[np.float64]:
    """Points of the unit cube, shape (n_points, n_factors)."""
    if kind is DesignKind.LHS:
        return np.asarray(qmc.LatinHypercube(d=n_factors, rng=np.random.default_rng(seed)).random(n_points))
    # Drawn to the next power of two, where the sequence is balanced; the first n of it are the same for every n.
    n_bits = max(0, (n_points - 1).bit_length())
    sampler = qmc.Sobol(d=n_factors, scramble=True, rng=np.random.default_rng(seed))
    return np.asarray(sampler.random_base2(n_bits))[:n_points]


def _saltelli(n_factors: int, n_points: int, seed: int) -> NDArray[np.float64]:
    """Points of the unit cube in blocks, shape (n_blocks * `block_size`, n_factors); n_blocks a power of two."""
    from SALib.sample import sobol  # slow to import, and of this design alone

    n_blocks = n_points // block_size(n_factors)
    if n_blocks < MIN_BLOCKS:
        least = MIN_BLOCKS * block_size(n_factors)
        raise SweepError(f"a saltelli design of {n_factors} factors takes at least {least:,} points")
    problem = {"num_vars": n_factors, "bounds": [[0.0, 1.0]] * n_factors}
    n_blocks = 1 << (n_blocks.bit_length() - 1)
    return np.asarray(sobol.sample(problem, n_blocks, calc_second_order=False, seed=seed))


def _one_at_a_time(factors: Sequence[Parameter]) -> list[Values]:
    base = tuple(
        f.domain.texts[0] if isinstance(f.domain, Levels) else f.domain.at(_OAT_BASE) for f in factors
    )
    points = [base]
    for index, factor in enumerate(factors):
        domain = factor.domain
        others = domain.texts[1:] if isinstance(domain, Levels) else _spread(domain, _OAT_SHARES)
        points += [(*base[:index], value, *base[index + 1 :]) for value in others if value != base[index]]
    return points
