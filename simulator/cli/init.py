"""The verb `rollout init`: five questions, and a scenario to begin with."""

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.shared import explained, print_text

if TYPE_CHECKING:
    from simulator.scenario.library.starter import Question

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


def init(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", dir_okay=False, show_default=False, help="File to write; none: NAME.yaml here."
        ),
    ] = None,
    use_case: Annotated[
        str | None,
        typer.Option(metavar="ANSWER", show_default=False, help="support, assistant, coding or documents."),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            metavar="ANSWER", show_default=False, help="Where data stays: eu, us, apac or anywhere."
        ),
    ] = None,
    setup: Annotated[
        str | None,
        typer.Option(
            metavar="ANSWER", show_default=False, help="What is there today: people, hosted or own-gpus."
        ),
    ] = None,
    kpi: Annotated[
        str | None,
        typer.Option(
            metavar="ANSWER", show_default=False, help="What counts above all: speed, quality or cost."
        ),
    ] = None,
    scope: Annotated[
        str | None,
        typer.Option(metavar="ANSWER", show_default=False, help="How far it goes: team, region or global."),
    ] = None,
    users: Annotated[
        int | None,
        typer.Option(
            min=10, max=10_000_000, metavar="N", show_default="of the scope", help="Users when it has ended."
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(metavar="NAME", show_default="the use case", help="Name of the scenario.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Ask nothing: what is not given is answered as proposed.")
    ] = False,
) -> None:
    """Ask five questions and write a complete, commented scenario."""
    with explained():
        from simulator.scenario.library.starter import QUESTIONS, Answers, default_users, starter_text

        given = {"use_case": use_case, "data": data, "setup": setup, "kpi": kpi, "scope": scope}
        answers = {
            question.key: _answer(question, given[question.key], ask=not yes) for question in QUESTIONS
        }
        name = name or answers["use_case"]
        if not _NAME.fullmatch(name):
            raise typer.BadParameter("use small letters, digits and hyphens", param_hint="--name")
        path = file or Path(f"{name}.yaml")
        text = starter_text(Answers(**answers, name=name, users=users or default_users(answers["scope"])))
        _write_new(path, text.replace("FILE", str(path)))
        print_text(f"{path}\nNext: rollout plan {path}")


def _answer(question: "Question", given: str | None, *, ask: bool) -> str:
    """What was given as an option, what is proposed, or what the user says."""
    option = f"--{question.key.replace('_', '-')}"
    if given is not None:
        if given not in question.answers:
            from simulator.scenario.read.explain import nearest

            near = nearest(given, list(question.answers))
            known = ", ".join(question.answers)
            raise typer.BadParameter(
                f"{given[:40]!r} is none of {known}{f' ({near})' if near else ''}", param_hint=option
            )
        return given
    return _asked(question, option) if ask else question.default


def _asked(question: "Question", option: str) -> str:
    from rich.console import Console
    from rich.prompt import Prompt

    console = Console(stderr=True, highlight=False)
    console.print(f"\n[bold]{question.text}[/bold]")
    for answer, meaning in question.answers.items():
        console.print(f"  {answer:<10} {meaning}")
    try:
        return Prompt.ask("Answer", console=console, choices=list(question.answers), default=question.default)
    except EOFError:
        raise typer.BadParameter(
            "nobody answers: give it, or --yes for what is proposed", param_hint=option
        ) from None


def _write_new(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise typer.BadParameter(
            f"{path} is there already; name another file, or remove it", param_hint="FILE"
        ) from None
    except OSError as error:
        raise typer.BadParameter(f"cannot write {path}: {error.strerror}", param_hint="FILE") from error
