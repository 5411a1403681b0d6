"""Is a `true` or `false` where a number or a text belongs? Pydantic would read it as 1 or 0."""

from collections.abc import Iterator

from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.read.model_schema import ROOT, Kinds, below, literals
from simulator.scenario.read.source_map import Located
from simulator.scenario.read.yaml_source import Path_


def check_booleans(tree: Located) -> list[Finding]:
    """Findings about misplaced booleans of a document."""
    return list(_misplaced(tree, (), ROOT))


def _misplaced(node: Located, path: Path_, kinds: Kinds) -> Iterator[Finding]:
    if isinstance(node.value, bool):
        takes_it = bool in kinds or any(node.value in literals(kind) for kind in kinds)
        if kinds and not takes_it:
            word = "true" if node.value else "false"
            yield Finding(path, f"`{word}` does not belong here", "write a number, or a text in quotes")
    elif isinstance(node.value, dict):
        content = {key: item.value for key, item in node.value.items()}
        for key, item in node.value.items():
            yield from _misplaced(item, (*path, key), below(kinds, key, content))
    elif isinstance(node.value, list):
        for index, item in enumerate(node.value):
            yield from _misplaced(item, (*path, index), below(kinds, index, None))
