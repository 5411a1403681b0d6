"""The formulas on the page of metrics, written from the ratios that the code computes.

`python -m scripts.docs.metrics_page` writes them between their marks in `docs/reference/metrics.md`.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from simulator.metrics.formula import Ratio
from simulator.results.metric_samples import AREA_RATIOS, COUNT_RATIOS, USAGE_RATIOS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"
_SYMBOLS = {
    "succeeded": "S",
    "degraded": "D",
    "failed": "F",
    "rejected": "R",
    "abandoned": "A",
    "invalid": "V",
    "correct": "C",
    "good": "G",
    "ended": "E",
    "s": "T",
    "min": "T in minutes",
    "h": "T in hours",
    "-": "−",
}


def formula_tables() -> dict[str, str]:
    """Tables as Markdown by the name of their mark: metrics of actions, of tries at a target, of time at a target."""
    return {
        "actions": _table(COUNT_RATIOS),
        "tries": _table(USAGE_RATIOS),
        "time": _table(AREA_RATIOS),
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


def _table(ratios: Mapping[str, Ratio]) -> str:
    lines = ["| name | definition |", "| --- | --- |"]
    lines += [f"| `{name}` | {_definition(ratio)} |" for name, ratio in ratios.items()]
    return "\n".join(lines) + "\n"


def _definition(ratio: Ratio) -> str:
    """A formula with the symbols of the page; names that have none in code font."""
    return re.sub(r"[a-z_]+|-", lambda word: _SYMBOLS.get(word[0], f"`{word[0]}`"), str(ratio))


if __name__ == "__main__":
    PAGE.write_text(with_formulas(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
