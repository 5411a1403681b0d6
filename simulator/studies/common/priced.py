"""What does a report say of the demand and the prices it was worked out with? Traces, and prices with their day."""

from collections.abc import Mapping
from datetime import date

from simulator.economics.price_book import PriceBook
from simulator.render.numbers import quantity
from simulator.scenario.model import Scenario
from simulator.studies.record import Record
from simulator.studies.report import ScenarioFields, ScenarioReport, about


class TraceSource(Record):
    """A workload whose demand is a trace: its file, and what is replayed of it."""

    workload: str
    file: str
    replay: str


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
        traces = dict.fromkeys(f"{trace.file} ({trace.replay})" for trace in self.traces)
        lines = [f"demand: {', '.join(traces) or 'generated from the scenario, no trace'}"]
        if self.prices:
            sources = (f"{one.source.split(',')[0]} as of {one.as_of}" for one in self.prices.values())
            lines.append(f"token prices: {', '.join(dict.fromkeys(sources))}")
        return lines + [f"  {name}: {'; '.join(one.notes)}" for name, one in self.prices.items() if one.notes]


class PricedFields(ScenarioFields):
    """Fields that say which scenario and which engine a report is of, with its traces and prices."""

    traces: tuple[TraceSource, ...]
    prices: Mapping[str, TokenPriceSource]


def priced(scenario: Scenario, book: PriceBook) -> PricedFields:
    """The fields of a report of a scenario with money in it."""
    return {
        **about(scenario),
        "traces": tuple(
            TraceSource(workload=workload.name, file=workload.trace.file, replay=workload.trace.replay)
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
