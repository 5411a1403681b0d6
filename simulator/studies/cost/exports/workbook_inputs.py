"""Sheets of the workbook that other sheets reckon with: named assumptions, the ledger, and where it all comes from."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from simulator.results.store.manifest import package_versions
from simulator.studies.cost.exports.workbook_book import Book, Cell, Formula

FIRST_ROW = 3  # of every table, below title and note
GROUPS = {
    "input_tokens": "tokens",
    "cached_input_tokens": "tokens",
    "output_tokens": "tokens",
    "mirrored_tokens": "tokens",
    "gpu_hours": "gpus",
    "gpu_idle_hours": "gpus",
    "spot_gpu_hours": "gpus",
    "spot_gpu_idle_hours": "gpus",
    "human_hours": "people",
    "human_idle_hours": "people",
    "platform": "platform",
}
FACTORS = {
    "tokens": "token_price_factor",
    "gpus": "gpu_price_factor",
    "people": "people_cost_factor",
    "platform": "platform_factor",
}
_LEDGER = (
    ("month", "month", "text", 9),
    ("stage", "stage", "text", 14),
    ("workload", "workload", "text", 16),
    ("users' region", "region", "text", 14),
    ("tenant", "tenant", "text", 14),
    ("target", "target", "text", 16),
    ("target's region", "target_region", "text", 14),
    ("category", "category", "text", 22),
    ("group", "group", "text", 10),
    ("quantity (simulated)", "quantity", "count", 18),
    ("unit", "unit", "indented", 9),
    ("unit price", "price", "price", 14),
    ("cost", "cost", "cents", 16),
)


def assumptions(book: Book) -> None:
    """Everything that formulas reckon with, each cell with a name; simulated ones are marked."""
    sheet = book.sheet(
        "Assumptions",
        (44, 18, 26, 48),
        "Yellow: yours to change. Blue: simulated; change the scenario and run again.",
    )
    book.header(sheet, FIRST_ROW - 1, ("assumption", "value", "name in formulas", "where from"), (0, 2, 3))
    for number, (label, name, value, source, style) in enumerate(_assumptions(book)):
        row = FIRST_ROW + number
        book.put(sheet, row, 0, label)
        book.put(sheet, row, 1, value, style)
        book.put(sheet, row, 2, name, "indented")
        book.put(sheet, row, 3, source)
        book.name(name, "Assumptions", row, 1, value)


def ledger_sheet(book: Book, ledger: pd.DataFrame) -> None:
    """Every line of the forecast; each cost is a formula on its quantity and price."""
    sheet = book.sheet(
        "Ledger",
        [width for *_, width in _LEDGER],
        "One line per month, stage, workload, region, tenant, target and category.",
    )
    texts = [column for column, (_, _, style, _) in enumerate(_LEDGER) if style in ("text", "indented")]
    book.header(sheet, FIRST_ROW - 1, [title for title, *_ in _LEDGER], texts)
    columns = {key: place for place, (_, key, _, _) in enumerate(_LEDGER)}
    for number, line in enumerate(ledger_rows(ledger)):
        row = FIRST_ROW + number
        for key, column in columns.items():
            style = _LEDGER[column][2]
            if key == "cost":
                quantity = xl_rowcol_to_cell(row, columns["quantity"])
                price = xl_rowcol_to_cell(row, columns["price"])
                book.put(sheet, row, column, Formula(f"={quantity}*{price}", line["cost"]), style)
            else:
                is_fraction = key == "quantity" and line["unit"] not in ("token", "call", "action")
                book.put(sheet, row, column, line[key], "fraction" if is_fraction else style)
    last = FIRST_ROW + max(len(ledger) - 1, 0)
    for key in ("month", "category", "group", "cost"):
        book.name_column(f"ledger_{key}", "Ledger", FIRST_ROW, last, columns[key])
    sheet.freeze_panes(FIRST_ROW, 0)
    sheet.repeat_rows(FIRST_ROW - 1)
    sheet.autofilter(FIRST_ROW - 1, 0, last, len(_LEDGER) - 1)


def ledger_rows(ledger: pd.DataFrame) -> Iterator[Mapping[str, Any]]:
    """Lines of the ledger as the sheet has them."""
    for line in ledger.to_dict("records"):
        yield {
            **{str(key): value for key, value in line.items()},
            "group": GROUPS.get(str(line["category"]), "other"),
            "price": line["unit_price_usd"],
            "cost": line["quantity"] * line["unit_price_usd"],
        }


def provenance(book: Book) -> None:
    """Scenario, seed, versions, prices with their day, and how the intervals were made."""
    sheet = book.sheet("Provenance", (34, 90))
    book.header(sheet, FIRST_ROW - 1, ("what", "value"), (0, 1))
    for number, (label, value) in enumerate(_provenance(book)):
        book.put(sheet, FIRST_ROW + number, 0, label)
        book.put(sheet, FIRST_ROW + number, 1, value)


def _assumptions(book: Book) -> Iterator[tuple[str, str, float, str, str]]:
    """Label, name, value, source and style."""
    document, case = book.document, book.document["case"]
    yield (
        "Factor on token prices",
        "token_price_factor",
        1.0,
        "what if prices change (promised spend stays)",
        "input",
    )
    yield "Factor on GPU prices", "gpu_price_factor", 1.0, "what if GPUs cost more, or less", "input"
    yield "Factor on the cost of people", "people_cost_factor", 1.0, "what if wages change", "input"
    yield "Factor on the platform", "platform_factor", 1.0, "what if it costs more", "input"
    if document["budget"] is not None:
        yield "Budget per month", "budget_per_month", document["budget"], "economics.budget", "input money"
    if case is not None:
        stated = "economics.baseline"
        yield (
            "Baseline, cost per action",
            "baseline_cost_per_action",
            case["baseline_per_action"],
            stated,
            "input money",
        )
        yield (
            "Baseline, success rate",
            "baseline_success_rate",
            case["baseline_success_rate"],
            stated,
            "input share",
        )
        if case["value_per_success"] is not None:
            source = "economics.value_per_success"
            yield "Value of a success", "value_per_success", case["value_per_success"], source, "input money"
        yield "Investment", "investment", case["investment"], "economics.investment", "input money"
        for key, label in (("actions", "Actions of the baseline"), ("successes", "Successes of these")):
            total = sum(month[key] for month in case["months"])
            yield label, f"baseline_{key}", total, "simulated, all months", "simulated"
    for key, label in (
        ("actions", "Actions"),
        ("successes", "Successful actions"),
        ("requests", "Requests (turns)"),
    ):
        yield label, key, document[key], "simulated, all months", "simulated"


def _provenance(book: Book) -> Iterator[tuple[str, Cell]]:
    document = book.document
    yield "scenario", document["scenario"]
    yield "scenario hash (SHA-256)", document["scenario_hash"]
    yield "seed of the first replication", str(document["seed"])
    yield "replications of every window", str(document["replications"])
    yield "draws of uncertain inputs", str(document["draws"])
    yield "capacity of the stages", document["capacity_from"]
    yield "engine", f"rollout-simulator {document['engine_version']}"
    for name, version in package_versions().items():
        yield f"package {name}", version
    for name, price in document["prices"].items():
        tokens = f"{price['input_usd_per_mtok']:g} / {price['output_usd_per_mtok']:g} USD per million input / output tokens"
        yield f"price of {name}", f"{tokens}, {price['source']}, as of {price['as_of']}"
    fx = document["fx"]
    if fx is not None:
        rates = ", ".join(f"1 {code} = {rate:g} USD" for code, rate in fx["usd"].items())
        yield f"exchange rates of {fx['date']}", rates
    yield "currency", document["currency"]
    yield "months", "calendar months; prices per month are for a whole one, prices per hour for its hours"
    yield (
        "intervals",
        f"{document['interval_level']:.0%}, Student's t over replications with different seeds (jackknife for ratios)",
    )
    yield (
        "P10, P50, P90",
        "quasi-random draws (Sobol) of the ranges in `economics.uncertain`, common random numbers, nearest rank"
        if document["draws"]
        else "what the simulation leaves open; no input has a range",
    )
