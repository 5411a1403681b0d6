"""The verbs of CI: `rollout check` holds scenarios to their thresholds, `rollout compare` to a baseline."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli_options import AsJson, Files, Overrides, Seed, Threads
from simulator.cli_shared import complain, end, explained, follow, load_checked, n_threads, show_document

if TYPE_CHECKING:
    from threading import Event

    from simulator.engine import Progress
    from simulator.reporting.document import JsonObject
    from simulator.scenario.load import LoadedScenario

Junit = Annotated[
    Path | None,
    typer.Option(metavar="FILE", dir_okay=False, show_default=False, help="Also write JUnit XML there."),
]
Markdown = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", dir_okay=False, show_default=False, help="Also write a Markdown summary there."
    ),
]
StageNames = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", show_default="all", help="Only this stage; may be repeated."),
]


def check(
    files: Files,
    stage: StageNames = None,
    seed: Seed = None,
    replications: Annotated[
        int, typer.Option(min=2, max=1000, metavar="N", help="Replications of every stage at least.")
    ] = 4,
    budget: Annotated[
        int,
        typer.Option(
            min=2, max=1000, metavar="N", help="Replications of a stage at most, to decide what is open."
        ),
    ] = 64,
    regions: Annotated[
        bool, typer.Option("--regions", help="Also hold each region apart to what names no region.")
    ] = False,
    planned: Annotated[
        bool, typer.Option("--planned", help="With the capacity that a plan finds, not the one as written.")
    ] = False,
    overrides: Overrides = None,
    junit: Junit = None,
    markdown: Markdown = None,
    baseline: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            show_default=False,
            help="JSON document of an earlier check: the Markdown summary shows the change.",
        ),
    ] = None,
    annotate: Annotated[
        bool,
        typer.Option("--annotate", help="Mark failed thresholds in the file, on GitHub; there always on."),
    ] = False,
    as_json: AsJson = False,
    threads: Threads = None,
) -> None:
    """Hold scenarios to their SLOs and thresholds: PASS, FAIL or UNDECIDED each."""
    with explained():
        from simulator.planning.check import CheckOptions
        from simulator.reporting.annotations import annotations
        from simulator.reporting.check_markdown import check_markdown
        from simulator.reporting.check_tables import check_report
        from simulator.reporting.junit import junit_xml

        loaded = [(file, load_checked(file, overrides, seed)) for file in files]
        _has_something_to_hold(loaded)
        before = None if baseline is None else _read_document(baseline)
        for path in (junit, markdown):
            _can_write(path)

        def job(progress: "Progress", cancel: "Event") -> "JsonObject":
            from simulator.engine import RunOptions
            from simulator.reporting.check_job import check_job

            options = CheckOptions(
                stage,
                replications,
                max(budget, replications),
                regions,
                planned,
                RunOptions(n_threads=n_threads(threads)),
            )
            return check_job(loaded, options, progress, cancel)

        document = follow(job)
        show_document(document, check_report, as_json=as_json)
        _write(junit, junit_xml(document))
        _write(markdown, check_markdown(document, before))
        if annotate or os.environ.get("GITHUB_ACTIONS") == "true":
            complain("\n".join(annotations(document)))
        end(document, [document["verdict"]] if document["verdict"] else [])


def _has_something_to_hold(loaded: "list[tuple[Path, LoadedScenario]]") -> None:
    idle = [file for file, one in loaded if not one.scenario.slos and not one.scenario.thresholds]
    if len(idle) == len(loaded):
        names = ", ".join(str(file) for file in idle)
        raise typer.BadParameter(f"{names}: no `slos` and no `thresholds` to hold it to", param_hint="FILE")
    for file in idle:
        complain(f"{file}: no `slos` and no `thresholds` to hold it to")


def _read_document(path: Path) -> "JsonObject":
    """Read the document of an earlier check."""
    try:
        document: JsonObject = json.loads(path.read_text(encoding="utf-8"))
        is_check = document["schema"] == 1 and isinstance(document["scenarios"], list)
    except (OSError, ValueError, KeyError, TypeError):
        is_check = False
    if not is_check:
        raise typer.BadParameter(
            f"{path} is not the document of a check (rollout check --json)", param_hint="--baseline"
        )
    return document


def _can_write(path: Path | None) -> None:
    """Complain before the work if a report cannot be written after it."""
    if path is None:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise typer.BadParameter(f"cannot write {path}: {error.strerror}") from error


def _write(path: Path | None, text: str) -> None:
    if path is not None:
        path.write_text(text, encoding="utf-8")
