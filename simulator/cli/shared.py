"""What every verb of `rollout` does the same way: load, follow a job, print, and explain what went wrong.

Slow imports stand inside the functions, so that `--help` answers at once.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import typer

from simulator.errors import ExitCode, OptionError, explain
from simulator.render.plain_text import inert
from simulator.results.store.whole_file import write_whole

Found = TypeVar("Found")
ReportT = TypeVar("ReportT", bound="Report")

if TYPE_CHECKING:
    from threading import Event

    from simulator.engine import Runner
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.base import Study
    from simulator.studies.report import Report, Shown


@contextmanager
def explained() -> Iterator[None]:
    """Turn whatever goes wrong into one message on standard error and an exit code."""
    try:
        yield
    except (typer.Exit, typer.BadParameter):
        raise
    except KeyboardInterrupt:
        complain("interrupted")
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    except OptionError as error:
        raise typer.BadParameter(str(error), param_hint=error.option) from None
    except Exception as error:
        if os.environ.get("ROLLOUT_DEBUG"):
            traceback.print_exc()
        code, message = explain(error)
        complain(message)
        raise typer.Exit(code) from None


def load(file: Path, overrides: list[str] | None, seed: int | None) -> "LoadedScenario":
    from simulator.scenario.read.load import name_of
    from simulator.studies.inputs.scenario_file import load_scenario_file

    found = load_scenario_file(file, [*(overrides or []), *([] if seed is None else [f"seed={seed}"])])
    return replace(found, name=name_of(str(file), overrides or []))


def load_checked(file: Path, overrides: list[str] | None, seed: int | None) -> "LoadedScenario":
    """Load a scenario, and read what it names outside of itself."""
    from simulator.compiler.external_files import check_external_files

    loaded = load(file, overrides, seed)
    check_external_files(loaded)
    return loaded


def make_folder(out: Path | None, option: str = "--out") -> None:
    """Make the folder of results first: nobody wants to hear after an hour that it cannot be written."""
    if out is None:
        return
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise typer.BadParameter(f"cannot make {out}: {error.strerror}", param_hint=option) from error
    if not os.access(out, os.W_OK):
        raise typer.BadParameter(f"{out} cannot be written", param_hint=option)


def can_write(path: Path | None) -> None:
    """Complain before the work if a report cannot be written after it."""
    if path is None:
        return
    is_new = not path.exists()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8"):
            pass
        if is_new:
            path.unlink()  # work that fails leaves no empty report
    except OSError as error:
        raise typer.BadParameter(f"cannot write {path}: {error.strerror}") from error


def write_text(path: Path | None, text: str) -> None:
    """Write a report, if it was asked for."""
    if path is not None:
        write_whole(path, text)


def follow(job: "Callable[[Runner], Found]", threads: int | None = None) -> "Found":
    """Run a job that can be interrupted, and show its progress."""
    from rich.console import Console

    from simulator.cli.interruptible import run_interruptible
    from simulator.cli.progress import ProgressDisplay
    from simulator.numerics.jit import is_compiled

    with ProgressDisplay(Console(stderr=True)) as progress:
        if not is_compiled():
            progress.say_compiling()

        def work(cancel: "Event") -> "Found":
            from simulator.engine import Runner, threads_or_all  # slow: while the progress shows

            return job(Runner(n_threads=threads_or_all(threads), progress=progress, cancel=cancel))

        found, _ = run_interruptible(work, progress.say_finishing)
    return found


def run_study(study: "Study[ReportT]", loaded: "LoadedScenario") -> "ReportT":
    """Run a study that can be interrupted, and show its progress."""
    return follow(lambda runner: study.run(loaded, runner.at(loaded.base_dir)), study.threads)


def show_report(report: "Shown", *, as_json: bool) -> None:
    """Print a report, as JSON or as tables."""
    if as_json:
        print_text(report.to_json(indent=2))
        return
    from rich.console import Console

    from simulator.render.terminal import terminal

    console = Console(highlight=False, emoji=False)
    with console.capture() as shown:
        console.print(terminal(report.sections(), console.width))
    print_text(shown.get().rstrip("\n"))


def write_report(report: "Report", html: Path | None, markdown: Path | None) -> None:
    """Write the page and the Markdown summary, if they were asked for, and say where they are."""
    for path, text in ((html, report.to_html), (markdown, report.to_markdown)):
        if path is not None:
            write_whole(path, text())
            complain(f"wrote {path}")


def finish(report: "Report", code: ExitCode) -> NoReturn:
    """End with the exit code, which tells the report's outcome."""
    if report.interrupted:
        complain("interrupted: this is what was finished")
        raise typer.Exit(ExitCode.INTERRUPTED)
    raise typer.Exit(code)


def print_json(document: object) -> None:
    print_text(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))


def print_text(text: str) -> None:
    """Write to standard output; if the reader has had enough (`| head`), the rest goes nowhere."""
    try:
        print(inert(text), flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(message: str) -> None:
    say_to_runner(inert(message))


def say_to_runner(message: str) -> None:
    """Write to standard error as it is, e.g. commands that a CI system listens to."""
    with suppress(BrokenPipeError):
        print(message, file=sys.stderr, flush=True)
