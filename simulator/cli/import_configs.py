"""The verb `rollout import`: a scenario from the configurations that a team already has."""

from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.shared import can_write, complain, explained, print_text


def import_configs(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILES...",
            exists=True,
            dir_okay=False,
            show_default=False,
            help="Configurations of other tools (YAML).",
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="FILE", dir_okay=False, show_default=False, help="Scenario file to write."
        ),
    ],
    name: Annotated[
        str | None,
        typer.Option(metavar="NAME", show_default="that of the file", help="Name of the scenario."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a complete, commented scenario from LiteLLM, Ray Serve, Kubernetes, Argo Rollouts, OpenSLO, promptfoo files."""
    with explained():
        from simulator.studies.inputs.imported.imported import imported

        if out.exists() and not force:
            raise typer.BadParameter(
                f"{out} is there already; give another name, or --force", param_hint="--out"
            )
        can_write(out)
        found = imported(files, name or out.stem, out.resolve().parent)
        found.write(out)
        complain(f"read {', '.join(found.formats)}")
        for title, lines in (("still open", found.open), ("not carried over", found.dropped)):
            for line in lines:
                complain(f"{title}: {line}")
        print_text(
            f"{out}: {len(found.scenario.model_list)} models, {found.n_stubs} stubs to replace\nNext: rollout run {out}"
        )
