"""How a command can end: exit codes, and the errors that a user can act on.

Whoever raises one of these says what is wrong and what to do; the command line and the app show the message, never a
traceback.
"""

from enum import IntEnum
from typing import ClassVar

_DEBUG_HINT = "set ROLLOUT_DEBUG=1 to see where"


class ExitCode(IntEnum):
    """Exit codes of every verb; a pipeline can tell a NO-GO from a broken file or an engine error."""

    PASS = 0
    USAGE = 2
    REGRESSION = 10
    UNDECIDED = 11
    FAILED = 99
    ENGINE_ERROR = 103
    INVALID_SCENARIO = 104
    INTERRUPTED = 105


MEANINGS = {
    ExitCode.PASS: "Done; every objective holds, or the plan is a GO.",
    ExitCode.USAGE: "The command line is wrong: an unknown option, stage or folder.",
    ExitCode.REGRESSION: "A comparison found a regression against the baseline.",
    ExitCode.UNDECIDED: "Undecided: an interval straddles a limit. Ask for more replications.",
    ExitCode.FAILED: "An objective or threshold is missed, or the plan is a NO-GO.",
    ExitCode.ENGINE_ERROR: "The simulator failed. `ROLLOUT_DEBUG=1` shows where.",
    ExitCode.INVALID_SCENARIO: "The scenario file is invalid; the message names file, line and reason.",
    ExitCode.INTERRUPTED: "Interrupted by Ctrl-C or SIGTERM; what was finished is printed or kept.",
}


class RolloutError(Exception):
    """What a user can act on: the message says what is wrong and what to do."""

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE
    prefix: ClassVar[str] = ""  # of the message, for people
    suffix: ClassVar[str] = ""

    @property
    def message(self) -> str:
        """The message as it is shown."""
        return f"{self.prefix}{self}{self.suffix}"


class InterruptedEarlyError(RolloutError):
    """The work was told to stop before anything was finished."""

    exit_code = ExitCode.INTERRUPTED

    def __str__(self) -> str:
        """There is nothing to say besides."""
        return "interrupted before anything was finished"


class InvalidScenarioError(RolloutError, ValueError):
    """A scenario that no single key shows to be wrong."""

    exit_code = ExitCode.INVALID_SCENARIO
    prefix = "invalid scenario: "


class OptionError(RolloutError, ValueError):
    """An option that cannot be: the command line names it.

    Attributes
    ----------
    option : as it is written on the command line, e.g. `--stage`
    """

    def __init__(self, message: str, option: str) -> None:
        super().__init__(message)
        self.option = option


def explain(error: Exception) -> tuple[ExitCode, str]:
    """Return the exit code and the message for an exception that ended a command."""
    if isinstance(error, RolloutError):
        return error.exit_code, error.message
    if isinstance(error, MemoryError):
        return ExitCode.ENGINE_ERROR, "out of memory; shorten the window, or leave out --rows"
    if isinstance(error, OSError):
        return ExitCode.ENGINE_ERROR, f"error: {error}"
    return ExitCode.ENGINE_ERROR, f"error of the simulator: {type(error).__name__}: {error}; {_DEBUG_HINT}"


def exit_code_of(verdicts: "list[str] | tuple[str, ...]") -> ExitCode:
    """Exit code of a set of verdicts or decisions: one failure fails, else one undecided is undecided.

    Parameters
    ----------
    verdicts : `PASS`, `FAIL`, `UNDECIDED`, or the decisions `GO` and `NO-GO`
    """
    if any(verdict in ("FAIL", "NO-GO") for verdict in verdicts):
        return ExitCode.FAILED
    if any(verdict == "UNDECIDED" for verdict in verdicts):
        return ExitCode.UNDECIDED
    return ExitCode.PASS
