"""What a sweep varies: a path of the scenario, and the values or the distribution it takes (`--vary PATH=…`)."""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from simulator.errors import RolloutError
from simulator.studies.sweep.report import VariedPath
from simulator.units import parse_quantity, parse_seconds

MAX_LEVELS = 10_000
_CALL = re.compile(r"\s*([a-z_]+)\s*\((.*)\)\s*")
_RANGE = re.compile(r"\s*(-?\d+)\s*\.\.\s*(-?\d+)(?:\s+by\s+(\d+))?\s*")
_NUMBER = re.compile(r"([^\d.+-]*)([+-]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(.*)")
_Z95 = float(stats.norm.ppf(0.95))
Quantiles = Callable[[NDArray[np.float64]], NDArray[np.float64]]


class SweepError(RolloutError, ValueError):
    """A sweep that cannot be made as asked; the message says why and suggests a fix."""


@dataclass(frozen=True)
class Levels:
    """Values of a factor, as `--set` takes them."""

    texts: tuple[str, ...]

    def at(self, share: float) -> str:
        """The level at a share in [0, 1) of the list, all equally likely."""
        return self.texts[min(int(share * len(self.texts)), len(self.texts) - 1)]


@dataclass(frozen=True)
class Range:
    """A continuous or whole-numbered factor: its distribution, and how a number of it is written.

    Attributes
    ----------
    kind : name of the distribution
    parameters : its arguments as numbers, in the unit they were written in
    prefix, suffix : what stands around a number, e.g. `$` and `/Mtok`
    """

    kind: str
    parameters: tuple[float, ...]
    prefix: str = ""
    suffix: str = ""

    def at(self, share: float) -> str:
        """The value below which a share in (0, 1) of the distribution lies, as text."""
        inside = float(np.clip(share, 1e-9, 1.0 - 1e-9))
        return self.write(float(_KINDS[self.kind].quantile(inside, *self.parameters)))

    def write(self, number: float) -> str:
        """A number of this factor as `--set` takes it, to nine digits."""
        text = str(round(number)) if self.kind == "integers" else f"{number:.9g}"
        return f"{self.prefix}{text}{self.suffix}"


@dataclass(frozen=True)
class Parameter:
    """A path of the scenario, what it takes, and the text that said so."""

    path: str
    domain: Levels | Range
    text: str

    def override(self, value: str) -> str:
        """The `--set` that gives this factor a value."""
        return f"{self.path}={value}"

    @property
    def varied(self) -> VariedPath:
        """The factor as it is reported."""
        domain = self.domain
        if isinstance(domain, Levels):
            return VariedPath(path=self.path, levels=domain.texts)
        unit = domain.prefix + domain.suffix
        return VariedPath(path=self.path, distribution=domain.kind, parameters=domain.parameters, unit=unit)


@dataclass(frozen=True)
class _Kind:
    signature: str
    quantile: Callable[..., float]
    is_valid: Callable[..., bool]


def _integer(share: float, low: float, high: float) -> float:
    return min(math.floor(low + share * (high - low + 1.0)), high)


_KINDS = {
    "uniform": _Kind("low, high", lambda u, a, b: a + u * (b - a), lambda a, b: a < b),
    "loguniform": _Kind(
        "low, high", lambda u, a, b: math.exp(math.log(a) + u * math.log(b / a)), lambda a, b: 0.0 < a < b
    ),
    "lognormal": _Kind(
        "p50, p95",
        lambda u, m, p95: m * math.exp(float(stats.norm.ppf(u)) * math.log(p95 / m) / _Z95),
        lambda m, p95: 0.0 < m < p95,
    ),
    "normal": _Kind(
        "mean, sd", lambda u, mean, sd: float(stats.norm.ppf(u, mean, sd)), lambda _, sd: sd > 0.0
    ),
    "triangular": _Kind(
        "low, mode, high",
        lambda u, a, m, b: float(stats.triang.ppf(u, (m - a) / (b - a), a, b - a)),
        lambda a, m, b: a <= m <= b and a < b,
    ),
    "integers": _Kind(
        "low, high", _integer, lambda a, b: a < b and float(a).is_integer() and float(b).is_integer()
    ),
}


def parse_vary(text: str) -> Parameter:
    """Read `PATH=SPEC`.

    A SPEC is a list (`0,1,2,3`; commas inside brackets do not part it), whole numbers (`1..10 by 3`), or a
    distribution: `uniform(low, high)`, `loguniform(low, high)`, `lognormal(p50, p95)`, `normal(mean, sd)`,
    `triangular(low, mode, high)`, `integers(low, high)`. Its arguments may have a unit.

    Raises
    ------
    SweepError
        If it is none of these.
    """
    path, separator, spec = text.partition("=")
    path, spec = path.strip(), spec.strip()
    if not separator or not path or not spec:
        raise SweepError(
            f"`{text[:60]}` is not of the form path=values, e.g. routes.support.num_retries=0,1,2"
        )
    call = _CALL.fullmatch(spec)
    if call is not None and not spec.startswith(("{", "[")):
        return Parameter(path, _range(path, call[1], _parted(call[2])), text)
    steps = _RANGE.fullmatch(spec)
    if steps is not None:
        return Parameter(path, _whole(path, int(steps[1]), int(steps[2]), int(steps[3] or 1)), text)
    return Parameter(path, _levels(path, _parted(spec)), text)


def numbers_of(texts: Sequence[str]) -> list[float] | None:
    """Values of a factor as numbers in the unit they share (durations: seconds); None if they are words."""
    try:
        return _in_one_unit("", texts)[0]
    except SweepError:
        pass
    try:
        return [parse_quantity(text) for text in texts]
    except ValueError:
        return None


def _levels(path: str, texts: Sequence[str]) -> Levels:
    texts = [text.strip() for text in texts]
    if not all(texts):
        raise SweepError(f"{path}: a value of the list is empty")
    if len(set(texts)) != len(texts):
        raise SweepError(f"{path}: a value stands twice in the list")
    return Levels(tuple(texts))


def _whole(path: str, first: int, last: int, step: int) -> Levels:
    if step < 1 or last < first:
        raise SweepError(f"{path}: {first}..{last} by {step} holds no value")
    if (last - first) // step >= MAX_LEVELS:
        raise SweepError(f"{path}: more than {MAX_LEVELS:,} values")
    return Levels(tuple(map(str, range(first, last + 1, step))))


def _range(path: str, kind: str, arguments: Sequence[str]) -> Range:
    if kind not in _KINDS:
        raise SweepError(f"{path}: no distribution `{kind}`; there are: {', '.join(sorted(_KINDS))}")
    signature = _KINDS[kind].signature
    if len(arguments) != len(signature.split(",")):
        raise SweepError(f"{path}: {kind} takes ({signature}), not {len(arguments)} arguments")
    parameters, prefix, suffix = _in_one_unit(path, arguments)
    if not _KINDS[kind].is_valid(*parameters):
        raise SweepError(f"{path}: {kind}({', '.join(arguments)}) is no distribution; it takes ({signature})")
    return Range(kind, tuple(parameters), prefix, suffix)


def _in_one_unit(path: str, arguments: Sequence[str]) -> tuple[list[float], str, str]:
    """Numbers of the arguments and the unit around them; durations of several units go into seconds."""
    matches = [_NUMBER.fullmatch(argument.strip()) for argument in arguments]
    found = [match.groups() for match in matches if match is not None]
    if len(found) == len(arguments):
        around = {(prefix, suffix) for prefix, _, suffix in found if prefix or suffix}
        # `triangular(-20%, 0, 35%)`: a zero needs no unit
        if len(around) <= 1 and all(
            pair[0] or pair[2] or float(pair[1]) == 0.0 or not around for pair in found
        ):
            prefix, suffix = around.pop() if around else ("", "")
            return [float(number.replace("_", "")) for _, number, _ in found], prefix, suffix
    try:
        return [parse_seconds(argument) for argument in arguments], "", "s"
    except ValueError:
        raise SweepError(
            f"{path}: ({', '.join(arguments)}) are not numbers in one unit, nor durations"
        ) from None


def _parted(text: str) -> list[str]:
    """Parts between commas that stand in no bracket or quotation mark."""
    parts, depth, quote = [""], 0, ""
    for char in text:
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        if char == "," and depth == 0 and not quote:
            parts.append("")
        else:
            parts[-1] += char
    return parts
