"""The command `rollout`: thin verbs over the scenario, the engine and planning.

Results go to standard output, progress and messages to standard error; the exit code says how it ended
(`simulator.errors`). Slow imports stand inside the verbs, so that `--help` answers at once.
"""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from simulator import __version__
from simulator.cli import app as cli_app
from simulator.cli import examples as cli_examples
from simulator.cli.import_configs import import_configs
from simulator.cli.init import init
from simulator.cli.options import AsJson, File, Files, Overrides
from simulator.cli.profile import profile
from simulator.cli.shared import (
    explained,
    load,
    load_checked,
    print_json,
    print_text,
    show_report,
)
from simulator.cli.sweep import merge
from simulator.cli.verbs import Verbs
from simulator.cli.verify import verify
from simulator.errors import ExitCode
from simulator.render.plain_text import use_plain_text

app = typer.Typer(
    cls=Verbs,
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
            from simulator.studies.inputs.provenance.provenance import provenance_of

            show_report(provenance_of(load_checked(file, overrides, None)), as_json=as_json)
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
        from simulator.studies.inputs.pools.pools import pools_of, shipped_pools

        report = shipped_pools() if file is None else pools_of(load_checked(file, overrides, None))
        show_report(report, as_json=as_json)


app.command()(init)
app.command("import")(import_configs)
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
