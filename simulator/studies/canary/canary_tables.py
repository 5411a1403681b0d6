"""A rehearsed canary on the terminal; made from its document."""

from rich.console import Group, RenderableType
from rich.text import Text

from simulator.render.numbers import EstimateText, estimate, quantity
from simulator.render.terminal_tables import Document, Row, grids, notes, printable, spaced, words

_HEADERS = ("passes", "is stopped", "inconclusive", "ends after", "get it", "hurt")
_WITH_EVALUATION = ("test set stops", *_HEADERS[:3], "reaches all", *_HEADERS[3:])
_MIRROR_HEADERS = ("copied", "copies cost")
_FALL_HEADERS = ("stopped", "questions needed")
_SIGHT_HEADERS = ("at weight", "needs", "is given", "seen")


def canary_report(document: Document, width: int) -> Group:
    """Everything `rollout canary` prints."""
    where = "full exposure" if document["stage"] is None else document["stage"]
    title = (
        f"{document['scenario']}: canary of {document['release']}, {where}, "
        f"{quantity(document['arrivals_rps'], 'rate')}, {quantity(document['span_s'], 'time')} when nothing stops it"
    )
    rows = [Row(printable(case["name"]), _cells(case)) for case in document["cases"]]
    headers = list(_HEADERS if document["evaluation"] is None else _WITH_EVALUATION)
    if any(case["mirrored"] is not None for case in document["cases"]):
        headers += _MIRROR_HEADERS
    parts: list[RenderableType] = [*grids(headers, [rows], width, "release", printable(title))]
    parts += _evaluation(document, width)
    sight = document["sight"]
    rows = [Row(printable(change["what"]), _sight_cells(change)) for change in sight["changes"]]
    if rows:
        title = (
            f"how long it takes to see a change ({quantity(sight['alpha'], 'share')} false alarms, "
            f"{quantity(sight['power'], 'share')} power, one look)"
        )
        parts += grids(_SIGHT_HEADERS, [rows], width, "change", title)
    parts += _remarks(document)
    parts.append(words(_footer(document), "dim"))
    return spaced(parts)


def _cells(case: Document) -> list[EstimateText | Text]:
    before, reaches, copied = [], [], []
    if case["mirrored"] is not None:
        copied = [estimate(case["mirrored"]["actions"], "count"), estimate(case["mirrored"]["cost"], "money")]
    if case["evaluation_stops"] is not None:
        before = [EstimateText(quantity(case["evaluation_stops"], "share"), "")]
        reaches = [estimate(case["reaches_all"], "share")]
    return [
        *before,
        estimate(case["passed"], "share"),
        estimate(case["stopped"], "share"),
        estimate(case["inconclusive"], "share"),
        *reaches,
        estimate(case["ended_s"], "time"),
        estimate(case["exposed"], "count"),
        estimate(case["hurt"], "count"),
        *copied,
    ]


def _evaluation(document: Document, width: int) -> list[RenderableType]:
    """What the test set sees; nothing without one."""
    evaluation = document["evaluation"]
    if evaluation is None:
        return []
    title = (
        f"test set of {quantity(evaluation['questions'], 'count')} questions "
        f"({quantity(evaluation['alpha'], 'share')} false alarms at most; questions needed for "
        f"{quantity(evaluation['power'], 'share')} power)"
    )
    rows = [
        Row(
            f"success −{quantity(100.0 * one['fall'], 'number')} points",
            [
                EstimateText(quantity(one["stopped"], "share"), ""),
                EstimateText(quantity(one["questions_needed"], "count"), ""),
            ],
        )
        for one in evaluation["falls"]
    ]
    return [*grids(_FALL_HEADERS, [rows], width, "change", title)] if rows else []


def _sight_cells(change: Document) -> list[EstimateText | Text]:
    return [
        EstimateText(_at(change), ""),
        EstimateText(quantity(change["needed_s"], "time"), ""),
        EstimateText(quantity(change["given_s"], "time"), ""),
        Text("yes", "green") if change["seen"] else Text("no", "red"),
    ]


def _at(change: Document) -> str:
    """The weight, and the share of the actions that is copied beside it."""
    weight = quantity(change["weight"], "share")
    return (
        f"{weight} + {quantity(change['mirrored'], 'share')} copied" if change["mirrored"] > 0.0 else weight
    )


def _remarks(document: Document) -> list[Text]:
    """What is wrong with the rules: false alarms of repeated looks, bad releases that pass, good ones that do not."""
    found = []
    for looks in document["looks"]:
        rate = looks["false_alarm_rate"]
        if rate > 1.2 * looks["alpha"]:
            alpha = quantity(looks["alpha"], "share")
            found.append(
                f"{printable(looks['analysis'])} looks {looks['looks']} times at {alpha} each: it stops "
                f"{quantity(rate, 'share')} of releases that are just as good; `correction: obrien-fleming` "
                f"keeps {alpha} over all looks"
            )
    for case in document["cases"]:
        if case["is_good"] is False and case["passed"]["value"] > 0.5:
            found.append(
                f"{printable(case['name'])} passes {quantity(case['passed']['value'], 'share')} of the time"
            )
        if case["is_good"] is True and case["passed"]["value"] < 0.9:
            passed = quantity(case["passed"]["value"], "share")
            found.append(f"a release that changes nothing passes only {passed} of the time")
    return [notes(found)] if found else []


def _footer(document: Document) -> str:
    rehearsals = document["cases"][0]["rehearsals"] if document["cases"] else 0
    return (
        f"seed {document['seed']} · {rehearsals} rehearsals of each, on the same users with the same luck · "
        f"{quantity(document['interval_level'], 'share')} intervals · hurt: actions without a right answer, "
        f"more than without the release · simulated in {quantity(document['wall_s'], 'time')}"
    )
