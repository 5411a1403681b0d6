"""The verb `rollout drift`: how soon reviewers notice that quality falls, and what their looking costs."""

from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import AsJson, File, Overrides, Seed, Threads
from simulator.cli.shared import end, explained, follow, load_checked, show_document, span_s

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.studies.run.document import JsonObject

_WEEK_S = 7 * 86_400.0


def drift(
    file: File,
    stage: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default="the last", help="The stage whose answers are reviewed."),
    ] = None,
    per_week: Annotated[
        str | None,
        typer.Option(
            metavar="SHARE",
            show_default="the scenario's drift, or 1%",
            help="By how much the success rate falls every week, e.g. 0.5%.",
        ),
    ] = None,
    false_alarm_every: Annotated[
        str, typer.Option(metavar="SPAN", help="One false alarm is put up with in this time, e.g. 26w.")
    ] = "26w",
    seed: Seed = None,
    overrides: Overrides = None,
    as_json: AsJson = False,
    threads: Threads = None,
) -> None:
    """See how soon reviewers notice that quality falls, by the share they look at, and what that costs."""
    with explained():
        from simulator.studies.drift.drift_tables import drift_report

        fall = None if per_week is None else _fall(per_week)
        weeks = span_s(false_alarm_every, "--false-alarm-every") / _WEEK_S
        loaded = load_checked(file, overrides, seed)

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.drift.drift_document import drift_job
            from simulator.studies.drift.study import DriftOptions

            options = DriftOptions(stage, fall, weeks)
            return drift_job(loaded, options, runner)

        document = follow(job, threads)
        show_document(document, drift_report, as_json=as_json)
        end(document, [])


def _fall(text: str) -> float:
    from simulator.units import parse_share

    try:
        share = parse_share(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--per-week") from None
    if share <= 0.0:
        raise typer.BadParameter(
            "must be above 0: what does not fall is not noticed", param_hint="--per-week"
        )
    return share
