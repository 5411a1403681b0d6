"""A check as the comment of a pull request: what does not hold first, with the change against a baseline."""

from collections.abc import Iterable, Mapping, Sequence
from math import isclose

from simulator.metrics.dimensions import LABELS
from simulator.render.numbers import NOTHING, plural
from simulator.render.sections import Cell, Folded, Heading, Notes, Quantity, Section, Table, Words
from simulator.studies.check.report import CheckReport, PlacedCriterion, ScenarioCheck
from simulator.studies.check.view import COLUMNS, counts, row_of
from simulator.studies.footer import step_time_line

_SAME = 1e-12  # relative; equal seeds and equal inputs give equal bits
_Key = tuple[object, ...]
_Baseline = Mapping[_Key, PlacedCriterion]


def comment(report: CheckReport, baseline: CheckReport | None = None) -> list[Section]:
    """Sections of the comment.

    Parameters
    ----------
    baseline : of an earlier check of the same files: adds the change, and says so in a single line if there
        is none
    """
    before = None if baseline is None else dict(_keyed(baseline))
    if before is not None and _is_same(report, before):
        return [Notes([f"Nothing changed: {counts(report)}."], "text")]
    found: list[Section] = [Heading(f"Rollout check: {counts(report)}")]
    for one in report.scenarios:
        found += _of_scenario(one, before)
    if report.interrupted:
        found.append(Notes(["Interrupted: some stages are missing."], "text"))
    return found


def _of_scenario(one: ScenarioCheck, before: _Baseline | None) -> list[Section]:
    """What does not hold or changed; what passes as before is folded."""
    title = f"{one.scenario} ({one.file})"
    is_news = [
        found.verdict != "PASS" or (before is not None and not _is_known(found, before.get(_key(one, found))))
        for found in one.verdicts
    ]
    news = [found for found, shown in zip(one.verdicts, is_news, strict=True) if shown]
    rest = [found for found, shown in zip(one.verdicts, is_news, strict=True) if not shown]
    found: list[Section] = []
    if news:
        found.append(_table(one, news, before, title))
    if rest:
        same = " as before" if before is not None else ""
        summary = f"{plural(len(rest), 'threshold')} PASS{same}"
        found.append(Folded(summary if news else f"{title}: {summary}", [_table(one, rest, before)]))
    if one.findings:
        found.append(Notes(one.findings, "remark"))
    if one.aborted_by is not None:
        found.append(Notes([f"Stopped early by abort_on_fail of {one.aborted_by}."], "text"))
    return [*found, Notes([step_time_line(name, times) for name, times in one.profiles.items()], "footer")]


def _table(
    one: ScenarioCheck, verdicts: Sequence[PlacedCriterion], before: _Baseline | None, title: str = ""
) -> Table:
    if before is None:
        return Table(COLUMNS, [[row_of(found) for found in verdicts]], "threshold", title)
    rows = [row_of(found, _change(found, before.get(_key(one, found)))) for found in verdicts]
    return Table((*COLUMNS[:-1], "change", COLUMNS[-1]), [rows], "threshold", title)


def _change(found: PlacedCriterion, earlier: PlacedCriterion | None) -> Cell:
    """What became of the value and of the verdict since the baseline."""
    if earlier is None:
        return "new"
    was = "" if found.verdict == earlier.verdict else f"was {earlier.verdict}"
    if found.value is None or earlier.value is None:
        return was or NOTHING
    if isclose(found.value, earlier.value, rel_tol=_SAME):
        moved = "none"
    elif earlier.value == 0.0:
        moved = f"from {earlier.value:g}"
    else:
        moved = Quantity(found.value / earlier.value - 1.0, "share", signed=True).text.value
    return Words(moved, was and f"({was})")


def _keyed(report: CheckReport) -> Iterable[tuple[_Key, PlacedCriterion]]:
    return ((_key(one, found), found) for one in report.scenarios for found in one.verdicts)


def _key(one: ScenarioCheck, found: PlacedCriterion) -> _Key:
    labels = (getattr(found, label) for label in LABELS)
    return (one.scenario, found.criterion, found.threshold, *labels)


def _is_known(found: PlacedCriterion, earlier: PlacedCriterion | None) -> bool:
    """Whether the baseline says the same."""
    if earlier is None or earlier.verdict != found.verdict:
        return False
    if found.value is None or earlier.value is None:
        return found.value is earlier.value
    return isclose(found.value, earlier.value, rel_tol=_SAME)


def _is_same(report: CheckReport, before: _Baseline) -> bool:
    now = list(_keyed(report))
    return len(now) == len(before) and all(_is_known(found, before.get(key)) for key, found in now)
