"""A cliff on the terminal: the answers in words, and the curve; made from the document."""

from rich.console import Group, RenderableType

from simulator.render.numbers import NOTHING, EstimateText, estimate, quantity
from simulator.render.step_times import step_time_lines
from simulator.render.terminal_tables import Document, Row, grids, notes, printable, spaced, table, words
from simulator.render.verdict_marks import marked

_CURVE = ("times the peak", "arrivals", "good answers", "of arrivals")
_SHAPES = {
    "collapses": "goodput collapses: beyond the cliff it falls to {kept} of its best",
    "saturates": "goodput saturates: beyond the cliff it stays at {kept} of its best or more",
}


def cliff_report(document: Document, width: int) -> Group:
    """Everything `rollout cliff` prints."""
    where = document["stage"] or "full exposure"
    title = f"{document['scenario']}  {where}, peak {quantity(document['peak_rps'], 'rate')}"
    rows = [
        Row(
            f"{load['factor']:.3g}",
            [
                EstimateText(quantity(load["arrivals_rps"], "rate"), ""),
                estimate(load["goodput_rps"], "rate"),
                estimate(load["good_share"], "share"),
            ],
        )
        for load in document["curve"]
    ]
    parts: list[RenderableType] = [
        _answers(document, title),
        *grids(_CURVE[1:], [rows], width, _CURVE[0]),
    ]
    if document["overloads"]:
        parts.append(notes([printable(text) for text in document["overloads"]]))
    parts.append(words(_footer(document), "dim"))
    return spaced(parts)


def _answers(document: Document, title: str) -> RenderableType:
    made = table("question", "answer", title=title)
    collapse, recovery, bottleneck = document["collapse"], document["recovery"], document["bottleneck"]
    if collapse is None:
        most = max(load["factor"] for load in document["curve"])
        made.add_row("cliff", f"none up to {most:g} times the peak")
    else:
        made.add_row("cliff", _load(collapse))
        made.add_row("headroom", _range(document["headroom"], percent=True))
        made.add_row(
            "beyond it", _SHAPES[document["shape"]].format(kept=quantity(document["goodput_kept"], "share"))
        )
        held = NOTHING if bottleneck is None else f"{bottleneck['target']} in {bottleneck['region']}"
        made.add_row("bottleneck", words(held))
        made.add_row("recovers below", _recovery(recovery))
    made.add_row("verdict", marked(document["verdict"]))
    return made


def _recovery(recovery: Document | None) -> str:
    if recovery is None:
        return NOTHING
    return "no load, within forty minutes" if recovery["factor"]["value"] == 0.0 else _load(recovery)


def _load(load: Document) -> str:
    return f"{_range(load['factor'])} times the peak, {_range(load['rps'], ' /s')}"


def _range(found: Document, unit: str = "", *, percent: bool = False) -> str:
    """A value, and between which bounds it surely is."""

    def text(value: float | None) -> str:
        if value is None:
            return "?"
        return f"{100 * value:.0f} %" if percent else f"{value:.3g}{unit}"

    if found["low"] == found["value"] == found["high"]:
        return text(found["value"])
    return f"{text(found['value'])} ({text(found['low'])} to {text(found['high'])})"


def _footer(document: Document) -> str:
    lines = [
        f"seed {document['seed']} · {document['replications']} replications at every load, the same users",
        (
            f"carried: at least {document['carried_from']:.0%} of the good share at a quarter of the peak; in brackets what "
            "is surely carried, and surely not"
        ),
        *step_time_lines(document),
        (
            f"simulated in {document['wall_s']:.1f} s · engine {document['engine_version']} · "
            f"scenario {document['scenario_hash'][:12]}"
        ),
    ]
    return "\n".join(lines)
