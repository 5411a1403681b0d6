"""Drills on the terminal: what users felt, whether it ended, and what would help; made from the document."""

from collections.abc import Sequence
from math import ceil

from rich.console import Group, RenderableType
from rich.text import Text

from simulator.render.numbers import NOTHING, EstimateText, Unit, estimate, quantity
from simulator.render.step_times import step_time_lines
from simulator.render.terminal_tables import Document, Row, grids, notes, printable, spaced, words
from simulator.render.verdict_marks import marked
from simulator.studies.alerts.alert_tables import alert_remarks, alert_tables

_FELT = ("lasts", "errors", "p95 latency", "out of SLO", "actions hurt", "wrong answers", "extra cost")
_AFTER = ("recovers after", "late goodput", "metastable", "budget burnt", "helps most", "verdict")
_BARS = "▁▂▃▄▅▆▇█"
_WIDEST_CHART = 60


def drill_report(document: Document, width: int) -> Group:
    """Everything `rollout drill` prints."""
    drills = document["drills"]
    where = document["stage"] or "full exposure"
    title = f"{document['scenario']}  {where}, incidents at the peak"
    names = [printable(drill["name"]) for drill in drills]
    felt = [Row(name, _felt(drill)) for name, drill in zip(names, drills, strict=True)]
    after = [Row(name, _after(drill)) for name, drill in zip(names, drills, strict=True)]
    parts: list[RenderableType] = [
        *grids(_FELT, [felt], width, "felt", title),
        *grids(_AFTER, [after], width, "afterwards"),
        *alert_tables(document, width),
        _charts(drills, width),
        *_remarks(document),
        words(_footer(document), "dim"),
    ]
    return spaced(parts)


def _felt(drill: Document) -> list[EstimateText | Text]:
    lasts = quantity(drill["duration_s"], "time") if drill["duration_s"] > 0.0 else "at once"
    return [
        EstimateText(lasts, ""),
        _change(drill["error_rate"], "share"),
        _change(drill["latency_p95_s"], "time"),
        _minutes(drill["minutes_out_of_slo"]),
        _more(drill["actions_hurt"], "count"),
        _more(drill["wrong_answers"], "count"),
        _more(drill["cost"], "money"),
    ]


def _after(drill: Document) -> list[EstimateText | Text]:
    burnt = max(drill["error_budget"], key=lambda budget: budget["burnt"]["value"] or 0.0)
    return [
        _recovery(drill),
        estimate(drill["late_goodput"], "share"),
        Text(drill["metastable"], style="bold red" if drill["metastable"] == "yes" else ""),
        _signed(burnt["burnt"], "share"),
        _help(drill),
        marked(drill["verdict"]),
    ]


def _change(pair: Document | None, unit: Unit) -> EstimateText:
    """Without → with."""
    if pair is None:
        return EstimateText(NOTHING, "")
    return EstimateText(f"{quantity(pair['without'], unit)} → {quantity(pair['with'], unit)}", "")


def _more(pair: Document, unit: Unit) -> EstimateText:
    return _signed(pair["difference"], unit)


def _minutes(found: Document) -> EstimateText:
    if found["value"] == 0.0:
        return EstimateText("none", "")
    return estimate({key: None if value is None else 60.0 * value for key, value in found.items()}, "time")


def _signed(difference: Document, unit: Unit) -> EstimateText:
    """A difference with its sign and interval; `none` where nothing moved."""
    value, low, high = difference["value"], difference["low"], difference["high"]
    if value is None or (value == 0.0 and low == high):
        return EstimateText(NOTHING if value is None else "none", "")
    if value < 0.0:
        found = estimate(
            {"value": -value, "low": None if high is None else -high, "high": None if low is None else -low},
            unit,
        )
    else:
        found = estimate(difference, unit)
    is_zero = not any(digit in found.value for digit in "123456789")
    return EstimateText(("" if is_zero else "+" if value > 0 else "−") + found.value, found.interval)


def _recovery(drill: Document) -> EstimateText:
    watched = quantity(drill["watched_s"], "time")
    if drill["recovery_s"] is None:
        return EstimateText(f"not in {watched}", "")
    if drill["recovery_s"]["value"] == 0.0 and drill["recovered_share"] == 1.0:
        return EstimateText("at once", "")
    found = estimate(drill["recovery_s"], "time")
    if drill["recovered_share"] < 1.0:
        return EstimateText(found.value, f"in {drill['recovered_share']:.0%} of runs")
    return found


def _help(drill: Document) -> Text:
    """The change that is shown to help most."""
    if drill["best_cure"] is not None:
        best = next(cure for cure in drill["cures"] if cure["name"] == drill["best_cure"])
        gain = _signed(best["gain_rps"]["difference"], "rate")
        return words(f"{best['name']}, {gain.value} good")
    if drill["cures"]:
        return Text("nothing that was tried", "dim")
    hurts = (drill["actions_hurt"]["difference"]["low"] or 0.0) > 0.0
    return Text("not tried" if hurts else "not needed", "dim")


def _charts(drills: Sequence[Document], width: int) -> Group:
    """Goodput over time as a share of that without the incident, a bar per bucket or few."""
    lines = [
        words("goodput, as a share of that without the incident: ▁ none, █ all; | begin and end", "bold")
    ]
    label = max((len(drill["name"]) for drill in drills), default=0)
    for drill in drills:
        bars = _bars(drill, max(10, min(_WIDEST_CHART, width - label - 2)))
        lines.append(words(f"{printable(drill['name']):<{label}}  {bars}"))
    return Group(*lines)


def _bars(drill: Document, n_bars: int) -> str:
    series = drill["series"]
    good, without = series["goodput_rps"], series["goodput_without_rps"]
    per_bar = ceil(len(good) / n_bars)
    begin, end = (
        int(time_s / series["bucket_s"]) // per_bar
        for time_s in (drill["begins_s"], drill["begins_s"] + drill["duration_s"])
    )
    text = ""
    for number, start in enumerate(range(0, len(good), per_bar)):
        ours, theirs = sum(good[start : start + per_bar]), sum(without[start : start + per_bar])
        share = min(1.0, ours / theirs) if theirs > 0.0 else 1.0
        mark = "|" if number in (begin, end) and number > 0 else ""
        text += mark + _BARS[round(share * (len(_BARS) - 1))]
    return text


def _remarks(document: Document) -> list[Text]:
    """Objectives that the peak misses anyway, what the rule of residency cost, and what no alert sees."""
    drills = document["drills"]
    found = alert_remarks(document)
    missed = dict.fromkeys(slo for drill in drills for slo in drill["missed_without"])
    if missed:
        found.append(
            f"missed at this peak without any incident: {', '.join(missed)}; harm to it counts where it is worse by a "
            "whole allowance, so find the capacity first (rollout plan)"
        )
    for drill in drills:
        blocked = drill["residency_blocked"]
        if blocked is not None and blocked["difference"]["value"] > 0.0:
            more = _signed(blocked["difference"], "count").line
            found.append(
                f"{drill['name']}: residency was kept; {more} times nothing was left where data may go"
            )
    return [notes([printable(text) for text in found])] if found else []


def _footer(document: Document) -> str:
    lines = [
        (
            f"seed {document['seed']} · {document['pairs']} pairs of replications, with and without on the same users · "
            "95 % intervals"
        ),
        (
            "budget burnt: of the worst objective's error budget of 28 days · "
            f"metastable: less than {document['collapsed_below']:.0%} of the goodput long after the end"
        ),
        *step_time_lines(document),
        (
            f"simulated in {document['wall_s']:.1f} s · engine {document['engine_version']} · "
            f"scenario {document['scenario_hash'][:12]}"
        ),
    ]
    return "\n".join(lines)
