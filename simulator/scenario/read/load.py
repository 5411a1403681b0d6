"""From a file to a checked scenario; every mistake is reported with its place."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simulator.scenario.check.booleans import check_booleans
from simulator.scenario.check.checks import check_scenario
from simulator.scenario.check.sources import check_sources
from simulator.scenario.model import Scenario
from simulator.scenario.read.catalog_resolution import resolve_catalogs
from simulator.scenario.read.currencies import in_dollars
from simulator.scenario.read.errors import Problem, ScenarioError
from simulator.scenario.read.explain import explain, problem_at
from simulator.scenario.read.extending import read_extended, text_extended
from simulator.scenario.read.overrides import apply_overrides
from simulator.scenario.read.source_map import Located
from simulator.scenario.stage_changes import at_stage, problems_of_changes


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario and where it came from.

    Attributes
    ----------
    scenario : checked
    base_dir : folder that trace and profile files are relative to
    tree : the document with the place of every value, for origins and messages
    full_tree : the same with the values that catalogs have for the names in it
    name : what reports call it: its file, with what was set
    """

    scenario: Scenario
    base_dir: Path
    tree: Located
    full_tree: Located
    name: str

    @property
    def file(self) -> str:
        """The file it was read from, as it was named."""
        return self.tree.place.file

    def at_stage(self, name: str | None) -> "LoadedScenario":
        """The same with the scenario as it is in a stage; None: before the first one."""
        return replace(self, scenario=at_stage(self.scenario, name, self.base_dir))

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
    apply_overrides(tree, overrides)
    name = name_of(str(path), overrides)
    return _checked(tree, path.resolve().parent, name, is_as_written=not overrides)


def load_text(text: str, name: str, base_dir: Path, overrides: Sequence[str] = ()) -> LoadedScenario:
    """Read a scenario from a text, as `load_scenario` does from a file.

    Parameters
    ----------
    name : what messages call it
    base_dir : folder that its files lie in, and never outside of it

    Raises
    ------
    ScenarioError
        With every mistake found.
    """
    tree = text_extended(text, name, base_dir)
    apply_overrides(tree, overrides)
    return _checked(tree, base_dir.resolve(), name_of(name, overrides), is_as_written=not overrides)


def with_overrides(loaded: LoadedScenario, overrides: Sequence[str]) -> LoadedScenario:
    """The same scenario with values set, one point of many; the files are not read again.

    Keys that have an effect elsewhere may be without one here: `backoff` where `num_retries` is 0.

    Raises
    ------
    ScenarioError
        With every mistake found.
    """
    tree = loaded.tree.copy()
    values = apply_overrides(tree, overrides)
    # A variant has no words in place of switches but those that were set, and a look at all takes longest.
    sets_switch = any(isinstance(node.value, bool) for value in values for _, node in value.walk())
    name = name_of(loaded.name, overrides)
    return _checked(
        tree, loaded.base_dir, name, is_variant=True, has_switches=sets_switch, is_as_written=False
    )


def name_of(name: str, overrides: Sequence[str]) -> str:
    """What reports call a scenario with values set."""
    return " ".join([name, *overrides])


def _checked(
    tree: Located,
    base_dir: Path,
    name: str,
    *,
    is_variant: bool = False,
    has_switches: bool = True,
    is_as_written: bool,
) -> LoadedScenario:
    misplaced = check_booleans(tree) if has_switches else []
    if misplaced:
        raise ScenarioError([problem_at(tree, item.path, item.message, item.hint) for item in misplaced])
    tree_as_written = tree
    tree, unknown = resolve_catalogs(tree)
    dollars, missing = in_dollars(tree)
    if unknown or missing:
        raise ScenarioError(
            [problem_at(tree, item.path, item.message, item.hint) for item in (*unknown, *missing)]
        )
    try:
        scenario = Scenario.model_validate(dollars.plain())
    except ValidationError as error:
        raise ScenarioError(explain(error, tree)) from None
    except RecursionError:
        raise ScenarioError([Problem(tree.place.file, None, None, "", "nested too deeply")]) from None
    except UnicodeEncodeError:
        message = "holds half a character (an escape such as \\ud800); write the character itself"
        raise ScenarioError([Problem(tree.place.file, None, None, "", message)]) from None
    findings = check_scenario(scenario, base_dir, is_variant=is_variant)
    if is_as_written:  # what an override removes may have had a source
        findings += check_sources(scenario, tree)
    if any(stage.changes for stage in scenario.stages):
        problems = list(problems_of_changes(scenario, base_dir, tree, findings))
    else:
        problems = [problem_at(tree, item.path, item.message, item.hint) for item in findings]
    if problems:
        raise ScenarioError(problems)
    return LoadedScenario(scenario, base_dir, tree_as_written, tree, name)
