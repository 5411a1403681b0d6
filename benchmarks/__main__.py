"""``python -m benchmarks``: measure everything and write the tables of ``docs/performance.md``.

``--quick`` runs a small size and only prints. Exit code 1: some peer disagrees, and no ratio is printed.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks.agreement import Z_LIMIT, compare
from benchmarks.harness import FULL, QUICK, Measurement, measure
from benchmarks.models import MODELS
from benchmarks.registry import load, names
from benchmarks.report import agreement_table, machine, speed_table, write_section
from benchmarks.whole_runs import day_table, memory_table, start_table

PAGE = Path(__file__).parents[1] / "docs" / "performance.md"
SECTIONS = ("speed", "protection", "pools", "day", "memory", "start", "pairing", "sweep")
ON_ALL_CORES = ("start", "sweep")
TINY_HORIZON_S = 1.0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="Speed as ratios, side by side on one core."
    )
    parser.add_argument("--quick", action="store_true", help="small size; print, write nothing")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)), help="the core to run on")
    parser.add_argument("--rounds", type=int, help="interleaved rounds (default 5, quick 3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--model", action="append", choices=[m.name for m in MODELS], help="only this model; may be repeated"
    )
    parser.add_argument("--peer", action="append", choices=names(), help="only this peer; may be repeated")
    parser.add_argument(
        "--section", action="append", choices=SECTIONS, help="only this table; may be repeated"
    )
    parser.add_argument("--first-result", metavar="PEER", choices=names(), help=argparse.SUPPRESS)
    return parser.parse_args()


def _first_result(peer_name: str, models: list[str]) -> int:
    """What a fresh process does whose start is timed by its parent."""
    peer = load(peer_name)
    if peer is None:
        return 1
    for model in MODELS:
        if model.name in models:
            peer.prepare(model)
            peer.run(model, TINY_HORIZON_S, 1, 1)
    return 0


def _disagreements(measurements: list[Measurement]) -> int:
    """Print what every peer reports; return how many comparisons are beyond the limit."""
    n_beyond = 0
    for m in measurements:
        comparisons = compare(
            {peer: [r for o in outcomes for r in o.replications] for peer, outcomes in m.outcomes.items()}
        )
        n_beyond += sum(not c.agrees for c in comparisons)
        if comparisons:
            print(agreement_table(m.model.name, comparisons), end="\n\n")
    return n_beyond


def _speed(arguments: argparse.Namespace) -> str | None:
    """Table of speeds side by side, or None where the peers disagree."""
    size = QUICK if arguments.quick else FULL
    if arguments.rounds:
        size = replace(size, n_rounds=arguments.rounds)
    measurements = []
    for model in MODELS:
        if not arguments.model or model.name in arguments.model:
            print(f"running {model.name} …", file=sys.stderr, flush=True)
            measurements.append(measure(model, arguments.peer or names(), size, arguments.seed))
    n_beyond = _disagreements(measurements)
    if n_beyond:
        print(
            f"{n_beyond} comparisons are beyond {Z_LIMIT:g} standard errors: the peers do not run one model",
            file=sys.stderr,
        )
        return None
    return f"{speed_table(measurements)}\n\n{machine()} Core {arguments.core}, {size.n_rounds} rounds."


def _table(section: str) -> Callable[[bool], str]:
    """What measures a section; its imports would be in the time to a first result if they stood above."""
    if section == "pairing":
        from benchmarks.pairing import pairing_table

        return pairing_table
    if section == "sweep":
        from benchmarks.sweeps import sweep_table

        return sweep_table
    if section == "protection":
        from benchmarks.protection import protection_table

        return protection_table
    if section == "pools":
        from benchmarks.pools import pools_table

        return pools_table
    return {"day": day_table, "memory": memory_table, "start": start_table}[section]


def main() -> int:
    """Measure, check, report."""
    arguments = _arguments()
    if arguments.first_result:
        return _first_result(arguments.first_result, arguments.model or [])
    all_cores = os.sched_getaffinity(0)
    for section in arguments.section or SECTIONS:
        os.sched_setaffinity(0, all_cores if section in ON_ALL_CORES else {arguments.core})
        print(f"measuring {section} …", file=sys.stderr, flush=True)
        if section == "speed":
            body = _speed(arguments)
        else:
            table = _table(section)
            cores = "all cores" if section in ON_ALL_CORES else "one core"
            body = f"{table(arguments.quick)}\n\n{machine()} On {cores}."
        if body is None:
            return 1
        print(body)
        if not arguments.quick:
            write_section(PAGE, section, body)
    return 0


if __name__ == "__main__":
    sys.exit(main())
