"""The formulas on the page of metrics, written from the ratios that the code computes.

`python -m scripts.docs.metrics_page` writes them between their marks in `docs/reference/metrics.md`.
"""

from collections.abc import Mapping
from enum import IntEnum
from pathlib import Path

from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn
from simulator.results.registry.metric_definitions import AREA_RATIOS, COUNT_RATIOS, USAGE_RATIOS, Ratio

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
_SYMBOLS = {
    CountColumn.SUCCEEDED: "S",
    CountColumn.DEGRADED: "D",
    CountColumn.FAILED: "F",
    CountColumn.REJECTED: "R",
    CountColumn.ABANDONED: "A",
    CountColumn.INVALID: "V",
    CountColumn.CORRECT: "C",
    CountColumn.GOOD: "G",
}
_ENDED = (
    CountColumn.SUCCEEDED,
    CountColumn.DEGRADED,
    CountColumn.FAILED,
    CountColumn.REJECTED,
    CountColumn.ABANDONED,
)
_TIMES = {1.0: "T", 1.0 / 60.0: "T in minutes", 1.0 / 3600.0: "T in hours"}

_Weights = Mapping[int | None, float]


def formula_tables() -> dict[str, str]:
    """Tables as Markdown by the name of their mark: metrics of actions, of tries at a target, of time at a target."""
    return {
        "actions": _table(COUNT_RATIOS, CountColumn),
        "tries": _table(USAGE_RATIOS, UsageColumn),
        "time": _table(AREA_RATIOS, AreaColumn),
    }


def with_formulas(page: str) -> str:
    """The page with the tables between their marks; a mark that is not there is a KeyError."""
    for name, table in formula_tables().items():
        begin, end = f"<!-- metrics:{name} begin -->\n", f"<!-- metrics:{name} end -->"
        if begin not in page or end not in page:
            raise KeyError(f"no marks `metrics:{name}` on the page")
        before, after = page.split(begin)[0], page.split(end)[1]
        page = f"{before}{begin}{table}{end}{after}"
    return page


def _table(ratios: Mapping[str, Ratio], columns: type[IntEnum]) -> str:
    lines = ["| name | definition |", "| --- | --- |"]
    lines += [
        f"| `{name}` | {_sum(ratio.over, columns)} / {_sum(ratio.under, columns)} |"
        for name, ratio in ratios.items()
    ]
    return "\n".join(lines) + "\n"


def _sum(weights: _Weights, columns: type[IntEnum]) -> str:
    """A weighted sum of columns; outcomes by their symbols, all five together as E."""
    left = dict(weights)
    terms = []
    if columns is CountColumn and all(left.get(column) == 1.0 for column in _ENDED):
        terms.append("E")
        for column in _ENDED:
            del left[column]
    for place, weight in left.items():
        if place is None:
            terms.append(_TIMES[weight])
            continue
        assert weight in (1.0, -1.0)
        name = _SYMBOLS.get(CountColumn(place)) if columns is CountColumn else None
        name = name or f"`{columns(place).name.lower()}`"
        terms.append(name if weight > 0.0 and not terms else f"{'+' if weight > 0.0 else '−'} {name}")
    return terms[0] if len(terms) == 1 else f"({' '.join(terms)})"


if __name__ == "__main__":
    PAGE.write_text(with_formulas(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
