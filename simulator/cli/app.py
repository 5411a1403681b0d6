"""The verb `rollout app`: the app in the browser, on this machine only."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from simulator.cli.shared import explained


def app(
    scenarios: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            exists=True,
            file_okay=False,
            show_default="those that are shipped",
            help="Folder of scenarios to choose from.",
        ),
    ] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, metavar="N", help="Port on this machine.")] = 8501,
) -> None:
    """Open the app in the browser: plan, change, explore and cost a rollout."""
    with explained():
        if find_spec("streamlit") is None:
            raise typer.BadParameter(
                "the app needs streamlit: python -m pip install 'rollout-simulator[app]'", param_hint="app"
            )
        from simulator.app.bundled import SCENARIOS  # with it come plotly and others

        if scenarios is not None:
            os.environ[SCENARIOS] = str(scenarios.resolve())
        print(f"The app is at http://127.0.0.1:{port} (Ctrl-C ends it).", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "simulator.app.server", "--server.port", str(port)]
        os.execv(sys.executable, command)
