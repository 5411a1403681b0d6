"""One way to change a scenario: values set by path, as `--set` does; where no path says it, an edit in Python.

Levers, mitigations and what-ifs are tables of these: each is applied to a checked scenario and makes another one.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from simulator.scenario.check.checks import check_scenario
from simulator.scenario.model import Scenario
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.explain import explain, problem_at
from simulator.scenario.read.overrides import apply_overrides, tree_of_values


@dataclass(frozen=True)
class ScenarioChange:
    """A change and what it is called.

    Attributes
    ----------
    label : as people read it
    overrides : values that are set, as given to `--set`
    edit : what no value by path can say, done before they are set
    demand_factor : on everything that arrives; it counts where windows are made, not in `apply`
    """

    label: str = ""
    overrides: tuple[str, ...] = ()
    edit: Callable[[Scenario], Scenario] | None = None
    demand_factor: float = 1.0

    def apply(self, scenario: Scenario, folder: Path) -> Scenario:
        """The checked scenario with the change.

        Parameters
        ----------
        folder : that the scenario's files are relative to

        Raises
        ------
        ScenarioError
            If there is nothing of that path, or the values make no valid scenario.
        """
        edited = scenario if self.edit is None else self.edit(scenario)
        tree = tree_of_values(edited.model_dump(mode="json", by_alias=True, exclude_unset=True))
        apply_overrides(tree, self.overrides)
        try:
            changed = Scenario.model_validate(tree.plain())
        except ValidationError as error:
            raise ScenarioError(explain(error, tree)) from None
        findings = check_scenario(changed, folder, is_variant=True)
        if findings:
            raise ScenarioError(
                [problem_at(tree, found.path, found.message, found.hint) for found in findings]
            )
        return changed


def setting(path: str, value: object) -> str:
    """A value at a path, as given to `--set`."""
    return f"{path}={json.dumps(value, ensure_ascii=False)}"


def possible(
    changes: Iterable[ScenarioChange], scenario: Scenario, folder: Path
) -> Iterator[tuple[ScenarioChange, Scenario]]:
    """The changes that make another scenario, and a valid one, each with that scenario."""
    for change in changes:
        try:
            changed = change.apply(scenario, folder)
        except ScenarioError:
            continue
        if changed != scenario:
            yield change, changed
