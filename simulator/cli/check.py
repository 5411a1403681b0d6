"""The verbs of CI: `rollout check` holds scenarios to their thresholds, `rollout compare` to a baseline."""

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import AsJson, Files, Overrides, Seed, Threads
from simulator.cli.shared import (
    can_write,
    complain,
    end,
    explained,
    follow,
    load_checked,
    show_document,
    write_text,
)
from simulator.errors import ExitCode

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.run.document import JsonObject


class FailOn(StrEnum):
    """What a comparison's exit code tells."""

    REGRESSION = "regression"
    THRESHOLD = "threshold"
    NOTHING = "nothing"


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
        from simulator.render.annotations import annotations
        from simulator.render.junit import junit_xml
        from simulator.studies.check.check_markdown import check_markdown
        from simulator.studies.check.check_tables import check_report
        from simulator.studies.check.study import CheckOptions

        loaded = [(file, load_checked(file, overrides, seed)) for file in files]
        _has_something_to_hold(loaded)
        loaded = _with_stages(loaded, stage)
        before = None if baseline is None else _read_document(baseline)
        for path in (junit, markdown):
            can_write(path)

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.check.check_job import check_job

            options = CheckOptions(stage, replications, max(budget, replications), regions, planned)
            return check_job(loaded, options, runner)

        document = follow(job, threads)
        show_document(document, check_report, as_json=as_json)
        write_text(junit, junit_xml(document))
        write_text(markdown, check_markdown(document, before))
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


def _with_stages(
    loaded: "list[tuple[Path, LoadedScenario]]", asked: list[str] | None
) -> "list[tuple[Path, LoadedScenario]]":
    """The scenarios that have any of the stages that are asked for."""
    if not asked:
        return loaded
    names = {file: {stage.name for stage in one.scenario.stages} for file, one in loaded}
    unknown = sorted(set(asked) - set().union(*names.values()))
    if unknown:
        known = ", ".join(sorted(set().union(*names.values()))) or "none"
        raise typer.BadParameter(f"no stage {unknown[0]!r}; there are: {known}", param_hint="--stage")
    return [(file, one) for file, one in loaded if names[file] & set(asked)]


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


def compare(
    base: Annotated[
        Path,
        typer.Argument(
            metavar="BASE", exists=True, show_default=False, help="Scenario file, or folder of a stored run."
        ),
    ],
    head: Annotated[
        Path,
        typer.Argument(
            metavar="HEAD", exists=True, dir_okay=False, show_default=False, help="Scenario file."
        ),
    ],
    stage: StageNames = None,
    seed: Seed = None,
    replications: Annotated[
        int, typer.Option(min=2, max=1000, metavar="N", help="Pairs of replications of every stage at least.")
    ] = 8,
    budget: Annotated[
        int, typer.Option(min=2, max=1000, metavar="N", help="Pairs at most, to decide what is open.")
    ] = 32,
    tolerance: Annotated[
        str, typer.Option(metavar="SHARE", help="A measure may be worse by this share, e.g. 5%.")
    ] = "5%",
    fail_on: Annotated[
        list[FailOn] | None,
        typer.Option(
            "--fail-on",
            show_default="regression",
            help="What the exit code tells: 10 and 11 (regression), also 99 (threshold), or nothing.",
        ),
    ] = None,
    overrides: Overrides = None,
    markdown: Markdown = None,
    as_json: AsJson = False,
    threads: Threads = None,
) -> None:
    """Compare two scenarios on the same users: what became worse, with intervals."""
    with explained():
        from simulator.studies.compare.compare_markdown import compare_markdown
        from simulator.studies.compare.compare_tables import compare_report
        from simulator.studies.compare.study import CompareOptions

        after = load_checked(head, overrides, seed)
        before = None if base.is_dir() else load_checked(base, None, seed)
        share = _share(tolerance)
        can_write(markdown)

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.compare.compare_job import base_side, compare_job
            from simulator.studies.compare.comparison_sides import side_of_file

            options = CompareOptions(stage, replications, max(budget, replications), share)
            sides = base_side(base, before, after), side_of_file(str(head), after)
            return compare_job(*sides, options, runner)

        document = follow(job, threads)
        show_document(document, compare_report, as_json=as_json)
        write_text(markdown, compare_markdown(document))
        if document["interrupted"]:
            end(document, [])
        raise typer.Exit(_code_of(document, set(fail_on or [FailOn.REGRESSION])))


def _code_of(document: "JsonObject", fail_on: set[FailOn]) -> ExitCode:
    """Exit code of a comparison: a regression comes first, then a missed threshold, then what is undecided."""
    if FailOn.REGRESSION in fail_on and document["verdict"] == "FAIL":
        return ExitCode.REGRESSION
    if FailOn.THRESHOLD in fail_on and any(one["verdict"] == "FAIL" for one in document["thresholds"]):
        return ExitCode.FAILED
    if FailOn.REGRESSION in fail_on and document["verdict"] == "UNDECIDED":
        return ExitCode.UNDECIDED
    return ExitCode.PASS


def _share(text: str) -> float:
    """Share of `--tolerance`."""
    from simulator.units import parse_share

    try:
        return parse_share(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--tolerance") from None
