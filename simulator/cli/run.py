"""The verb `rollout run`: like every study's, with `--until` for the length of the window."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import file_argument
from simulator.cli.verb import Given, ask, command_of
from simulator.errors import OptionError
from simulator.studies.base import span_s
from simulator.studies.run.study import RunStudy

Until = Annotated[
    str | None,
    typer.Option(metavar="SPAN", show_default="the scenario's", help="Length of the window, e.g. 2h."),
]


def run_verb() -> Callable[..., None]:
    """Return the function that typer makes a verb of."""
    return command_of(RunStudy, _answer, Annotated[Path, file_argument("FILE")], until=Until)


def _answer(study: RunStudy, given: Given) -> None:
    """Ask about one window, as long as `--until` says."""
    given.overrides = [*(given.overrides or []), *_duration(given.until)]
    ask(study, given)


def _duration(until: str | None) -> list[str]:
    try:
        return [] if until is None else [f"window.duration={span_s(until)}"]
    except ValueError as error:
        raise OptionError(str(error), "--until") from None
