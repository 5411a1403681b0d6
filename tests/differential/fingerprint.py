"""Digests of everything a run leaves behind; as a script, of a run in a process of its own.

python tests/differential/fingerprint.py DURATION_S SEED < scenario.json
"""

import hashlib
import json
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd

from simulator.compiler.blueprint import Blueprint, compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import Runner, simulate
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario

WARMUP_S = 20.0
_START_S = 8 * 3600.0 - 45.0  # a shift begins soon


def digests(result: RunResult) -> dict[str, str]:
    """SHA-256 of every field of a result but its wall time."""
    return {
        field.name: hashlib.sha256(_bytes(getattr(result, field.name))).hexdigest()
        for field in fields(result)
        if field.name != "wall_s"
    }


def _bytes(value: object) -> bytes:
    if isinstance(value, pd.DataFrame):
        return b"".join(value[name].to_numpy().tobytes() for name in value)
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape}".encode() + value.tobytes()
    return repr(value).encode()


def compiled(scenario: Scenario, duration_s: float, *, use_lanes: bool = True) -> Blueprint:
    """A scenario in the minutes around the start of the first shift, at its last stage if it has any."""
    stage = scenario.stages[-1].name if scenario.stages else None
    window = stage_window(scenario, stage, _START_S, duration_s, WARMUP_S)
    return compile_scenario(scenario, window, Path(), use_lanes)


def main() -> None:
    """Print the digests of the scenario on standard input."""
    blueprint = compiled(Scenario.model_validate_json(sys.stdin.read()), float(sys.argv[1]))
    json.dump(digests(simulate(blueprint, int(sys.argv[2]), Runner(record_rows=True))), sys.stdout)


if __name__ == "__main__":
    main()
