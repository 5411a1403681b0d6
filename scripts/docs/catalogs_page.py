"""The reference of catalogs, written from their files, so that it cannot fall behind them.

`python -m scripts.docs.catalogs_page > docs/reference/catalogs.md`
"""

from collections.abc import Iterator, Mapping

from simulator.mechanisms.regions.catalog import (
    LOCATIONS_SOURCE,
    ROUND_TRIPS_SOURCE,
    azure_round_trips_s,
    locations,
)
from simulator.mechanisms.sources import Source
from simulator.scenario.read.catalogs import NAMES, Catalog, Entry, catalog

_INTRODUCTION = """# Catalogs

What a scenario can name instead of writing it. A value that the scenario gives itself holds; `rollout show FILE
--provenance` says where each comes from. This page is written by `python -m scripts.docs.catalogs_page` from the
files in `simulator/scenario/catalog_data`; how to use them is in [where numbers come from](../guides/sources.md).

Models and GPUs with measured step times are listed by `rollout pools`, token prices are those of
[genai-prices](https://github.com/pydantic/genai-prices) as of `economics.price_date`.
"""


def catalogs_page() -> str:
    """The page as Markdown: a section per catalog, its entries, and the sources of its numbers."""
    lines = [_INTRODUCTION]
    for name in NAMES:
        lines += _section(catalog(name))
    lines += _places()
    return "\n".join(lines).rstrip() + "\n"


def _section(one: Catalog) -> list[str]:
    sources = list(dict.fromkeys(_sources(one)))
    lines = [f"## {one.name}", "", f"{one.about}, for `{one.key}`.", ""]
    lines += ["| name | what it stands for | sources |", "| --- | --- | --- |"]
    for entry in one.entries.values():
        numbers = sorted({sources.index(source) + 1 for source in entry.sources.values()})
        cited = ", ".join(f"[{number}]" for number in numbers)
        lines.append(f"| `{entry.name}` | {_meaning(entry)} | {cited} |")
    return [*lines, "", *_legend(sources), ""]


def _meaning(entry: Entry) -> str:
    facts = [f"{key}: {value}" for key, value in entry.facts.items() if key != "also"]
    also = [f"the same as `{entry.facts['also']}`"] if "also" in entry.facts else []
    models = [f"{model} ({_values(node.plain())})" for model, node in entry.models.items()]
    own = [_values(entry.content.plain())] if entry.content.value else []
    return "; ".join([*own, *models, *also, *facts])


def _values(values: Mapping[str, object]) -> str:
    shown = (
        f"{key} {'by hour' if isinstance(value, list) else _flow(value)}" for key, value in values.items()
    )
    return ", ".join(shown)


def _flow(value: object) -> str:
    """A value as YAML would say it in one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_flow(item)}" for key, item in value.items()) + "}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sources(one: Catalog) -> Iterator[Source]:
    for entry in one.entries.values():
        yield from entry.sources.values()


def _legend(sources: list[Source]) -> list[str]:
    lines = ["| | source | date | grade |", "| --- | --- | --- | --- |"]
    lines += [
        f"| [{number}] | {source.text} | {source.date} | {source.grade} |"
        for number, source in enumerate(sources, start=1)
    ]
    return lines


def _places() -> list[str]:
    measured = ", ".join(f"`{name}`" for name in sorted({origin for origin, _ in azure_round_trips_s()}))
    return [
        "## Regions",
        "",
        f"{len(locations())} regions of AWS, Azure and Google Cloud with time zone and residency zone, for",
        "`regions.*.location`, and round trips between those of Azure that were measured, for `network.rtt: azure`:",
        f"{measured}.",
        "",
        *_legend([LOCATIONS_SOURCE, ROUND_TRIPS_SOURCE]),
    ]


if __name__ == "__main__":
    print(catalogs_page(), end="")
