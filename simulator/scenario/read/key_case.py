"""Other spellings of keys (`maxOngoingRequests`, LiteLLM's `itpm`), accepted so that pasted blocks validate."""

import re

from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.explain import problem_at
from simulator.scenario.read.model_schema import ROOT, Kinds, below, keys_of
from simulator.scenario.read.source_map import Located
from simulator.scenario.read.yaml_source import Path_

_IN_FULL = {"itpm": "input_tpm", "otpm": "output_tpm"}
_HUMP = re.compile(r"(?<=[a-z0-9])([A-Z])")


def snake_case(key: str) -> str:
    """The snake_case of a camelCase key: `maxOngoingRequests` → `max_ongoing_requests`."""
    return _HUMP.sub(lambda match: "_" + match[1].lower(), key)


def spelled_as_known(key: str, known: list[str]) -> str:
    """The key itself, or its snake_case or full name if the schema knows only that."""
    snake = _IN_FULL.get(key, snake_case(key))
    return snake if key not in known and snake in known else key


def use_snake_case(tree: Located) -> None:
    """Rename keys that the schema knows in another spelling; in place. Names that users give stay.

    Raises
    ------
    ScenarioError
        If a key is given in both spellings.
    """
    _rename(tree, tree, (), ROOT)


def _rename(tree: Located, node: Located, path: Path_, kinds: Kinds) -> None:
    if isinstance(node.value, list):
        for index, item in enumerate(node.value):
            _rename(tree, item, (*path, index), below(kinds, index, None))
    if not isinstance(node.value, dict):
        return
    snaked = {snake_case(key): item.value for key, item in node.value.items()}
    known = keys_of(kinds, snaked)
    renamed: dict[str, Located] = {}
    written: dict[str, str] = {}
    for key, item in node.value.items():
        new = spelled_as_known(key, known)
        if new in renamed:
            message = f"`{key}` and `{written[new]}` are the same key"
            raise ScenarioError([problem_at(tree, (*path, key), message, "keep one of them")])
        renamed[new] = item
        written[new] = key
    node.value = renamed
    for key, item in renamed.items():
        _rename(tree, item, (*path, key), below(kinds, key, snaked))
