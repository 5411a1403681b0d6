"""Objectives for people: what must hold and where, what was measured, and the verdict."""

from collections.abc import Iterator, Sequence

from simulator.metrics.registry import label_of
from simulator.render.numbers import estimate, quantity, unit_of
from simulator.render.sections import Cell, Quantity, Row, Table, VerdictMark, Words, table_of
from simulator.studies.common.two_futures import CollapsedRuns, Futures, futures_text
from simulator.studies.common.verdicts.objectives import SloVerdict
from simulator.theory.estimate import Estimate


def verdict_table(verdicts: Sequence[SloVerdict], title: str = "", mark: str | None = None) -> Table:
    """A row per objective; where each is about everybody, no column says so."""
    has_places = any(found.workload or found.region for found in verdicts)
    columns = ("limit", "where", "measured", "verdict") if has_places else ("limit", "measured", "verdict")
    rows = [Row(found.slo, _cells(found, has_places=has_places)) for found in verdicts]
    return table_of(title, "objective", columns, rows, mark)


def limit_text(found: SloVerdict) -> str:
    """The limit in words: `< 8 s`."""
    return f"{found.op} {quantity(found.limit, unit_of(found.metric))}"


def collapse_notes(collapse: CollapsedRuns | None, verdicts: Sequence[SloVerdict]) -> list[str]:
    """How many runs collapsed, and of every objective that they miss, both figures."""
    if collapse is None:
        return []
    broken = (found for found in verdicts if found.futures is not None)
    return [collapse.message, *(_both_figures(found) for found in broken)]


def missing_text(found: Estimate | None, futures: Futures | None) -> str:
    """What is missing where nobody can tell, and what to do.

    Parameters
    ----------
    found : what was measured; None: nothing
    """
    if found is None:
        return "nothing was observed: nobody asked for it, or got as far, in the window; look at another hour or longer"
    if futures is not None:
        return "the runs that collapsed meet it, too: add an objective on `availability` or `success_rate`, which sees them"
    return "the interval lies on both sides of the limit: longer windows or more replications narrow it"


def open_notes(verdicts: Sequence[SloVerdict]) -> Iterator[str]:
    """A line for every objective of which nobody can tell."""
    for found in verdicts:
        if found.verdict == "UNDECIDED":
            where = "".join(f" of {part}" for part in (found.workload, found.region) if part is not None)
            measured = (
                "" if found.estimate is None else f" {estimate(found.estimate, unit_of(found.metric)).line}"
            )
            yield (
                f"{found.slo} is undecided: {label_of(found.metric)}{where}{measured}, limit {limit_text(found)}: "
                f"{missing_text(found.estimate, found.futures)}"
            )


def _both_figures(found: SloVerdict) -> str:
    assert found.futures is not None
    return f"{found.slo}: {futures_text(found.futures, found.metric)}"


def _cells(found: SloVerdict, *, has_places: bool) -> list[Cell]:
    return [
        Words(label_of(found.metric), limit_text(found)),
        *([Words(found.workload or "all", found.region or "")] if has_places else []),
        Quantity(found.estimate, unit_of(found.metric)),
        VerdictMark(found.verdict),
    ]
