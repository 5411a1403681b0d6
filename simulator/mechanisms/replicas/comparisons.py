"""How far are forecasts made with shipped profiles from loads that were measured?

The table is written by `python -m benchmarks.measured --write`, which runs every load through the engine.
"""

import csv
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

FILE = Path(__file__).parent / "comparisons.csv"


class Comparison(NamedTuple):
    """Measured loads of one class, and the mean absolute relative errors of their forecasts.

    Attributes
    ----------
    load : class, by the share of what the replica carried at most
    points : number of loads
    """

    model: str
    gpu: str
    tensor_parallel: int
    engine: str
    load: str
    points: int
    ttft_p50: float
    ttft_p99: float
    tpot: float
    latency_p50: float
    latency_p99: float
    throughput: float
    source: str


_KINDS: dict[str, Callable[[str], Any]] = dict(Comparison.__annotations__)


@lru_cache(maxsize=1)
def comparisons() -> tuple[Comparison, ...]:
    """Every class of loads that forecasts were compared with."""
    with FILE.open(encoding="utf-8", newline="") as stream:
        return tuple(
            Comparison(**{name: kind(row[name]) for name, kind in _KINDS.items()})
            for row in csv.DictReader(stream)
        )


def comparisons_with(model: str, gpu: str, tensor_parallel: int, engine: str) -> tuple[Comparison, ...]:
    """Those of one profile; none where no load of it was measured."""
    wanted = (model, gpu, tensor_parallel, engine)
    return tuple(one for one in comparisons() if one[:4] == wanted)


def write_comparisons(found: list[Comparison], path: Path = FILE) -> None:
    """Write the table."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(Comparison._fields)
        writer.writerows(
            [f"{value:.4f}" if isinstance(value, float) else value for value in one] for one in found
        )
