"""The verb `rollout merge`, for the shards of a sweep."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import AsJson, Html, Markdown
from simulator.cli.shared import (
    can_write,
    complain,
    explained,
    follow,
    make_folder,
    show_report,
    write_report,
)
from simulator.errors import ExitCode

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.studies.sweep.report import SweepReport

PointsOut = Annotated[
    Path,
    typer.Option(
        "--out", metavar="DIR", file_okay=False, show_default=False, help="Folder that keeps the points."
    ),
]


def merge(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR", exists=True, file_okay=False, show_default=False, help="Folders of shards."
        ),
    ],
    out: PointsOut,
    as_json: AsJson = False,
    html: Html = None,
    markdown: Markdown = None,
) -> None:
    """Bring the shards of a sweep together in one folder."""
    with explained():
        make_folder(out)
        for path in (html, markdown):
            can_write(path)

        def job(runner: "Runner") -> "SweepReport":
            from simulator.studies.sweep.merge import merge  # slow: while the progress shows

            return merge(folders, out, runner)

        report = follow(job)
        show_report(report, as_json=as_json)
        write_report(report, html, markdown)
        if report.missing:
            complain(f"points that are in none of the folders: {_some(report.missing)}")
            raise typer.Exit(ExitCode.USAGE)


def _some(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"
