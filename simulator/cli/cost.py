"""The verbs of finance: `rollout cost` says what an action costs and why, month by month."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import AsJson, File, Overrides, Seed, Threads
from simulator.cli.shared import (
    can_write,
    end,
    explained,
    follow,
    load_checked,
    make_folder,
    show_document,
)
from simulator.metrics.dimensions import COST_VIEWS

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.studies.run.document import JsonObject


class FocusPeriod(StrEnum):
    """What a row of the FOCUS export covers."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


def cost(
    file: File,
    by: Annotated[
        str,
        typer.Option(metavar="A,B", help=f"Columns of the cost table, of: {', '.join(COST_VIEWS)}."),
    ] = "stage,category",
    plan: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            show_default="a plan is made",
            help="Take the capacity of this plan (rollout plan --json).",
        ),
    ] = None,
    as_written: Annotated[
        bool, typer.Option("--as-written", help="Take the capacity that the scenario states.")
    ] = False,
    levers: Annotated[
        bool, typer.Option("--levers", help="Also simulate what would save most, and what users would feel.")
    ] = False,
    bill: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            show_default=False,
            help="Hold the forecast against this bill (CSV: FOCUS, OpenAI, Anthropic, Azure).",
        ),
    ] = None,
    xlsx: Annotated[
        Path | None,
        typer.Option(metavar="FILE", dir_okay=False, show_default=False, help="Also write a workbook."),
    ] = None,
    focus: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            file_okay=False,
            show_default=False,
            help="Also write a FOCUS 1.3 export (CSV, Parquet).",
        ),
    ] = None,
    focus_period: Annotated[
        FocusPeriod, typer.Option(help="What a row of that export covers.")
    ] = FocusPeriod.DAY,
    draws: Annotated[
        int, typer.Option(min=0, max=4096, metavar="N", help="Draws of the uncertain inputs; 0: none.")
    ] = 32,
    seed: Seed = None,
    replications: Annotated[
        int, typer.Option(min=2, max=64, metavar="N", help="Replications of every window.")
    ] = 4,
    overrides: Overrides = None,
    as_json: AsJson = False,
    threads: Threads = None,
) -> None:
    """Work out what the rollout costs per action and month, and how sure that is."""
    if plan is not None and as_written:
        raise typer.BadParameter("give --plan or --as-written, not both", param_hint="--plan")
    columns = _columns(by)
    with explained():
        from simulator.studies.cost.cost_tables import cost_report

        loaded = load_checked(file, overrides, seed)
        make_folder(focus)
        can_write(xlsx)

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.cost.cost_job import (
                CostRequest,
                cost_job,
                read_plan,
            )  # slow: while the progress shows

            request = CostRequest(
                by=columns,
                replications=replications,
                draws=draws,
                as_written=as_written,
                plan=None if plan is None else read_plan(plan),
                levers=levers,
                bill=bill,
                xlsx=xlsx,
                focus=focus,
                focus_period=focus_period.value,
            )
            return cost_job(loaded, request, runner)

        document = follow(job, threads)
        show_document(document, cost_report, as_json=as_json)
        end(document, [])


def bridge(
    before: Annotated[
        Path,
        typer.Argument(metavar="A", exists=True, dir_okay=False, show_default=False, help="Scenario file."),
    ],
    after: Annotated[
        Path,
        typer.Argument(metavar="B", exists=True, dir_okay=False, show_default=False, help="Scenario file."),
    ],
    as_written: Annotated[
        bool, typer.Option("--as-written", help="Take the capacity that the scenarios state.")
    ] = False,
    seed: Seed = None,
    replications: Annotated[
        int, typer.Option(min=2, max=64, metavar="N", help="Replications of every window.")
    ] = 4,
    overrides: Overrides = None,
    as_json: AsJson = False,
    threads: Threads = None,
) -> None:
    """Explain the difference between two forecasts, driver by driver; overrides go to B."""
    with explained():
        from simulator.studies.cost.bridge_document import bridge_report

        names = (str(before), str(after) if not overrides else f"{after} {' '.join(overrides)}")
        scenarios = (load_checked(before, None, seed), load_checked(after, overrides, seed))

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.cost.cost_job import (
                BridgeSide,
                CostRequest,
                bridge_job,
            )  # slow: while the progress shows

            request = CostRequest(replications=replications, as_written=as_written)
            sides = [BridgeSide(name, loaded) for name, loaded in zip(names, scenarios, strict=True)]
            return bridge_job(sides[0], sides[1], request, runner)

        document = follow(job, threads)
        show_document(document, bridge_report, as_json=as_json)
        end(document, [])


def _columns(text: str) -> list[str]:
    """Columns of `--by`."""
    found = [name.strip() for name in text.split(",")]
    unknown = [name for name in found if name not in COST_VIEWS]
    if unknown or len(set(found)) < len(found):
        what = f"no column {unknown[0]!r}" if unknown else "a column stands twice"
        raise typer.BadParameter(f"{what}; there are: {', '.join(COST_VIEWS)}", param_hint="--by")
    return found
