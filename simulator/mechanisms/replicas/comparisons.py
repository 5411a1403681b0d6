"""How far are forecasts made with shipped profiles from loads that were measured?

The table is written by `python -m benchmarks.measured --write`, which runs every load through the engine.
"""

import csv
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_type_hints

Found = TypeVar("Found")
FILE = Path(__file__).parent / "comparisons.csv"


class MeasuredSystem(NamedTuple):
    """What was measured: a model, on how many GPUs, with which engine."""

    model: str
    gpu: str
    tensor_parallel: int
    engine: str


@dataclass(frozen=True)
class MeasuredLoads:
    """Measured loads of one class, and the mean absolute relative errors of their forecasts.

    Attributes
    ----------
    load : class, by the share of what the replica carried at most
    points : number of loads
    """

    load: str
    points: int
    ttft_p50: float
    ttft_p99: float
    tpot: float
    latency_p50: float
    latency_p99: float
    throughput: float
    source: str


Comparison = tuple[MeasuredSystem, MeasuredLoads]
_KINDS: dict[type[Any], dict[str, Callable[[str], Any]]] = {
    kind: get_type_hints(kind) for kind in (MeasuredSystem, MeasuredLoads)
}


@lru_cache(maxsize=1)
def comparisons() -> tuple[Comparison, ...]:
    """Every class of loads that forecasts were compared with."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        return tuple(
            (_read(MeasuredSystem, row), _read(MeasuredLoads, row)) for row in csv.DictReader(stream)
        )


def comparisons_with(wanted: MeasuredSystem) -> tuple[MeasuredLoads, ...]:
    """Those of one profile; none where no load of it was measured."""
    return tuple(loads for of, loads in comparisons() if of == wanted)


def write_comparisons(of: MeasuredSystem, found: list[MeasuredLoads], path: Path = FILE) -> None:
    """Write the table."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(name for kinds in _KINDS.values() for name in kinds)
        writer.writerows(
            [f"{value:.4f}" if isinstance(value, float) else value for value in (*of, *astuple(loads))]
            for loads in found
        )


def _read(kind: type[Found], row: Mapping[str, str]) -> Found:
    return kind(**{name: of(row[name]) for name, of in _KINDS[kind].items()})
