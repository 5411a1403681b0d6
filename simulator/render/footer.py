"""Where the numbers of a report come from: seed, replications, intervals, traces, prices, versions."""

from rich.text import Text

from simulator.render.numbers import quantity
from simulator.render.step_times import step_time_lines
from simulator.render.terminal_tables import Document, printable


def footer(document: Document) -> Text:
    """Lines that end every report."""
    traces = dict.fromkeys(f"{trace['file']} ({trace['replay']})" for trace in document["traces"])
    lines = [
        _basis(document),
        f"demand: {', '.join(traces) or 'generated from the scenario, no trace'}",
        f"simulated in {quantity(document['wall_s'], 'time')} · {version(document)}",
    ]
    lines[2:2] = step_time_lines(document)
    if document["prices"]:
        lines[2:2] = [f"token prices: {_price_sources(document)}", *_price_notes(document)]
    return Text("\n".join(printable(line) for line in lines), style="dim")


def _basis(document: Document) -> str:
    seed, n_replications = document["seed"], document["replications"]
    if n_replications == 1:
        return f"seed {seed} · 1 replication (ask for more with --replications)"
    intervals = f"{quantity(document['interval_level'], 'share')} intervals"
    if "n_runs" in document:
        return f"seed {seed} · {n_replications} or more replications, {document['n_runs']} runs · {intervals}"
    return f"seed {seed} · {n_replications} replications · {intervals}"


def _price_sources(document: Document) -> str:
    prices = document["prices"].values()
    found = (f"{price['source'].split(',')[0]} as of {price['as_of']}" for price in prices)
    return ", ".join(dict.fromkeys(found))


def _price_notes(document: Document) -> list[str]:
    """What providers charge besides, by model."""
    return [
        f"  {name}: {'; '.join(price['notes'])}"
        for name, price in document["prices"].items()
        if price["notes"]
    ]


def version(document: Document) -> str:
    """Version of the engine and hash of the scenario."""
    return f"engine {document['engine_version']} · scenario {document['scenario_hash'][:12]}"
