"""Costs on the terminal: what an action costs, month by month, from what it is made, and whether it is worth it.

Made from the document of `rollout cost --json`, so that both always say the same.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from simulator.render.footer import footer
from simulator.render.numbers import NOTHING, Unit, quantity
from simulator.render.terminal_tables import Document, printable, spaced, table, words
from simulator.render.verdict_marks import marked
from simulator.studies.cost.money import Amounts

_UNITS = (
    ("per request", "per_request"),
    ("per action", "per_action"),
    ("per success", "per_successful_action"),
    ("in all", "total"),
)
_MOST_ROWS = 60  # of the view that was asked for


def cost_report(document: Document, _width: int) -> Group:
    """Everything `rollout cost` prints."""
    amount = Amounts(document["currency"])
    parts: list[RenderableType] = [
        _headline(document),
        _unit_costs(document, amount),
        _months(document, amount),
        _stages(document, amount),
        _waterfall(document, amount),
        _view(document, amount),
    ]
    if document["case"] is not None:
        parts.append(_case(document, amount))
    if document["levers"] is not None:
        parts.append(_levers(document, amount))
    if document["bill"] is not None:
        parts.append(_bill(document, amount))
    if document["sensitivity"]:
        parts.append(_sensitivity(document, amount))
    parts.append(words("\n".join(_remarks(document)), style="dim"))
    return spaced([*parts, footer(document)])


def _headline(document: Document) -> Text:
    line = Text.assemble(words(document["scenario"], "bold"), f"  costs in {document['currency']}")
    line.append(f" · capacity: {printable(document['capacity_from'])}")
    if document["interrupted"]:
        line.append("  interrupted: without the ranges of the inputs", style="yellow")
    return line


def _unit_costs(document: Document, amount: Amounts) -> RenderableType:
    made = table("cost", "expected", "P10", "P50", "P90", right=range(1, 5), no_wrap=range(5))
    for label, key in _UNITS:
        found = document[key]
        if found is not None:
            made.add_row(label, amount.estimate(found), *amount.band(found))
    return made


def _months(document: Document, amount: Amounts) -> RenderableType:
    has_budget = document["budget"] is not None
    headers = [
        "month",
        "stages",
        "actions",
        "cost",
        "P90",
        "per\nsuccess",
    ]  # narrow: leaves room for names of stages
    numbers = range(2, 7)
    made = table(*headers, *(["over\nbudget"] if has_budget else []), right=numbers, no_wrap=(0, *numbers))
    for month in document["months"]:
        cost, success = month["cost"], month["per_successful_action"]
        row: list[str | Text] = [
            month["month"],
            words(", ".join(month["stages"])),
            quantity(round(month["actions"]), "count"),
            amount(cost["value"]),
            amount(cost["p90"]),
            amount(None if success is None else success["value"]),
        ]
        made.add_row(*row, *([_over(document, month)] if has_budget else []))
    return made


def _stages(document: Document, amount: Amounts) -> RenderableType:
    made = table(
        "stage", "actions", "cost", "per success", "P10", "P90", right=range(1, 6), no_wrap=range(1, 6)
    )
    for stage in document["stages"]:
        success = stage["per_successful_action"]
        low, _, high = amount.band(success)
        expected = NOTHING if success is None else amount.estimate(success)
        actions = quantity(round(stage["actions"]), "count")
        made.add_row(words(stage["stage"]), actions, amount(stage["cost"]["value"]), expected, low, high)
    return made


def _over(document: Document, month: Document) -> str | Text:
    """Chance to exceed the budget; without ranges, whether the expected cost does."""
    found = month["over_budget"]
    if found is not None:
        return quantity(found["value"], "share")
    return marked("FAIL") if month["cost"]["value"] > document["budget"] else marked("PASS")


def _waterfall(document: Document, amount: Amounts) -> RenderableType:
    made = table(
        "from the happy path to the full cost", "per action", "running total", "in all", right=range(1, 4)
    )
    running = 0.0
    for row in document["waterfall"]:
        running += row["per_action"] or 0.0
        made.add_row(row["part"], amount(row["per_action"]), amount(running), amount(row["cost"] or None))
    return made


def _view(document: Document, amount: Amounts) -> RenderableType:
    by, rows = document["view"]["by"], document["view"]["rows"]
    total = sum(row["cost"] for row in rows)
    made = table(*by, "cost", "share", "unused", right=range(len(by), len(by) + 3))
    shown = rows if len(rows) <= _MOST_ROWS else rows[:_MOST_ROWS]
    for row in shown:
        share = row["cost"] / total if total else 0.0
        made.add_row(
            *(words(_named(name, str(row[name])) or NOTHING) for name in by),
            amount(row["cost"]),
            quantity(share, "share"),
            amount(row["wasted"] or None),
        )
    made.add_section()
    made.add_row("all", *[""] * (len(by) - 1), amount(total), "", "")
    if len(shown) == len(rows):
        return made
    more = f"… {len(rows) - len(shown)} more rows, which count in all: see --json"
    return Group(made, words(more, style="dim"))


def _named(column: str, value: str) -> str:
    """A value of the view; categories in words, as elsewhere, which also break where words do."""
    return value.replace("_", " ") if column == "category" else value


def _case(document: Document, amount: Amounts) -> RenderableType:
    case: Any = document["case"]
    made = table("against the baseline", "", right=(1,))
    horizon = f"{case['horizon_months']} months, {quantity(case['discount_rate'], 'share')} per year"
    rows: Sequence[tuple[str, str]] = (
        ("baseline, per action", amount(case["baseline_per_action"])),
        ("rollout, per action", amount((document["per_action"] or {}).get("value"))),
        ("saving in all", amount(case["saving"])),
        ("saving per action", amount(case["saving_per_action"])),
        ("saving per month after the stages", amount(case["later_saving_per_month"])),
        ("break-even volume per month", quantity(case["break_even_actions_per_month"], "count")),
        ("break-even success rate", break_even_rate(case["break_even_success_rate"])),
        ("success rate", within_one(case["success_rate"])),
        ("payback", case["payback_month"] or f"not within {case['horizon_months']} months"),
        (f"net present value ({horizon})", amount(case["npv"])),
        ("actions right without people", quantity(round(case["deflected_actions"]), "count")),
    )
    for label, text in rows:
        made.add_row(label, text)
    if case["freed_person_hours"] is not None:
        made.add_row("person-hours freed", quantity(round(case["freed_person_hours"]), "count"))
    return made


def _levers(document: Document, amount: Amounts) -> RenderableType:
    levers: Any = document["levers"]
    headers = ("saved per month", "per point", "p95 latency", "success")
    made = table(f"lever, at {levers['stage']}", *headers, right=range(1, 5), no_wrap=range(1, 5))
    for row in levers["rows"]:
        has_points = row["points"] is not None
        latency, success = row["p95_latency_s"], row["success_rate"]
        made.add_row(
            words(row["lever"]),
            amount.estimate(row["saving"]),
            amount(row["saving_per_point"]) if has_points else NOTHING,
            _changed(latency, "time"),
            _changed(success, "share"),
        )
    return made


def _changed(difference: Document | None, unit: Unit) -> str:
    """A difference with its sign; nothing where its interval holds zero."""
    if difference is None or difference["low"] is None:
        return NOTHING
    if difference["low"] <= 0.0 <= difference["high"]:
        return "no change"
    value = difference["value"]
    return f"{'-' if value < 0.0 else '+'}{quantity(abs(value), unit)}"


def _bill(document: Document, amount: Amounts) -> RenderableType:
    bill: Any = document["bill"]
    made = table("hosted models", "billed", "forecast", "error", right=(1, 2, 3), no_wrap=range(4))
    rows = [*bill["months"], {"month": "all of these", **bill}]
    for number, row in enumerate(rows):
        if number == len(bill["months"]):
            made.add_section()
        made.add_row(row["month"], amount(row["actual"]), amount(row["forecast"]), signed_share(row["error"]))
    mean = bill["mean_absolute_error"]
    made.add_row("mean error of a month", "", "", NOTHING if mean is None else f"±{quantity(mean, 'share')}")
    return made


def signed_share(value: float | None) -> str:
    """A share with its sign."""
    if value is None:
        return NOTHING
    return f"{'-' if value < 0.0 else '+'}{quantity(abs(value), 'share')}"


def within_one(value: float | None) -> str:
    """A share; `none` where no share would do."""
    if value is None or value > 1.0:
        return "none"
    return quantity(value, "share")


def break_even_rate(value: float | None) -> str:
    """The success rate from which the rollout saves; in words where every rate does."""
    return "at any" if value == 0.0 else within_one(value)


def _sensitivity(document: Document, amount: Amounts) -> RenderableType:
    made = table("input alone", "P10", "P90", "cost at P10", "cost at P90", "explains", right=range(1, 6))
    for row in document["sensitivity"]:
        explains = row["first_order"]
        made.add_row(
            row["input"].replace("_", " "),
            f"× {row['low_factor']:.3g}",
            f"× {row['high_factor']:.3g}",
            amount(row["low"]),
            amount(row["high"]),
            NOTHING if explains is None else quantity(max(explains, 0.0), "share"),
        )
    return made


def _remarks(document: Document) -> Iterator[str]:
    if document["files"]:
        yield f"written: {', '.join(document['files'])}"
    bill = document["bill"]
    if bill is not None and bill["other_months"]:
        yield f"billed, and not forecast: {', '.join(bill['other_months'])}"
    for month in [] if bill is None else bill["months"]:
        if month["is_partial"]:
            billed, forecast = (f"{month[key]:.3g} days" for key in ("actual_days", "forecast_days"))
            yield f"{month['month']} is billed for {billed} and forecast for {forecast}: its error says nothing yet"
    if document["draws"]:
        yield f"P10, P50, P90: {document['draws']} draws of the uncertain inputs, each with the same users"
        from simulator.studies.sweep.sensitivity import MIN_POINTS  # slow, and there once something was drawn

        if document["draws"] < MIN_POINTS:
            yield f"what share of the variance an input explains is told from {MIN_POINTS} draws on (--draws {MIN_POINTS})"
    else:
        yield "P10, P50, P90: only what the simulation leaves open; give `economics.uncertain` ranges for more"
    if document["fx"] is not None and document["currency"] != "USD":
        rate = document["fx"]["usd"][document["currency"]]
        yield f"1 {document['currency']} = {rate:g} USD on {document['fx']['date']}"
