"""Every verb, option and exit code of the command line is documented, and nothing else is."""

import re
from pathlib import Path

import click
import pytest
import typer
from typer.main import get_command

from simulator.cli.main import app
from simulator.errors import MEANINGS, ExitCode

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
ROOT = get_command(app)


def _verbs(group: typer.core.TyperGroup, prefix: str = "") -> dict[str, click.Command]:
    """Every verb, and what goes below it: `examples`, `examples copy`."""
    found = {}
    for name, command in group.commands.items():
        found[prefix + name] = command
        if isinstance(command, typer.core.TyperGroup):
            found |= _verbs(command, f"{prefix}{name} ")
    return found


VERBS = _verbs(ROOT)  # type: ignore[arg-type]


def _section(verb: str) -> str:
    """Text of a verb's section."""
    found = re.search(rf"^## rollout {verb}\n(.*?)(?=^## )", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/reference/cli.md has no section `rollout {verb}`"
    return found[1]


def _options(verb: str) -> set[str]:
    found = {name for parameter in VERBS[verb].params for name in parameter.opts if name.startswith("--")}
    return found - {"--help"}


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_every_option_of_a_verb_has_a_row(verb: str) -> None:
    documented = set(re.findall(r"^\| `(--[a-z-]+)", _section(verb), re.MULTILINE))
    assert documented == _options(verb)


def test_every_verb_is_in_the_overview() -> None:
    assert set(re.findall(r"^\| \[`rollout ([\w -]+)`\]", PAGE, re.MULTILINE)) == set(VERBS)


def test_options_of_the_command_itself_are_named() -> None:
    for parameter in ROOT.params:
        for name in parameter.opts:
            assert f"`rollout {name}`" in PAGE


def test_every_exit_code_is_documented_with_its_meaning() -> None:
    rows = re.findall(r"^\| (\d+) \| ([a-z ]+) \| (.+) \|$", PAGE, re.MULTILINE)
    expected = [(str(code.value), code.name.lower().replace("_", " "), MEANINGS[code]) for code in ExitCode]
    assert rows == expected


def test_every_verb_says_what_it_does() -> None:
    for command in VERBS.values():
        assert isinstance(command, typer.core.TyperCommand | typer.core.TyperGroup)
        assert command.help
