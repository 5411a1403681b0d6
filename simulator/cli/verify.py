"""The verb `rollout verify`, which runs a stored run again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import AsJson, Threads
from simulator.cli.shared import explained, finish, follow, show_report
from simulator.errors import exit_code_of

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.studies.verify.report import VerifyReport


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
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Re-run a stored run from its manifest, and check that results are bit-identical."""
    with explained():

        def job(runner: "Runner") -> "VerifyReport":
            from simulator.studies.verify.verify import verify_run  # slow: while the progress shows

            return verify_run(folder, runner.at(files))

        report = follow(job, threads)
        show_report(report, as_json=as_json)
        finish(report, exit_code_of(report.outcomes))
