"""C++ loops of our own: what a programmer gets who writes the model by hand.

*C++ heap* is the usual way, ``std::priority_queue`` with lazy cancellation. *C++ lanes* is tuned: FIFO lanes
for constant delays, a scalar for each arrival stream and a 4-ary heap for the rest. Both share the models,
the slab of jobs and the random numbers, and have the parameters compiled in.
"""

import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from shutil import which

from benchmarks.models import MODELS, Model
from benchmarks.peer import Outcome, Peer, Replication

SOURCES = Path(__file__).parents[1] / "cpp"
BUILD = Path(__file__).parents[1] / "build"
FLAGS = ("-std=c++20", "-O3", "-march=native", "-Wall", "-Wextra")


def available() -> bool:
    """Whether a compiler is at hand."""
    return which("g++") is not None


def _literal(value: float | tuple[float, ...]) -> tuple[str, str, str]:
    """C++ type, suffix of the name and initializer of a parameter."""
    if isinstance(value, tuple):
        return "double", f"[{len(value)}]", "{" + ", ".join(repr(float(v)) for v in value) + "}"
    if isinstance(value, int):
        return "uint32_t", "", str(value)
    return "double", "", repr(value)


def parameters_header(models: Sequence[Model] = MODELS) -> str:
    """The parameters of all models as a C++ header: a struct for each model."""
    lines = [
        "// Written from benchmarks/models.py.",
        "#pragma once",
        "#include <cstdint>",
        "namespace parameters {",
    ]
    for model in models:
        lines.append(f"struct {model.name} {{")
        for name, value in asdict(model).items():
            if name != "name":
                kind, suffix, initializer = _literal(value)
                lines.append(f"    static constexpr {kind} {name}{suffix} = {initializer};")
        lines.append("};")
    return "\n".join([*lines, "}  // namespace parameters", ""])


def compile_loop(folder: Path, models: Sequence[Model] = MODELS) -> Path:
    """Compile the loops, with the parameters of ``models``, into ``folder`` and return the program."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "parameters.hpp").write_text(parameters_header(models))
    program = folder / "loop"
    command = ["g++", *FLAGS, f"-I{folder}", f"-I{SOURCES}", str(SOURCES / "main.cpp"), "-o", str(program)]
    subprocess.run(command, check=True)
    return program


@cache
def _program() -> Path:
    return compile_loop(BUILD)


def _prepare(_model: Model) -> None:
    _program()


@cache
def _version() -> str:
    return subprocess.run(
        ["g++", "-dumpfullversion"], check=True, capture_output=True, text=True
    ).stdout.strip()


def _lines(
    program: Path, variant: str, model: Model, horizon_s: float, n_replications: int, seed: int
) -> list[str]:
    """What the program prints: a line for each replication, then its wall seconds."""
    command = [str(program), variant, model.name, repr(horizon_s), str(n_replications), str(seed)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def run(
    model: Model,
    horizon_s: float,
    n_replications: int,
    seed: int,
    *,
    variant: str,
    program: Path | None = None,
) -> Outcome:
    """Run the model in a child process, which keeps the caller's core; the clock is the child's own."""
    *rows, wall_s = _lines(program or _program(), variant, model, horizon_s, n_replications, seed)
    replications = []
    for row in rows:
        completed, failed, latency_sum_s, _events = row.split()
        mean_latency_s = float(latency_sum_s) / max(int(completed), 1)
        replications.append(Replication(int(completed), int(failed), mean_latency_s))
    return Outcome(tuple(replications), float(wall_s))


def events_per_request(model: Model, horizon_s: float) -> float:
    """Events that did something, for each request that ended, in one replication of the tuned loop."""
    completed, failed, _latency_sum_s, events = _lines(_program(), "lanes", model, horizon_s, 1, 1)[0].split()
    return int(events) / (int(completed) + int(failed))


def peers() -> tuple[Peer, ...]:
    """Both variants, or none where there is no compiler."""
    if not available():
        return ()
    every = frozenset(model.name for model in MODELS)
    return tuple(
        Peer(name, f"g++ {_version()}", every, speed_rps, partial(run, variant=variant), _prepare)
        for name, variant, speed_rps in (("C++ heap", "heap", 4e6), ("C++ lanes", "lanes", 6e6))
    )
