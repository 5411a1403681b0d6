"""Whole processes, timed from outside: a day under control, memory against arrivals, how long a user waits.

Each job is a fresh process on one core, unless it is a command that uses threads by itself. Peak memory is the
largest resident set that the system saw (`VmHWM` of Linux), read every 20 ms: what `wait4` says begins with the
memory of the process that forked.
"""

import json
import math
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.report import markdown_table

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "scenarios" / "support-copilot.yaml"


@dataclass(frozen=True)
class Watched:
    """What was seen of a process from outside."""

    first_output_s: float
    wall_s: float
    peak_mib: float
    output: str


def watch(command: Sequence[str], environment: dict[str, str] | None = None) -> Watched:
    """Run a command on a terminal of its own, as its user sees it.

    Raises
    ------
    RuntimeError : the command failed.
    """
    reader, writer = pty.openpty()
    start_s = perf_counter()
    process = subprocess.Popen(
        command,
        stdin=writer,
        stdout=writer,
        stderr=writer,
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
    )
    os.close(writer)
    first_output_s, peak_mib, chunks = None, math.nan, []
    while True:
        peak_mib = _peak_mib(process.pid) or peak_mib
        if not select.select([reader], [], [], 0.02)[0]:
            continue
        try:
            chunk = os.read(reader, 65_536)
        except OSError:  # the other end is closed
            break
        if not chunk:
            break
        first_output_s = first_output_s or perf_counter() - start_s
        chunks.append(chunk)
    returncode = process.wait()
    wall_s = perf_counter() - start_s
    os.close(reader)
    output = b"".join(chunks).decode(errors="replace")
    if returncode != 0:
        raise RuntimeError(f"{' '.join(command)} failed:\n{output}")
    return Watched(first_output_s or wall_s, wall_s, peak_mib, output)


def _peak_mib(process_id: int) -> float | None:
    """Largest resident set of a process so far; None: it has ended, or the system does not say."""
    try:
        status = Path(f"/proc/{process_id}/status").read_text()
    except OSError:
        return None
    found = re.search(r"VmHWM:\s*(\d+) kB", status)
    return None if found is None else int(found[1]) / 1024.0


def _job(name: str, *arguments: float) -> tuple[Watched, dict[str, float]]:
    """A job of `benchmarks.jobs` in a fresh process, and the figures that it prints."""
    seen = watch([sys.executable, "-m", "benchmarks.jobs", name, *map(str, arguments)])
    # what is on a terminal may end with codes that reset its colours
    figures = next(line for line in reversed(seen.output.splitlines()) if line.startswith("{"))
    return seen, json.loads(figures)


def day_table(quick: bool) -> str:
    """A day at 1,000 requests/s, with control processes that look at the queues every second."""
    hours = 0.5 if quick else 24.0
    rows = []
    for n_pools in (1, 6):
        seen, figures = _job("day", hours, n_pools)
        rows.append(
            [
                f"{hours:g} h at 1,000 requests/s",
                f"{figures['n_control']:,.0f}",
                f"{figures['n_arrived']:,.0f}",
                f"{figures['simulate_s']:.1f}",
                f"{figures['n_arrived'] / figures['simulate_s'] / 1e6:.2f} M",
                f"{seen.peak_mib:,.0f}",
            ]
        )
    return markdown_table(
        ["pipeline", "control decisions", "requests", "simulated in, s", "requests/s", "peak memory, MiB"],
        rows,
    )


def memory_table(quick: bool) -> str:
    """Peak memory of a process that simulates so many arrivals of the pipeline."""
    rows = []
    for n_arrivals in (1e5, 1e6) if quick else (1e6, 1e7, 1e8):
        seen, figures = _job("arrivals", n_arrivals)
        rows.append(
            [
                f"{figures['n_arrived']:,.0f}",
                f"{figures['n_in_flight']:,.0f}",
                f"{figures['simulate_s']:.1f}",
                f"{seen.peak_mib:,.1f}",
            ]
        )
    return markdown_table(["arrivals", "in flight at the end", "simulated in, s", "peak memory, MiB"], rows)


def start_table(quick: bool) -> str:
    """How long a user of the commands waits: medians of three, on all cores."""
    plan = [sys.executable, "-m", "simulator.cli.main", "plan", str(SCENARIO)]
    n = 1 if quick else 3
    rows = [_wait("`rollout --help`", [sys.executable, "-m", "simulator.cli.main", "--help"], n)]
    rows.append(
        _wait("`rollout validate` of the bundled scenario", [*plan[:3], "validate", str(SCENARIO)], n)
    )
    with tempfile.TemporaryDirectory() as cache:
        rows.append(_wait("`rollout plan`, first use: compiles", plan, 1, {"ROLLOUT_CACHE_DIR": cache}))
        rows.append(_wait("`rollout plan`, again", plan, n, {"ROLLOUT_CACHE_DIR": cache}))
    return markdown_table(["command", "", "first output, s", "all, s", "peak memory, MiB"], rows)


def _wait(label: str, command: Sequence[str], n: int, environment: dict[str, str] | None = None) -> list[str]:
    seen = sorted((watch(command, environment) for _ in range(n)), key=lambda one: one.wall_s)[n // 2]
    kind = "one run" if n == 1 else f"median of {n}"
    return [label, kind, f"{seen.first_output_s:.2f}", f"{seen.wall_s:.2f}", f"{seen.peak_mib:,.0f}"]
