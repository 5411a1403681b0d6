"""The verbs of `rollout` that run many points: `sweep`, `merge`, `optimise`; and `verify`, which runs one again."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from simulator.cli.options import AsJson, File, Overrides, Seed
from simulator.cli.shared import (
    complain,
    end,
    explained,
    follow,
    load_checked,
    make_folder,
    print_json,
    print_text,
    show_document,
)
from simulator.errors import ExitCode
from simulator.studies.sweep.design_kind import DesignKind

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.studies.run.document import JsonObject
    from simulator.studies.sweep.designs import Values
    from simulator.studies.sweep.parameters import Parameter
    from simulator.studies.sweep.responses import Goal

Vary = Annotated[
    list[str] | None,
    typer.Option(
        "--vary",
        metavar="PATH=VALUES",
        show_default=False,
        help="What to vary: a list (a.b=1,2,3), whole numbers (a.b=1..9 by 2) or a distribution "
        "(a.b=uniform(1m, 5m)); may be repeated.",
    ),
]
PointsOut = Annotated[
    Path,
    typer.Option(
        "--out", metavar="DIR", file_okay=False, show_default=False, help="Folder that keeps the points."
    ),
]
Stage = Annotated[
    str | None,
    typer.Option(metavar="NAME", show_default="full exposure", help="Stage whose demand is simulated."),
]
Replications = Annotated[
    int, typer.Option(min=1, max=1000, metavar="N", help="Runs of every point, each with its own seed.")
]
Minimise = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", show_default=False, help="A response to be low, e.g. latency.p95; may be repeated."
    ),
]
Maximise = Annotated[
    list[str] | None,
    typer.Option(metavar="NAME", show_default=False, help="A response to be high; may be repeated."),
]
Executor = Annotated[
    str,
    typer.Option(
        metavar="WHERE", help="Where points are simulated: threads, processes, or dask://HOST:PORT."
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, max=256, metavar="N", show_default="all cores", help="Points simulated at the same time."
    ),
]


def sweep(
    file: File,
    out: PointsOut,
    vary: Vary = None,
    design: Annotated[DesignKind, typer.Option(help="How points are chosen.")] = DesignKind.GRID,
    points: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            show_default=False,
            help="Points of lhs and sobol, at most of saltelli; levels in a grid.",
        ),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            exists=True,
            dir_okay=False,
            show_default=False,
            help="Points from a file: a column per path, a row per point.",
        ),
    ] = None,
    stage: Stage = None,
    seed: Seed = None,
    replications: Replications = 5,
    overrides: Overrides = None,
    minimise: Minimise = None,
    maximise: Maximise = None,
    executor: Executor = "threads",
    workers: Workers = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the sweep in the folder; another one is an error.")
    ] = False,
    shard: Annotated[
        str | None,
        typer.Option(metavar="K/N", show_default=False, help="Only this part of the points; see merge."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run a scenario at many points and keep every one; what was run before is not run again."""
    with explained():
        from simulator.studies.sweep.designs import parse_shard
        from simulator.studies.sweep.sweep_tables import sweep_report

        part = None if shard is None else parse_shard(shard)
        loaded = load_checked(file, overrides, seed)
        factors, values = _points(vary, design, points, csv, loaded.scenario.seed)
        goals = _goals(minimise, maximise)
        make_folder(out)

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.sweep.sweep_job import (
                SweepRequest,
                sweep_job,
            )  # slow: while the progress shows

            request = SweepRequest(
                out=out,
                design=DesignKind.LIST if csv is not None else design,
                factors=factors,
                points=values,
                stage=stage,
                replications=replications,
                executor=executor,
                resume=resume,
                shard=part,
                goals=goals,
            )
            return sweep_job(loaded, request, runner)

        document = follow(job, workers)
        show_document(document, sweep_report, as_json=as_json)
        end(document, [])


def merge(
    folders: Annotated[
        list[Path],
        typer.Argument(
            metavar="DIR", exists=True, file_okay=False, show_default=False, help="Folders of shards."
        ),
    ],
    out: PointsOut,
    as_json: AsJson = False,
) -> None:
    """Bring the shards of a sweep together in one folder."""
    with explained():
        from simulator.studies.sweep.sweep_tables import sweep_report

        make_folder(out)

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.sweep.merge_job import merge_job

            return merge_job(folders, out, runner)

        document = follow(job)
        show_document(document, sweep_report, as_json=as_json)
        if document["missing"]:
            complain(f"points that are in none of the folders: {_some(document['missing'])}")
            raise typer.Exit(ExitCode.USAGE)


def optimise(
    file: File,
    out: PointsOut,
    vary: Vary = None,
    minimise: Minimise = None,
    maximise: Maximise = None,
    constraints: Annotated[
        list[str] | None,
        typer.Option(
            "--subject-to",
            metavar="LIMIT",
            show_default=False,
            help="What must hold, e.g. 'success_rate >= 0.9'; may be repeated.",
        ),
    ] = None,
    points: Annotated[int, typer.Option(min=1, max=100_000, metavar="N", help="Points tried at most.")] = 64,
    stage: Stage = None,
    seed: Seed = None,
    replications: Replications = 5,
    overrides: Overrides = None,
    executor: Executor = "threads",
    workers: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Search for the points that no other beats, by several goals under constraints."""
    with explained():
        from simulator.studies.sweep.parameters import SweepError, parse_vary
        from simulator.studies.sweep.sweep_tables import sweep_report

        goals = _goals(minimise, maximise)
        if not goals:
            raise SweepError("a search takes a goal: give --minimise or --maximise")
        factors = [parse_vary(text) for text in vary or []]
        loaded = load_checked(file, overrides, seed)
        make_folder(out)

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.sweep.optimise_job import SearchRequest, optimise_job

            request = SearchRequest(
                out=out,
                factors=factors,
                goals=goals,
                constraints=constraints or [],
                n_points=points,
                stage=stage,
                replications=replications,
                executor=executor,
            )
            return optimise_job(loaded, request, runner)

        document = follow(job, workers)
        show_document(document, sweep_report, as_json=as_json)
        end(document, [] if document["n_feasible"] else ["FAIL"])


def verify(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="RUN", exists=True, file_okay=False, show_default=False, help="Folder of a stored run."
        ),
    ],
    files: Annotated[
        Path,
        typer.Option(
            metavar="DIR", exists=True, file_okay=False, help="Folder of the scenario's traces and profiles."
        ),
    ] = Path(),
    threads: Workers = None,
    as_json: AsJson = False,
) -> None:
    """Execute a stored run anew from its manifest, and compare bit by bit."""
    with explained():

        def job(runner: "Runner") -> "JsonObject":
            from simulator.studies.verify.study import verify_job

            return verify_job(folder, runner.at(files))

        document = follow(job, threads)
        if as_json:
            print_json(document)
        else:
            from simulator.studies.verify.tables import verify_lines

            print_text("\n".join(verify_lines(document)))
        end(document, ["PASS" if document["identical"] else "FAIL"])


def _points(
    vary: list[str] | None, design: DesignKind, n_points: int | None, csv: Path | None, seed: int
) -> "tuple[list[Parameter], list[Values]]":
    """Factors and points that the options ask for."""
    from simulator.studies.sweep.designs import design_points, read_points
    from simulator.studies.sweep.parameters import SweepError, parse_vary

    if csv is not None:
        if vary:
            raise SweepError("points come from --csv or from --vary, not from both")
        return read_points(csv)
    factors = [parse_vary(text) for text in vary or []]
    return factors, design_points(design, factors, n_points, seed)


def _goals(minimise: list[str] | None, maximise: list[str] | None) -> "list[Goal]":
    from simulator.studies.sweep.responses import Goal

    low = [Goal(name, "minimise") for name in minimise or []]
    return low + [Goal(name, "maximise") for name in maximise or []]


def _some(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"
