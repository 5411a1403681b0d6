"""How a criterion reads: what it is about, what was asked, what was found; from the entries of a document."""

from simulator.metrics import registry
from simulator.metrics.dimensions import OF_ACTIONS, TARGET
from simulator.render.numbers import estimate, quantity, unit_of
from simulator.render.terminal_tables import Document

EVERYWHERE = "all"


def measure_text(entry: Document) -> str:
    """The measure in words, e.g. `p95 first token`."""
    statistic = f"{entry['statistic']} " if entry["statistic"] else ""
    return registry.label_of(f"{statistic}{entry['metric']}")


def part_text(entry: Document) -> str:
    """The part of the run that is looked at, e.g. `answer-ticket, eu-west`; `all`: everything."""
    found = (entry.get(one.name) for one in (TARGET, *OF_ACTIONS))
    parts = [name for name in found if name is not None]
    return ", ".join(parts) or EVERYWHERE


def limit_text(entry: Document) -> str:
    """The limit with its operator, e.g. `< 8 s`."""
    return f"{entry['op']} {quantity(entry['limit'], unit_of(entry['metric']))}"


def found_text(entry: Document) -> str:
    """The estimate with its interval; in words if there is none."""
    if entry["value"] is None:
        return "nothing observed"
    return estimate(entry, unit_of(entry["metric"])).line


def sentence(entry: Document) -> str:
    """One line that says it all, for annotations and reports."""
    at = f" at stage {entry['stage']}" if entry["stage"] is not None else ""
    part = part_text(entry)
    where = "" if part == EVERYWHERE else f" of {part}"
    return (
        f"{measure_text(entry)}{where}{at} is {found_text(entry)}, asked: {limit_text(entry)} "
        f"({entry['replications']} replications)"
    )
