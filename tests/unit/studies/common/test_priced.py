"""What a report says of its traces and prices, in JSON and in words."""

from datetime import date
from pathlib import Path

from simulator.economics.price_book import price_book
from simulator.studies.common.priced import PricedReport, TokenPriceSource, TraceSource, basis_line, priced
from tests.unit.studies.money import answers


class _Report(PricedReport):
    """A report with nothing but its heading."""


def test_the_heading_is_read_back_as_it_was() -> None:
    scenario = answers()
    report = _Report(**priced(scenario, price_book(scenario), Path()))
    assert report.prices["large"].as_of == date(2027, 1, 18)
    assert _Report.model_validate_json(report.to_json()) == report


def test_lines_name_each_trace_and_price_list_once() -> None:
    scenario = answers()
    price = TokenPriceSource(
        input_usd_per_mtok=1.0,
        output_usd_per_mtok=2.0,
        source="genai-prices 0.2.3, openai/gpt",
        as_of=date(2027, 1, 1),
        notes=("tools are charged besides",),
    )
    traces = tuple(TraceSource(workload=name, file="a.csv", replay="lengths") for name in ("ask", "tell"))
    report = _Report(**priced(scenario, price_book(scenario), Path())).model_copy(
        update={"traces": traces, "prices": {"small": price, "large": price}}
    )
    assert report.price_lines == [
        "demand: a.csv (lengths)",
        "token prices: genai-prices 0.2.3 as of 2027-01-01",
        "  small: tools are charged besides",
        "  large: tools are charged besides",
    ]


def test_the_basis_says_how_many_runs_there_were() -> None:
    assert basis_line(1, 1, 0.95).startswith("seed 1 · 1 replication (")
    assert basis_line(1, 4, 0.95) == "seed 1 · 4 replications · 95 % intervals"
    assert basis_line(1, 4, 0.95, 40) == "seed 1 · 4 or more replications, 40 runs · 95 % intervals"
