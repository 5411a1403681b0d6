"""The group of verbs: one that a study makes is made when it is asked for, so that a verb loads its own study alone."""

from collections import UserDict
from collections.abc import Callable, Mapping
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from simulator.cli.verb import verb_of
from simulator.studies.registry import STUDIES, study_class


class Verbs(TyperGroup):
    """Verbs in the order of help: those that begin a scenario, those of studies, the others."""

    def __init__(self, *, commands: Mapping[str, TyperCommand | TyperGroup], **more: Any) -> None:
        first = ("validate", "show", "pools", "init", "import")
        super().__init__(**more)
        self.commands = _MadeWhenAsked(
            {name: commands[name] for name in first} | dict.fromkeys(STUDIES) | dict(commands)
        )


class _MadeWhenAsked(UserDict[str, Any]):
    """Commands by name; None: of a study, and nobody has asked for it yet."""

    def __getitem__(self, name: str) -> Any:
        if self.data[name] is None:
            self.data[name] = _command_of(name)
        return self.data[name]


def _command_of(name: str) -> Any:
    one = typer.Typer(add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
    one.command(name)(_function_of(name))
    return get_command(one)


def _function_of(name: str) -> Callable[..., None]:
    """What typer makes a verb of; two have options beyond those of their study."""
    if name == "check":
        from simulator.cli.check import check_verb

        return check_verb()
    if name == "run":
        from simulator.cli.run import run_verb

        return run_verb()
    return verb_of(study_class(name))
