"""What does a report say of the demand and the prices it was worked out with? Traces, and prices with their day."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from simulator.economics.price_book import PriceBook
from simulator.mechanisms.traffic.config import Trace
from simulator.mechanisms.traffic.trace import load_trace
from simulator.render.numbers import quantity
from simulator.scenario.model import Scenario
from simulator.studies.record import Record
from simulator.studies.report import ScenarioFields, ScenarioReport, about


class TraceSource(Record):
    """A workload whose demand is a trace: its file, what is replayed of it, and rows left out, as they have no answer."""

    workload: str
    file: str
    replay: str
    rows: int | None = None
    left_out: int = 0

    @property
    def text(self) -> str:
        """In a line."""
        left_out = (
            f"; {self.left_out:,} of {self.rows:,} rows have no answer and are left out"
            if self.left_out
            else ""
        )
        return f"{self.file} ({self.replay}{left_out})"


class TokenPriceSource(Record):
    """Prices of a hosted model, the day they hold, and what its provider charges besides."""

    input_usd_per_mtok: float
    output_usd_per_mtok: float
    source: str
    as_of: date
    notes: tuple[str, ...]


class PricedReport(ScenarioReport):
    """What a study found about one scenario with money in it; `priced(scenario, book)` gives the first fields."""

    traces: tuple[TraceSource, ...]
    prices: Mapping[str, TokenPriceSource]  # by model

    @property
    def price_lines(self) -> list[str]:
        """Where demand and prices are from, a line each."""
        traces = dict.fromkeys(trace.text for trace in self.traces)
        lines = [f"demand: {', '.join(traces) or 'generated from the scenario, no trace'}"]
        if self.prices:
            sources = (f"{one.source.split(',')[0]} as of {one.as_of}" for one in self.prices.values())
            lines.append(f"token prices: {', '.join(dict.fromkeys(sources))}")
        return lines + [f"  {name}: {'; '.join(one.notes)}" for name, one in self.prices.items() if one.notes]


class PricedFields(ScenarioFields):
    """Fields that say which scenario and which engine a report is of, with its traces and prices."""

    traces: tuple[TraceSource, ...]
    prices: Mapping[str, TokenPriceSource]


def _trace_source(workload: str, trace: Trace, base_dir: Path) -> TraceSource:
    data = load_trace(trace, base_dir)
    return TraceSource(
        workload=workload, file=trace.file, replay=trace.replay, rows=data.n_rows, left_out=data.n_left_out
    )


def priced(scenario: Scenario, book: PriceBook, base_dir: Path) -> PricedFields:
    """The fields of a report of a scenario with money in it."""
    return {
        **about(scenario),
        "traces": tuple(
            _trace_source(workload.name, workload.trace, base_dir)
            for workload in scenario.workloads
            if workload.trace is not None
        ),
        "prices": {
            name: TokenPriceSource(
                input_usd_per_mtok=price.input_usd_per_mtok,
                output_usd_per_mtok=price.output_usd_per_mtok,
                source=price.source,
                as_of=price.as_of,
                notes=tuple(price.notes),
            )
            for name, price in book.models.items()
        },
    }


def basis_line(seed: int, n_replications: int, level: float, n_runs: int | None = None) -> str:
    """Seed, replications and intervals of a report, on a line.

    Parameters
    ----------
    n_replications : of every window; at least, where the number of runs is given
    """
    if n_replications == 1:
        return f"seed {seed} · 1 replication (ask for more with --replications)"
    intervals = f"{quantity(level, 'share')} intervals"
    if n_runs is not None:
        return f"seed {seed} · {n_replications} or more replications, {n_runs} runs · {intervals}"
    return f"seed {seed} · {n_replications} replications · {intervals}"
