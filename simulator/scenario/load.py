"""From a file to a checked scenario; every mistake is reported with its place."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simulator.scenario.checks import check_scenario
from simulator.scenario.errors import Problem, ScenarioError
from simulator.scenario.explain import explain, model_keys, readable
from simulator.scenario.extending import read_extended
from simulator.scenario.located import Located, snake_case
from simulator.scenario.model import Scenario
from simulator.scenario.overrides import apply_overrides
from simulator.scenario.yaml_source import Path_


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario and where it came from.

    Attributes
    ----------
    scenario : checked
    base_dir : folder that trace and profile files are relative to
    tree : the document with the place of every value, for origins and messages
    """

    scenario: Scenario
    base_dir: Path
    tree: Located

    @property
    def document(self) -> Any:
        """What the user wrote, after `extends` and `--set`."""
        return self.tree.plain()


def load_scenario(path: Path, overrides: Sequence[str] = ()) -> LoadedScenario:
    """Read, merge, override, validate and check a scenario.

    Parameters
    ----------
    path : of a YAML or JSON file
    overrides : `a.b=c`, as given to `--set`

    Raises
    ------
    ScenarioError
        With every mistake found.
    """
    tree = read_extended(path, str(path))
    _to_snake_case(tree)
    apply_overrides(tree, overrides)
    try:
        scenario = Scenario.model_validate(tree.plain())
    except ValidationError as error:
        raise ScenarioError(explain(error, tree)) from None
    except RecursionError:
        raise ScenarioError([Problem(str(path), None, None, "", "nested too deeply")]) from None
    base_dir = path.resolve().parent
    findings = check_scenario(scenario, base_dir)
    if findings:
        raise ScenarioError(
            [_place(tree, finding.path, finding.message, finding.hint) for finding in findings]
        )
    return LoadedScenario(scenario, base_dir, tree)


def _to_snake_case(node: Located) -> None:
    """Accept the camelCase spelling of the models' keys; in place. All other words are the user's own."""
    if isinstance(node.value, list):
        for item in node.value:
            _to_snake_case(item)
    if not isinstance(node.value, dict):
        return
    keys = model_keys()
    renamed: dict[str, Located] = {}
    for key, item in node.value.items():
        snake = snake_case(key)
        new = snake if key not in keys and snake in keys else key
        if new in renamed:
            place = item.place
            message = f"`{key}` is the same key as `{new}`"
            raise ScenarioError([Problem(place.file, place.line, place.column, new, message, "keep one")])
        renamed[new] = item
        _to_snake_case(item)
    node.value = renamed


def _place(tree: Located, path: Path_, message: str, hint: str) -> Problem:
    """A finding at the nearest place that the file has for its path."""
    known = path
    while known and tree.find(known) is None:
        known = known[:-1]
    node = tree.find(known) or tree
    return Problem(node.place.file, node.place.line, node.place.column, readable(tree, path), message, hint)
