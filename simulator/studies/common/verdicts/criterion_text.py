"""How a criterion reads: what it is about, its limit, what was measured; names and units are the metric's own."""

from simulator.metrics.dimensions import OF_ACTIONS, TARGET
from simulator.metrics.registry import label_of
from simulator.render.numbers import estimate, quantity, unit_of
from simulator.render.sections import Words
from simulator.studies.common.two_futures import Futures, futures_text
from simulator.studies.common.verdicts.criterion_record import JudgedCriterion, MeasureRecord

EVERYWHERE = "all"
FULL_EXPOSURE = "full exposure"
NOT_OBSERVED = "nothing observed"


def measure_text(of: MeasureRecord) -> str:
    """The measure in words, e.g. `p95 first token`."""
    return label_of(of.metric if of.statistic is None else f"{of.statistic} {of.metric}")


def part_text(of: MeasureRecord) -> str:
    """The part of the run that is looked at, e.g. `answer-ticket, eu-west`; `all`: everything."""
    named = (getattr(of, one.name) for one in (TARGET, *OF_ACTIONS))
    return ", ".join(name for name in named if name is not None) or EVERYWHERE


def subject_text(of: MeasureRecord) -> str:
    """The measure with its part of the run, e.g. `p95 first token of eu-west`."""
    part = part_text(of)
    return measure_text(of) if part == EVERYWHERE else f"{measure_text(of)} of {part}"


def stage_text(stage: str | None) -> str:
    """A stage in words."""
    return stage or FULL_EXPOSURE


def where_cell(of: MeasureRecord) -> Words:
    """Stage and part of the run as a cell of a table."""
    part = part_text(of)
    return Words(stage_text(of.stage), "" if part == EVERYWHERE else f"({part})")


def limit_text(of: JudgedCriterion, limit: float | None = None) -> str:
    """The limit with its operator, e.g. `< 8 s`.

    Parameters
    ----------
    limit : another one in its place
    """
    return f"{of.op} {quantity(of.limit if limit is None else limit, unit_of(of.metric))}"


def found_text(of: JudgedCriterion) -> str:
    """What was measured, with its interval."""
    return NOT_OBSERVED if of.estimate is None else estimate(of.estimate, unit_of(of.metric)).line


def both_figures(futures: Futures, of: MeasureRecord) -> str:
    """The measure in the runs that collapsed and in the others."""
    return futures_text(futures, of.metric if of.statistic is None else f"{of.statistic} {of.metric}")


def sentence(of: JudgedCriterion) -> str:
    """One line that says it all, for annotations and test reports."""
    at = "" if of.stage is None else f" at stage {of.stage}"
    return (
        f"{subject_text(of)}{at} is {found_text(of)}, limit {limit_text(of)} "
        f"({of.n_replications} replications)"
    )
