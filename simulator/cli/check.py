"""The verb `rollout check`: like every study's, but of several files, with the outputs that CI systems read."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import Files
from simulator.cli.shared import (
    complain,
    finish,
    follow,
    load_checked,
    say_to_runner,
    show_report,
    write_report,
    write_text,
)
from simulator.cli.verb import Given, command_of, prepare
from simulator.errors import OptionError
from simulator.studies.check.study import CheckStudy

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.check.report import CheckReport

Junit = Annotated[
    Path | None,
    typer.Option(metavar="FILE", dir_okay=False, show_default=False, help="Also write JUnit XML there."),
]
Baseline = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        exists=True,
        dir_okay=False,
        show_default=False,
        help="JSON of an earlier check: the Markdown summary shows the change.",
    ),
]
Annotate = Annotated[
    bool,
    typer.Option("--annotate", help="Mark failed thresholds in the file, on GitHub; there always on."),
]


def check_verb() -> Callable[..., None]:
    """Return the function that typer makes a verb of."""
    return command_of(CheckStudy, _answer, file=Files, junit=Junit, baseline=Baseline, annotate=Annotate)


def _answer(study: CheckStudy, given: Given) -> None:
    """Check every file that has something to check, and write what CI reads."""
    loaded = [load_checked(file, given.overrides, given.seed) for file in given.file]
    _has_something_to_check(loaded)
    loaded = _with_stages(loaded, study.stages)
    baseline = None if given.baseline is None else _read_baseline(given.baseline)
    prepare(study, given.html, given.markdown, given.junit)

    def check(runner: "Runner") -> "CheckReport":
        from simulator.studies.check.scenario_check import check_scenarios

        return check_scenarios(loaded, study, runner)

    report = follow(check, study.threads)
    show_report(report, as_json=given.as_json)
    write_report(report, given.html, None)
    if given.markdown is not None:
        write_text(given.markdown, report.to_markdown(baseline))
        complain(f"wrote {given.markdown}")
    _write_findings(report, given.junit, annotate=given.annotate)
    finish(report, study.exit_code(report))


def _write_findings(report: "CheckReport", junit: Path | None, *, annotate: bool) -> None:
    from simulator.render.annotations import annotations
    from simulator.render.junit import junit_xml
    from simulator.studies.check.view import findings, suites

    write_text(junit, junit_xml("rollout check", suites(report), report.wall_s))
    if annotate or os.environ.get("GITHUB_ACTIONS") == "true":
        say_to_runner("\n".join(annotations(findings(report))))


def _has_something_to_check(loaded: "Sequence[LoadedScenario]") -> None:
    idle = [one.file for one in loaded if not one.scenario.slos and not one.scenario.thresholds]
    if len(idle) == len(loaded):
        raise OptionError(f"{', '.join(idle)}: no `slos` and no `thresholds` to check", "FILE")
    for name in idle:
        complain(f"{name}: no `slos` and no `thresholds` to check")


def _with_stages(loaded: "Sequence[LoadedScenario]", asked: Sequence[str] | None) -> "list[LoadedScenario]":
    """The scenarios that have any of the stages that are asked for."""
    if not asked:
        return list(loaded)
    names = [{stage.name for stage in one.scenario.stages} for one in loaded]
    known = set().union(*names)
    unknown = sorted(set(asked) - known)
    if unknown:
        raise OptionError(
            f"no stage {unknown[0]!r}; there are: {', '.join(sorted(known)) or 'none'}", "--stage"
        )
    return [one for one, its in zip(loaded, names, strict=True) if its & set(asked)]


def _read_baseline(path: Path) -> "CheckReport":
    """Read the report of an earlier check."""
    from simulator.studies.check.report import CheckReport

    try:
        return CheckReport.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        raise OptionError(f"{path} is not the JSON of a check (rollout check --json)", "--baseline") from None
