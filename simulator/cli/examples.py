"""The verb `rollout examples`: the scenarios that come with the package, and a copy of one to start from."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.options import AsJson
from simulator.cli.shared import explained, print_text, show_report

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def examples(context: typer.Context, as_json: AsJson = False) -> None:
    """List the scenarios that come with the package, or copy one."""
    if context.invoked_subcommand is not None:
        return
    with explained():
        from simulator.studies.inputs.examples import shipped_examples

        show_report(shipped_examples(), as_json=as_json)


@app.command()
def copy(
    name: Annotated[
        str, typer.Argument(metavar="NAME", show_default=False, help="As `rollout examples` lists it.")
    ],
    destination: Annotated[
        Path,
        typer.Argument(
            metavar="DEST",
            show_default="this folder",
            help="File (*.yaml) or folder to write; nothing is written over.",
        ),
    ] = Path(),
) -> None:
    """Write an example, and the files that it needs, to start from."""
    with explained():
        from simulator.scenario.library.examples import CopyError, UnknownExampleError, copy_example

        try:
            written = copy_example(name, destination)
        except UnknownExampleError as error:
            raise typer.BadParameter(str(error), param_hint="NAME") from None
        except CopyError as error:
            raise typer.BadParameter(str(error), param_hint="DEST") from None
        print_text("\n".join(map(str, written)))
