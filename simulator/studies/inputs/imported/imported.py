"""A scenario from the configurations that a team already has: its text, what is open, and what was left behind."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from simulator.formats.configs.read import read_configs
from simulator.results.store.whole_file import write_whole
from simulator.scenario.model import Scenario
from simulator.studies.inputs.imported.compose import STUB, composed, loaded


@dataclass(frozen=True)
class ImportedScenario:
    """A scenario made of other tools' files.

    Attributes
    ----------
    text : as YAML, commented: every line with its origin, every stub marked
    scenario : the same, checked
    formats : of the files
    open : what must still be answered
    dropped : what could not be carried over, and why
    """

    text: str
    scenario: Scenario
    formats: tuple[str, ...]
    open: tuple[str, ...]
    dropped: tuple[str, ...]

    @property
    def n_stubs(self) -> int:
        """Values that no file says."""
        return self.text.count(f"{STUB}:")

    def write(self, path: Path | str) -> None:
        """Write the text to a file."""
        write_whole(Path(path), self.text)


def imported(paths: Sequence[Path], name: str, folder: Path) -> ImportedScenario:
    """Read configurations, and make a scenario of them.

    Parameters
    ----------
    name : of the scenario
    folder : that it will stand in

    Raises
    ------
    ConfigError
        If a file cannot be read, or none says anything that a scenario can.
    """
    found = read_configs(paths)
    text = composed(found, name)
    scenario = loaded(text, f"{name}.yaml", folder).scenario
    return ImportedScenario(
        text,
        scenario,
        tuple(found.formats),
        tuple(dict.fromkeys(found.open)),
        tuple(dict.fromkeys(found.dropped)),
    )
