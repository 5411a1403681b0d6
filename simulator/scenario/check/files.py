"""Are the files that a scenario names there, inside its folder, and of a bearable size?"""

from pathlib import Path

from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.files import NamedFile, named_files
from simulator.scenario.model import Scenario
from simulator.scenario.read.extending import OutsideError, inside

_MAX_BYTES = 200 << 20


def check_files(scenario: Scenario, base_dir: Path) -> list[Finding]:
    """Findings about files of traces, profiles and adoption."""
    return [finding for file in named_files(scenario) if (finding := _check(file, base_dir))]


def _check(named: NamedFile, base_dir: Path) -> Finding | None:
    path, name, endings = named
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
