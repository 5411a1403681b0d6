"""The verbs about points and runs that are kept: `merge` for the shards of a sweep, `verify` for a stored run."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import AsJson, Html, Markdown
from simulator.cli.shared import (
    can_write,
    complain,
    end,
    explained,
    follow,
    make_folder,
    print_json,
    print_text,
    show_report,
    write_report,
)
from simulator.errors import ExitCode

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.studies.run.document import JsonObject
    from simulator.studies.sweep.report import SweepReport

PointsOut = Annotated[
    Path,
    typer.Option(
        "--out", metavar="DIR", file_okay=False, show_default=False, help="Folder that keeps the points."
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, max=256, metavar="N", show_default="all cores", help="Points simulated at the same time."
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


def verify(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", exists=True, file_okay=False, show_default=False, help="Folder of a stored run."
        ),
    ],
    files: Annotated[
        Path,
        typer.Option(
            metavar="DIR", exists=True, file_okay=False, help="Folder of the scenario's traces and profiles."
        ),
    ] = Path(),
    threads: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Execute a stored run anew from its manifest, and compare bit by bit."""
    with explained():

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.verify.study import verify_job

            return verify_job(folder, runner.at(files))

        document = follow(job, threads)
        if as_json:
            print_json(document)
        else:
            from simulator.studies.verify.tables import verify_lines

            print_text("\n".join(verify_lines(document)))
        end(document, ["PASS" if document["identical"] else "FAIL"])


def _some(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"
