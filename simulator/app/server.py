"""What `rollout app` becomes: the server, with everything the pages need in memory before the first visitor comes."""

import sys
from pathlib import Path

from streamlit.web import cli

import simulator.app.navigation  # noqa: F401  loading it is what takes time


def serve() -> None:
    """Serve the app until it is ended; arguments are those of `streamlit run`."""
    main = Path(__file__).parent / "main.py"
    sys.argv = ["streamlit", "run", str(main), *sys.argv[1:]]
    cli.main()


if __name__ == "__main__":
    serve()
