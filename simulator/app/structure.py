"""Parts of a scenario added and removed, as overrides: what `--set` would be given, so that the link keeps them."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

Written = Mapping[str, Any]  # a scenario as it is written: plain maps, lists, texts and numbers

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


class _Workload(NamedTuple):
    """A workload as it is written."""

    name: str
    steps: list[dict[str, object]]


class StructureError(ValueError):
    """A part that cannot be added or removed; the message suggests a fix."""


def names_of(document: Written, section: str) -> list[str]:
    """Names of the parts of a section, in order."""
    found = document.get(section) or {}
    return [str(item["name"]) for item in found] if isinstance(found, list) else list(found)


def with_stage(document: Written, name: str, duration: str, exposure: str) -> str:
    """The override that adds a stage behind the last one.

    Raises
    ------
    StructureError
        If the name cannot be one, or there is such a stage.
    """
    _check(document, "stages", name)
    stage = {"name": name, "duration": duration.strip(), "exposure": exposure.strip()}
    return _stages([*(document.get("stages") or []), stage])


def with_region(document: Written, name: str, timezone: str) -> str:
    """The override that adds a region of users."""
    _check(document, "regions", name)
    return f"regions.{name}={json.dumps({'timezone': timezone})}"


def steps_with_targets(document: Written) -> dict[str, tuple[str, int]]:
    """Steps that a route may serve, by what people read: the workload, and the place among its steps."""
    return {
        f"{workload.name}: {kind} {step[kind]}": (workload.name, place)
        for workload in _workloads(document)
        for place, step in enumerate(workload.steps)
        for kind in ("call", "generate")
        if kind in step
    }


def with_route(document: Written, name: str, targets: list[str], workload: str, place: int) -> list[str]:
    """The overrides that add a route over some models or services and let it serve a step.

    The route that served the step before goes if nothing else uses it: an unused one would be a mistake.
    """
    _check(document, "routes", name)
    if not targets:
        raise StructureError("a route needs at least one model or service")
    workloads = _workloads(document)
    steps = [dict(step) for step in next(one for one in workloads if one.name == workload).steps]
    kind = next(kind for kind in ("call", "generate") if kind in steps[place])
    before = steps[place][kind]
    steps[place][kind] = name
    changes = [
        f"routes.{name}={json.dumps({'choose': targets})}",
        f"workloads.{workload}.steps={json.dumps(steps, ensure_ascii=False)}",
    ]
    others = [
        step
        for one in workloads
        for number, step in enumerate(one.steps)
        if (one.name, number) != (workload, place)
    ]
    if before in names_of(document, "routes") and not any(before in step.values() for step in others):
        changes.append(f"routes.{before}=null")
    return changes


def _workloads(document: Written) -> list[_Workload]:
    return [_Workload(one["name"], one["steps"]) for one in document.get("workloads", ())]


def without(document: Written, section: str, name: str) -> str:
    """The override that removes a part of a section."""
    if name not in names_of(document, section):
        raise StructureError(f"there is no {name!r}")
    if section == "stages":
        return _stages([stage for stage in document.get(section, ()) if stage.get("name") != name])
    return f"{section}.{name}=null"


def _stages(stages: list[Any]) -> str:
    return f"stages={json.dumps(stages, ensure_ascii=False)}"


def _check(document: Written, section: str, name: str) -> None:
    if not _NAME.fullmatch(name):
        raise StructureError(
            "a name has letters, digits, `-` and `_`, begins with a letter or digit, and is at most 40 long"
        )
    if name in names_of(document, section):
        raise StructureError(f"there is a {name!r} already")
