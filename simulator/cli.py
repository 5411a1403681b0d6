"""The command `rollout`: thin verbs over the scenario, the engine and planning.

Results go to standard output, progress and messages to standard error; the exit code says how it ended
(`simulator.reporting.exit_codes`). Slow imports stand inside the verbs, so that `--help` answers at once.
"""

import json
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from simulator import __version__
from simulator.reporting.exit_codes import ExitCode, exit_code_of
from simulator.reporting.plain_text import use_plain_text

if TYPE_CHECKING:
    from threading import Event

    from rich.console import RenderableType

    from simulator.engine import Progress
    from simulator.reporting.document import JsonObject
    from simulator.scenario.load import LoadedScenario

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

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", exists=True, dir_okay=False, show_default=False, help="Scenario file (YAML)."
    ),
]
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
    threads: Threads = None,
) -> None:
    """Plan every stage: capacity, cost, and GO or NO-GO."""
    with _explained():
        from simulator.reporting.plan_tables import plan_report

        loaded = _checked(file, overrides, seed)
        if not loaded.scenario.stages:
            raise typer.BadParameter(
                f"{file} has no `stages` to plan; add some, or use `rollout run`", param_hint="FILE"
            )
        _make_folder(out)

        def job(progress: "Progress", cancel: "Event") -> "JsonObject":
            from simulator.reporting.plan_job import PlanRequest, plan_job  # slow: while the progress shows

            return plan_job(loaded, PlanRequest(replications, _n_threads(threads), out), progress, cancel)

        document = _follow(job)
        _show(document, plan_report, as_json=as_json)
        _end(document, [document["decision"]] if document["decision"] else [])


@app.command()
def run(
    file: File,
    stage: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default="full exposure", help="Stage whose demand is simulated."),
    ] = None,
    seed: Seed = None,
    replications: Annotated[
        int, typer.Option(min=1, max=1000, metavar="N", help="Runs, each with its own seed.")
    ] = 5,
    until: Annotated[
        str | None,
        typer.Option(metavar="SPAN", show_default="the scenario's", help="Length of the window, e.g. 2h."),
    ] = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
    out: Out = None,
    rows: Annotated[bool, typer.Option("--rows", help="Keep every action as a row (needs --out).")] = False,
    threads: Threads = None,
) -> None:
    """Simulate one window and report what was measured."""
    if rows and out is None:
        raise typer.BadParameter("rows are kept in a folder: give --out DIR too", param_hint="--rows")
    with _explained():
        from simulator.reporting.run_job import RunRequest, run_job
        from simulator.reporting.run_tables import run_report

        span = [] if until is None else [f"window.duration={_span_s(until)}"]
        loaded = _checked(file, [*(overrides or []), *span], seed)
        names = [known.name for known in loaded.scenario.stages]
        if stage is not None and stage not in names:
            known = ", ".join(names) or "none"
            raise typer.BadParameter(f"no stage {stage!r}; there are: {known}", param_hint="--stage")
        _make_folder(out)
        request = RunRequest(stage, replications, _n_threads(threads), out, rows)
        document = _follow(lambda progress, cancel: run_job(loaded, request, progress, cancel))
        _show(document, run_report, as_json=as_json)
        _end(document, [verdict["verdict"] for verdict in document["verdicts"]])


@app.command()
def validate(files: Files) -> None:
    """Check scenario files without running them."""
    with _explained():
        from simulator.scenario.errors import ScenarioError

        lines, code = [], ExitCode.PASS
        for file in files:
            try:
                scenario = _checked(file, None, None).scenario
            except ScenarioError as error:
                lines.append(str(error))
                code = ExitCode.INVALID_SCENARIO
            else:
                n_workloads, n_stages = len(scenario.workloads), len(scenario.stages)
                lines.append(f"{file}: valid (workloads: {n_workloads}, stages: {n_stages})")
        _print("\n".join(lines))
        raise typer.Exit(code)


@app.command()
def show(
    file: File,
    resolved: Annotated[bool, typer.Option("--resolved", help="All values, defaults included.")] = False,
    origin: Annotated[bool, typer.Option("--origin", help="Also where each value comes from.")] = False,
    overrides: Overrides = None,
) -> None:
    """Print the values of a scenario, one per line."""
    with _explained():
        from simulator.reporting.values import value_lines

        lines = value_lines(_load(file, overrides, None), resolved=resolved, origin=origin)
        _print("\n".join(lines))


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
    with _explained():
        from simulator.reporting.pools import catalog_document, pools_report, scenario_document

        if file is None:
            document = catalog_document()
        else:
            document = scenario_document(_checked(file, overrides, None))
        _show(document, pools_report, as_json=as_json)


@app.command()
def schema() -> None:
    """Print the JSON Schema of scenario files."""
    with _explained():
        from simulator.scenario.schema import scenario_schema

        _print_json(scenario_schema())


@contextmanager
def _explained() -> Iterator[None]:
    """Turn whatever goes wrong into one message on standard error and an exit code."""
    try:
        yield
    except (typer.Exit, typer.BadParameter):
        raise
    except KeyboardInterrupt:
        _complain("interrupted")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except Exception as error:
        from simulator.reporting.failures import explain

        if os.environ.get("ROLLOUT_DEBUG"):
            traceback.print_exc()
        code, message = explain(error)
        _complain(message)
        raise typer.Exit(code) from None


def _load(file: Path, overrides: list[str] | None, seed: int | None) -> "LoadedScenario":
    from simulator.scenario.load import load_scenario

    return load_scenario(file, [*(overrides or []), *([] if seed is None else [f"seed={seed}"])])


def _checked(file: Path, overrides: list[str] | None, seed: int | None) -> "LoadedScenario":
    """Load a scenario, and read what it names outside of itself."""
    from simulator.compiler.contents import check_contents

    loaded = _load(file, overrides, seed)
    check_contents(loaded)
    return loaded


def _span_s(text: str) -> float:
    """Seconds of `--until`."""
    from simulator.units import parse_seconds

    try:
        span_s = parse_seconds(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--until") from None
    if not span_s > 0.0:
        raise typer.BadParameter(f"`{text}` is not longer than nothing", param_hint="--until")
    return span_s


def _make_folder(out: Path | None) -> None:
    """Make the folder of results first: nobody wants to hear after an hour that it cannot be written."""
    if out is None:
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"cannot make {out}: {error.strerror}", param_hint="--out") from error
    if not os.access(out, os.W_OK):
        raise typer.BadParameter(f"{out} cannot be written", param_hint="--out")


def _n_threads(asked: int | None) -> int:
    """Threads asked for, or as many as there are cores this process may use."""
    if asked is not None:
        return asked
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _follow(job: "Callable[[Progress, Event], JsonObject]") -> "JsonObject":
    """Run a job that can be interrupted, and show its progress."""
    from rich.console import Console

    from simulator.numerics.jit import is_compiled
    from simulator.reporting.interruptible import run_interruptible
    from simulator.reporting.progress import ProgressDisplay

    with ProgressDisplay(Console(stderr=True)) as progress:
        if not is_compiled():
            progress.say_compiling()
        document, _ = run_interruptible(lambda cancel: job(progress, cancel))
    return document


def _show(
    document: "JsonObject", report: "Callable[[JsonObject, int], RenderableType]", *, as_json: bool
) -> None:
    """Print a document, as it is or as tables."""
    if as_json:
        _print_json(document)
        return
    from rich.console import Console

    console = Console(highlight=False, emoji=False)
    with console.capture() as shown:
        console.print(report(document, console.width))
    _print(shown.get().rstrip("\n"))


def _end(document: "JsonObject", verdicts: list[str]) -> NoReturn:
    if document["interrupted"]:
        _complain("interrupted: this is what was finished")
        raise typer.Exit(ExitCode.INTERRUPTED)
    raise typer.Exit(exit_code_of(verdicts))


def _print_json(document: object) -> None:
    _print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def _print(text: str) -> None:
    """Write to standard output; if the reader has had enough (`| head`), the rest goes nowhere."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str) -> None:
    with suppress(BrokenPipeError):
        print(message, file=sys.stderr, flush=True)


def _raise_interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
