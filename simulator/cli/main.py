"""The command `rollout`: thin verbs over the scenario, the engine and planning.

Results go to standard output, progress and messages to standard error; the exit code says how it ended
(`simulator.errors`). Slow imports stand inside the verbs, so that `--help` answers at once.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from simulator import __version__
from simulator.cli import app as cli_app
from simulator.cli import examples as cli_examples
from simulator.cli.check import check_verb
from simulator.cli.init import init
from simulator.cli.options import AsJson, File, Files, Out, Overrides, Seed, Threads
from simulator.cli.profile import profile
from simulator.cli.run import run_verb
from simulator.cli.shared import (
    can_write,
    end,
    explained,
    follow,
    load,
    load_checked,
    make_folder,
    print_json,
    print_text,
    show_document,
    write_text,
)
from simulator.cli.sweep import merge
from simulator.cli.verb import verb_of
from simulator.cli.verify import verify
from simulator.errors import ExitCode
from simulator.render.plain_text import use_plain_text
from simulator.studies.registry import STUDIES, study_class

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.studies.run.document import JsonObject

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Simulate an AI rollout: latency, unit cost, capacity for every stage, and GO or NO-GO.",
    epilog="Exit codes: "
    + ", ".join(f"{code.value} {code.name.lower().replace('_', ' ')}" for code in ExitCode)
    + ".",
)


def main() -> None:
    """Run the command line and end the process with its exit code."""
    signal.signal(signal.SIGTERM, _raise_interrupt)
    for stream in (sys.stdout, sys.stderr):
        use_plain_text(stream)
    try:
        app(prog_name="rollout")
    except SystemExit as end:
        if end.code != ExitCode.INTERRUPTED:
            raise
    except KeyboardInterrupt:
        pass
    os._exit(ExitCode.INTERRUPTED)  # threads may still be simulating; nobody waits for them


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Options of the command itself."""
    if version:
        typer.echo(f"rollout {__version__}")
        raise typer.Exit


@app.command()
def plan(
    file: File,
    seed: Seed = None,
    replications: Annotated[
        int | None,
        typer.Option(
            min=2, max=64, metavar="N", show_default="4", help="Replications of every window at least."
        ),
    ] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
    out: Out = None,
    html: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            show_default=False,
            help="Also write a page for a browser or a printer.",
        ),
    ] = None,
    markdown: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", dir_okay=False, show_default=False, help="Also write a Markdown summary there."
        ),
    ] = None,
    draws: Annotated[
        int, typer.Option(min=0, max=4096, metavar="N", help="Draws of the uncertain inputs; 0: none.")
    ] = 16,
    threads: Threads = None,
) -> None:
    """Plan every stage: capacity, cost, and GO or NO-GO."""
    with explained():
        from simulator.studies.plan.plan_tables import plan_report

        loaded = load_checked(file, overrides, seed)
        if not loaded.scenario.stages:
            raise typer.BadParameter(
                f"{file} has no `stages` to plan; add some, or use `rollout run`", param_hint="FILE"
            )
        make_folder(out)
        for path in (html, markdown):
            can_write(path)

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.plan.plan_job import (  # slow: while the progress shows
                PlanRequest,
                plan_job,
            )

            return plan_job(loaded, PlanRequest(replications, out, draws), runner)

        document = follow(job, threads)
        show_document(document, plan_report, as_json=as_json)
        if html is not None or markdown is not None:
            from simulator.studies.plan.plan_page import plan_markdown, plan_page  # slow: only when asked for

            write_text(html, plan_page(document))
            write_text(markdown, plan_markdown(document))
        end(document, [document["decision"]] if document["decision"] else [])


@app.command()
def validate(files: Files) -> None:
    """Check scenario files without running them."""
    with explained():
        from simulator.scenario.read.errors import ScenarioError

        lines, code = [], ExitCode.PASS
        for file in files:
            try:
                scenario = load_checked(file, None, None).scenario
            except ScenarioError as error:
                lines.append(str(error))
                code = ExitCode.INVALID_SCENARIO
            else:
                n_workloads, n_stages = len(scenario.workloads), len(scenario.stages)
                lines.append(f"{file}: valid (workloads: {n_workloads}, stages: {n_stages})")
        print_text("\n".join(lines))
        raise typer.Exit(code)


@app.command()
def show(
    file: File,
    resolved: Annotated[bool, typer.Option("--resolved", help="All values, defaults included.")] = False,
    origin: Annotated[bool, typer.Option("--origin", help="Also where each value comes from.")] = False,
    provenance: Annotated[
        bool, typer.Option("--provenance", help="Instead, every input with its source, date and grade.")
    ] = False,
    overrides: Overrides = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="With --provenance: print one JSON document and nothing else.")
    ] = False,
) -> None:
    """Print the values of a scenario, one per line, or where its inputs come from."""
    if provenance and (resolved or origin):
        raise typer.BadParameter("goes without --resolved and --origin", param_hint="--provenance")
    if as_json and not provenance:
        raise typer.BadParameter("goes with --provenance only", param_hint="--json")
    with explained():
        if provenance:
            from simulator.studies.inputs.provenance import provenance_document, provenance_report

            document = provenance_document(load_checked(file, overrides, None))
            show_document(document, provenance_report, as_json=as_json)
            return
        from simulator.studies.inputs.values import value_lines

        lines = value_lines(load(file, overrides, None), resolved=resolved, origin=origin)
        print_text("\n".join(lines))


@app.command()
def pools(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]", exists=True, dir_okay=False, show_default=False, help="Scenario file (YAML)."
        ),
    ] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
) -> None:
    """List the models and GPUs that pools can have, or a scenario's pools and their break-even."""
    with explained():
        from simulator.studies.inputs.pools import catalog_document, pools_report, scenario_document

        if file is None:
            document = catalog_document()
        else:
            document = scenario_document(load_checked(file, overrides, None))
        show_document(document, pools_report, as_json=as_json)


app.command()(init)
own = {"check": check_verb, "run": run_verb}
for name in STUDIES:
    app.command(name)(own[name]() if name in own else verb_of(study_class(name)))
app.command()(profile)
app.add_typer(cli_examples.app, name="examples")


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    with explained():
        from simulator.scenario.read.schema import scenario_schema

        print_json(scenario_schema())


app.command("app")(cli_app.app)


for verb in (merge, verify):
    app.command()(verb)


def _raise_interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
