"""Arguments and options that several verbs of `rollout` share."""

from pathlib import Path
from typing import Annotated, Any

import typer


def file_argument(metavar: str) -> Any:
    """How the scenario's file is given."""
    return typer.Argument(
        metavar=metavar, exists=True, dir_okay=False, show_default=False, help="Scenario file (YAML)."
    )


def file_option(flag: str) -> Any:
    """How the scenario's file is given where other files have its place."""
    return typer.Option(
        flag, metavar="FILE", exists=True, dir_okay=False, show_default=False, help="Scenario file (YAML)."
    )


File = Annotated[Path, file_argument("FILE")]
Files = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE", exists=True, dir_okay=False, show_default=False, help="Scenario files (YAML)."
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=2**31,
        metavar="N",
        show_default="the scenario's",
        help="Seed of the first replication; the others count up from it.",
    ),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        show_default=False,
        help="Override a value of the scenario, e.g. window.duration=2h; may be repeated.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Out = Annotated[
    Path | None,
    typer.Option(metavar="DIR", file_okay=False, show_default=False, help="Folder that keeps the results."),
]
Threads = Annotated[
    int | None,
    typer.Option(
        min=1, max=256, metavar="N", show_default="all cores", help="Replications simulated at the same time."
    ),
]
Html = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        dir_okay=False,
        show_default=False,
        help="Also write a page for a browser or a printer.",
    ),
]
Markdown = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", dir_okay=False, show_default=False, help="Also write a Markdown summary there."
    ),
]
