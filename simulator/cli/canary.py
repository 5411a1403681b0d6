"""The verb `rollout canary`: rehearse how a release reaches its users."""

from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import AsJson, File, Overrides, Seed, Threads
from simulator.cli.shared import end, explained, follow, load_checked, show_document

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.studies.run.document import JsonObject


def canary(
    file: File,
    stage: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default="the first stage", help="Whose demand the canary meets."),
    ] = None,
    release: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default="the first release", help="Which release is rehearsed."),
    ] = None,
    effect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY=VALUE",
            show_default="the usual ones",
            help="What a bad release does, e.g. success_rate=-2% or latency=30%,error_rate=1%; may be repeated.",
        ),
    ] = None,
    rehearsals: Annotated[
        int, typer.Option(min=2, max=10_000, metavar="N", help="Rehearsals of each case.")
    ] = 40,
    seed: Seed = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
    threads: Threads = None,
) -> None:
    """Rehearse the canary of a release: what it lets pass, what it stops, and who is hurt before."""
    with explained():
        from simulator.studies.canary.canary_tables import canary_report
        from simulator.studies.canary.cases import cases_of
        from simulator.studies.canary.rehearsals import CanaryOptions, release_of

        loaded = load_checked(file, overrides, seed)
        scenario = loaded.scenario
        stages = [known.name for known in scenario.stages]
        if stage is not None and stage not in stages:
            known = ", ".join(stages) or "none"
            raise typer.BadParameter(f"no stage `{stage}`; stages: {known}", param_hint="--stage")
        at = stage or (stages[0] if stages else None)
        wanted = release_of(scenario, release)
        try:
            cases = cases_of(wanted, effect)
        except ValueError as error:
            raise typer.BadParameter(str(error), param_hint="--effect") from None

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.canary.canary_job import canary_job

            options = CanaryOptions(at, release, rehearsals)
            return canary_job(loaded, cases, options, runner)

        document = follow(job, threads)
        show_document(document, canary_report, as_json=as_json)
        end(document, [document["verdict"]] if document["verdict"] else [])
