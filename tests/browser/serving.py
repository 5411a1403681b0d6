"""The app as a user starts it, for what is tried in a browser."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).parents[2]


@contextmanager
def server(runs: Path, *options: str) -> Iterator[str]:
    """Serve the app until the block ends; gives its address, once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # The verb is the process: it becomes the server.
    command = [sys.executable, "-m", "simulator.cli.main", "app", "--port", str(port), *options]
    environment = {**os.environ, "ROLLOUT_APP_RUNS": str(runs)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield _when_up(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _when_up(address: str, process: "subprocess.Popen[bytes]") -> str:
    for _ in range(300):
        assert process.poll() is None, "the server ended"
        try:
            with urlopen(f"{address}/_stcore/health"):
                return address
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server does not answer")
