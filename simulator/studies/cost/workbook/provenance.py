"""The sheet of provenance: scenario, seed, versions, prices with their day, and how the intervals were made."""

from collections.abc import Iterator

from simulator.formats.workbook.book import Book, Cell
from simulator.results.store.manifest import package_versions
from simulator.studies.cost.report import CostReport
from simulator.studies.cost.workbook.groups import FIRST_ROW


def provenance(book: Book, report: CostReport) -> None:
    """Scenario, seed, versions, prices with their day, and how the intervals were made."""
    sheet = book.sheet("Provenance", (34, 90))
    book.header(sheet, FIRST_ROW - 1, ("what", "value"), (0, 1))
    for number, (label, value) in enumerate(_provenance(report)):
        book.put(sheet, FIRST_ROW + number, 0, label)
        book.put(sheet, FIRST_ROW + number, 1, value)


def _provenance(report: CostReport) -> Iterator[tuple[str, Cell]]:
    yield "scenario", report.scenario
    yield "scenario hash (SHA-256)", report.scenario_hash
    yield "seed of the first replication", str(report.seed)
    yield "replications of every window", str(report.replications)
    yield "draws of uncertain inputs", str(report.draws)
    yield "capacity of the stages", report.capacity_from
    yield "engine", f"rollout-simulator {report.engine_version}"
    for name, version in package_versions().items():
        yield f"package {name}", version
    for name, price in report.prices.items():
        tokens = f"{price.input_usd_per_mtok:g} / {price.output_usd_per_mtok:g} USD per million input / output tokens"
        yield f"price of {name}", f"{tokens}, {price.source}, as of {price.as_of}"
    fx = report.fx
    if fx is not None:
        rates = ", ".join(f"1 {code} = {rate:g} USD" for code, rate in fx.usd.items())
        yield f"exchange rates of {fx.date}", rates
    yield "currency", report.currency
    yield "months", "calendar months; prices per month are for a whole one, prices per hour for its hours"
    yield (
        "intervals",
        f"{report.interval_level:.0%}, Student's t over replications with different seeds (jackknife for ratios)",
    )
    yield (
        "P10, P50, P90",
        "quasi-random draws (Sobol) of the ranges in `economics.uncertain`, common random numbers, nearest rank"
        if report.draws
        else "what the simulation leaves open; no input has a range",
    )
