"""A cliff for people: the answers in words, and the curve."""

from functools import partial
from math import isfinite

from simulator.render.numbers import NOTHING, quantity
from simulator.render.sections import (
    Cell,
    Figure,
    Notes,
    Quantity,
    Row,
    Section,
    Table,
    VerdictMark,
    table_of,
)
from simulator.studies.cliff.figures import cliff_figure
from simulator.studies.cliff.report import Bound, CliffReport
from simulator.studies.footer import footer
from simulator.theory.estimate import Estimate

_CURVE = ("arrivals", "good answers", "of arrivals")
_SHAPES = {
    "collapses": "goodput collapses: it falls to {kept} of its best",
    "saturates": "goodput saturates: it stays at {kept} of its best or more",
}


def sections(report: CliffReport) -> list[Section]:
    """Everything `rollout cliff` shows."""
    curve = [
        Row(
            f"{load.factor:.3g}",
            [
                Quantity(load.arrivals_rps, "rate"),
                Quantity(load.goodput_rps, "rate"),
                Quantity(load.good_share, "share"),
            ],
        )
        for load in report.curve
    ]
    return [
        _answers(report),
        table_of("", "times the peak", _CURVE, curve),
        figure(report),
        Notes([*_collapses(report), *report.overloads, *_backlogs(report)]),
        _footer(report),
    ]


def _collapses(report: CliffReport) -> list[str]:
    """Loads at which some runs collapsed and others did not, with both figures."""
    return [
        f"at {load.factor:.3g} times the peak {load.n_collapsed} of {report.n_runs} runs collapsed: late in them "
        f"{quantity(load.good_share_of_collapsed, 'share')} of what arrives is answered well, "
        f"{quantity(load.good_share_of_others, 'share')} in the others"
        for load in report.curve
        if load.good_share_of_collapsed is not None and load.good_share_of_others is not None
    ]


def _backlogs(report: CliffReport) -> list[str]:
    """Where work piles up beyond the cliff."""
    return [f"beyond the cliff: {found.message}" for found in report.backlogs]


def figure(report: CliffReport) -> Figure:
    """Goodput against arrivals."""
    alt = "Good answers per second against arrivals per second"
    return Figure("Good answers against arrivals", partial(cliff_figure, report), alt)


def _answers(report: CliffReport) -> Table:
    title = f"{report.scenario}  {report.stage or 'full exposure'}, peak {quantity(report.peak_rps, 'rate')}"
    rows = [Row(question, [answer]) for question, answer in _answered(report)]
    return table_of(title, "question", ("answer",), rows)


def _answered(report: CliffReport) -> list[tuple[str, Cell]]:
    verdict: tuple[str, Cell] = ("verdict", VerdictMark(report.verdict))
    if report.collapse is None:
        most = max(load.factor for load in report.curve)
        return [("cliff", f"none up to {most:g} times the peak"), verdict]
    bottleneck = report.bottleneck
    kept = quantity(report.goodput_kept, "share")
    return [
        ("cliff", _load(report.collapse)),
        ("headroom", _percent(report.headroom)),
        ("beyond the cliff", _SHAPES[report.shape].format(kept=kept)),
        ("bottleneck", NOTHING if bottleneck is None else f"{bottleneck.target} in {bottleneck.region}"),
        ("recovers below", _recovery(report.recovery)),
        verdict,
    ]


def _recovery(recovery: Bound | None) -> str:
    if recovery is None:
        return NOTHING
    return "no load, within 40 minutes" if recovery.factor.value == 0.0 else _load(recovery)


def _load(load: Bound) -> str:
    return f"{_range(load.factor)} times the peak, {_range(load.rps, '/s')}"


def _percent(found: Estimate | None) -> str:
    if found is None:
        return NOTHING
    return _range(Estimate(100.0 * found.value, 100.0 * found.low, 100.0 * found.high), " %", digits=".0f")


def _range(found: Estimate, unit: str = "", digits: str = ".3g") -> str:
    """A value, and between which bounds it surely is."""

    def text(value: float) -> str:
        return f"{value:{digits}}{unit}" if isfinite(value) else "?"

    if found.low == found.value == found.high:
        return text(found.value)
    return f"{text(found.value)} ({text(found.low)} to {text(found.high)})"


def _footer(report: CliffReport) -> Notes:
    return footer(
        report,
        f"seed {report.seed} · {report.n_runs} replications at every load, the same users",
        f"carried: at least {quantity(report.carried_from, 'share')} of the good share at a quarter of the peak; in "
        "brackets what is surely carried, and surely not",
        profiles=report.profiles,
    )
