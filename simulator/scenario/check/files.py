"""Are the files that a scenario names there, inside its folder, and of a bearable size?"""

from collections.abc import Iterator
from pathlib import Path

from simulator.mechanisms.traffic.config import CsvProfile
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import CsvCurve, Scenario
from simulator.scenario.read.extending import OutsideError, inside
from simulator.scenario.read.yaml_source import Path_

_MAX_BYTES = 200 << 20
_TRACE_ENDINGS = (".csv", ".jsonl", ".ndjson", ".parquet")


def check_files(scenario: Scenario, base_dir: Path) -> list[Finding]:
    """Findings about files of traces, profiles and adoption."""
    return [
        finding
        for path, name, endings in _files(scenario)
        if (finding := _check(path, name, endings, base_dir))
    ]


def _files(scenario: Scenario) -> Iterator[tuple[Path_, str, tuple[str, ...]]]:
    for index, workload in enumerate(scenario.workloads):
        if workload.trace is not None:
            yield ("workloads", index, "trace", "file"), workload.trace.file, _TRACE_ENDINGS
        if isinstance(workload.profile, CsvProfile):
            yield ("workloads", index, "profile", "file"), workload.profile.file, (".csv",)
    for index, stage in enumerate(scenario.stages):
        if stage.adoption is not None and isinstance(stage.adoption.curve, CsvCurve):
            yield ("stages", index, "adoption", "curve", "file"), stage.adoption.curve.file, (".csv",)
    for index, model in enumerate(scenario.model_list):
        if model.pool is not None and model.pool.profile is not None:
            yield ("model_list", index, "pool", "profile"), model.pool.profile, (".csv", ".json")


def _check(path: Path_, name: str, endings: tuple[str, ...], base_dir: Path) -> Finding | None:
    try:
        file = inside(base_dir.resolve(), base_dir, name)
        if not file.is_file():
            return Finding(path, f"no file `{name}` beside the scenario")
        size = file.stat().st_size
    except OutsideError as error:
        return Finding(path, str(error), "keep it beside the scenario or in a folder below")
    except (OSError, ValueError):
        return Finding(path, f"`{name[:60]}` cannot be read")
    if size > _MAX_BYTES:
        return Finding(path, f"`{name}` has {size / 2**20:,.0f} MiB; at most {_MAX_BYTES >> 20} MiB")
    if not name.lower().removesuffix(".gz").endswith(endings):
        return Finding(path, f"`{name}` is of an unknown kind", f"use {', '.join(endings)}, maybe with .gz")
    return None
