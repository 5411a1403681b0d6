"""The shipped scenarios as a document and as a list."""

from rich.console import Group

from simulator.render.terminal_tables import Document, spaced, table, words
from simulator.scenario.library.examples import examples, files_of
from simulator.studies.run.document import JsonObject


def examples_document() -> JsonObject:
    """Every shipped scenario, by name."""
    return {
        "schema": 1,
        "examples": [
            {
                "name": one.name,
                "title": one.title,
                "story": list(one.story),
                "files": [path.name for path in files_of(one)],
            }
            for one in examples()
        ],
    }


def examples_report(document: Document, _width: int) -> Group:
    """A line per scenario, and how to begin with one."""
    made = table("example", "what it is about", no_wrap=(0,))
    for one in document["examples"]:
        made.add_row(words(one["name"]), words(one["title"]))
    return spaced(
        [made, words("rollout examples copy NAME writes one here, with the data that it needs", "dim")]
    )
