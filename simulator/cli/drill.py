"""The verbs of failure: `rollout drill` plays incidents at a peak, `rollout cliff` finds where goodput collapses."""

from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import AsJson, File, Overrides, Seed, Threads
from simulator.cli.shared import end, explained, follow, load_checked, show_document

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.studies.run.document import JsonObject

StageName = Annotated[
    str | None,
    typer.Option(
        "--stage", metavar="NAME", show_default="the last", help="The stage at whose peak it happens."
    ),
]


def drill(
    file: File,
    incident: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            show_default="each",
            help="Only this incident; a+b: both at once. May be repeated.",
        ),
    ] = None,
    stage: StageName = None,
    seed: Seed = None,
    runs: Annotated[
        int, typer.Option(min=2, max=1000, metavar="N", help="Pairs of replications, with and without.")
    ] = 6,
    cures: Annotated[
        bool, typer.Option("--cures/--no-cures", help="Also try each single change of policy that may help.")
    ] = True,
    overrides: Overrides = None,
    as_json: AsJson = False,
    threads: Threads = None,
) -> None:
    """Play incidents at a stage's peak: what users feel, when it recovers, and what would help."""
    with explained():
        from simulator.studies.drill.drill_tables import drill_report

        loaded = load_checked(file, overrides, seed)

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.drill.drill import DrillOptions
            from simulator.studies.drill.drill_job import drill_job

            return drill_job(loaded, DrillOptions(incident or (), stage, runs, cures), runner)

        document = follow(job, threads)
        show_document(document, drill_report, as_json=as_json)
        end(document, [document["verdict"]])


def cliff(
    file: File,
    stage: StageName = None,
    seed: Seed = None,
    runs: Annotated[int, typer.Option(min=2, max=1000, metavar="N", help="Replications at every load.")] = 4,
    overrides: Overrides = None,
    as_json: AsJson = False,
    threads: Threads = None,
) -> None:
    """Find the load at which goodput collapses, why, and the load below which it recovers."""
    with explained():
        from simulator.studies.cliff.cliff_tables import cliff_report

        loaded = load_checked(file, overrides, seed)

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.cliff.cliff import CliffOptions
            from simulator.studies.drill.drill_job import cliff_job

            options = CliffOptions(stage, runs)
            return cliff_job(loaded, options, runner)

        document = follow(job, threads)
        show_document(document, cliff_report, as_json=as_json)
        end(document, [document["verdict"]])
