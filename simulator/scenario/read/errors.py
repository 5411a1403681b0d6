"""What is wrong with a scenario, where, and a suggested fix."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.errors import ExitCode, RolloutError


@dataclass(frozen=True)
class Problem:
    """One mistake: where it stands, the key's path, what is wrong, a suggested fix."""

    file: str
    line: int | None
    column: int | None
    path: str  # e.g. "workloads.answer-ticket.timeout"; empty: the file as a whole
    message: str
    hint: str = ""

    def __str__(self) -> str:
        place = printable(self.file)
        if self.line is not None and not self.file.startswith("--"):  # `--set` has no lines
            place += f":{self.line}:{self.column or 1}"
        return ": ".join(part for part in (place, printable(self.path), printable(self.message)) if part) + (
            f" ({printable(self.hint)})" if self.hint else ""
        )


def printable(text: str) -> str:
    """Text for one line of a terminal: no line breaks, no control characters."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


class ScenarioError(RolloutError, ValueError):
    """A scenario that cannot be used; `problems` holds every mistake that was found."""

    exit_code = ExitCode.INVALID_SCENARIO

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)
