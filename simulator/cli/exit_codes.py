"""What the exit code of a command says to a shell or a pipeline."""

from enum import IntEnum


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


def exit_code_of(verdicts: list[str]) -> ExitCode:
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
