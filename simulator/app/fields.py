"""The values of a scenario that people change most, as fields of a form: where they stand, and what is written there."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simulator.app.structure import Written


@dataclass(frozen=True)
class Field:
    """A value that a form may change.

    Attributes
    ----------
    group, label : as people read them
    path : as given to `--set`
    written : the value as it stands in the scenario
    """

    group: str
    label: str
    path: str
    written: str


_DEMAND = (
    "users",
    "actions_per_user",
    "arrival_rate",
    "burstiness",
    "wander",
    "clients",
    "think_time",
    "max_tokens",
    "joint_lengths",
    "asks_again",
)
_POOL = (
    "engine_version",
    "iteration_overhead",
    "request_overhead",
    "chunked_prefill",
    "max_num_seqs",
    "max_num_batched_tokens",
    "gpu_memory_utilization",
    "async_scheduling",
    "speculation",
    "prefix_caching",
    "replicas",
    "price",
)
_FIELDS = {
    "regions": (None, "Regions", ("timezone", "holidays", "investment")),
    "workloads": ("name", "Demand", _DEMAND),
    "stages": ("name", "Stages", ("duration", "exposure", "growth", "investment", "changes")),
    "slos": ("name", "Objectives", ("objective", "per")),
    "model_list": ("model_name", "Models", ("tpm", "input_tpm", "output_tpm", "rpm", "limits_as")),
    "model_list.pool": ("model_name", "Own GPUs", _POOL),
    "quotas": (
        None,
        "Shared quotas",
        ("tpm", "input_tpm", "output_tpm", "rpm", "reserved", "borrow_below", "limits_as"),
    ),
    "services": (None, "Services", ("replicas",)),
    "teams": (None, "People", ("staff", "cost", "handle_time", "overrides", "drafts")),
    "caches": (None, "Caches", ("size", "ttl")),
}


def fields_of(document: Written) -> list[Field]:
    """Fields of a scenario's document, in the order of the groups; what is not written has no field."""
    found: list[Field] = []
    for section, (name_key, group, keys) in _FIELDS.items():
        outer, _, part = section.partition(".")
        for name, item in _items(document.get(outer), name_key):
            inner, path = (
                (item.get(part, {}), f"{outer}.{name}.{part}") if part else (item, f"{outer}.{name}")
            )
            for key in keys:
                if key in inner:
                    words = key.replace("_", " ")
                    found += _fields(group, f"{name}: {words}", f"{path}.{key}", inner[key])
    found += _reviews(document)
    for key, value in document.get("telemetry", {}).items():
        found += _fields("Logs", key.replace("_", " "), f"telemetry.{key}", value)
    headroom = document.get("capacity", {}).get("headroom")
    if headroom is not None:
        found.append(Field("Objectives", "headroom of the capacity", "capacity.headroom", str(headroom)))
    return found


def _reviews(document: Written) -> Iterator[Field]:
    """What people see of every workload's answers."""
    for name, workload in _items(document.get("workloads"), "name"):
        for place, step in enumerate(workload.get("steps", [])):
            for key, value in step.get("review", {}).items():
                if key != "team":
                    yield from _fields(
                        "People",
                        f"{name}: review, {key}",
                        f"workloads.{name}.steps.{place}.review.{key}",
                        value,
                    )


def changes(fields: Sequence[Field], texts: Sequence[str]) -> list[str]:
    """Overrides, as given to `--set`, of the fields whose text was changed."""
    return [
        f"{field.path}={_quoted(text)}"
        for field, text in zip(fields, texts, strict=True)
        if text.strip() != field.written
    ]


def merged(before: Sequence[str], new: Sequence[str]) -> list[str]:
    """Overrides with newer ones in place of those of the same path, or of what is below it."""
    paths = [text.partition("=")[0] for text in new]

    def stands(text: str) -> bool:
        path = text.partition("=")[0]
        return not any(path == newer or path.startswith(f"{newer}.") for newer in paths)

    return [text for text in before if stands(text)] + list(new)


def _items(section: Any, name_key: str | None) -> Iterator[tuple[str, Written]]:
    if name_key is None and isinstance(section, Mapping):
        yield from ((name, item) for name, item in section.items() if isinstance(item, Mapping))
    elif isinstance(section, list):
        yield from ((str(item[name_key]), item) for item in section if name_key in item)


def _fields(group: str, label: str, path: str, value: Any) -> Iterator[Field]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "distribution":  # the values beside it belong to this one
                continue
            yield from _fields(group, f"{label}, {key}", f"{path}.{key}", inner)
    elif isinstance(value, str | int | float):
        yield Field(group, label, path, str(value))


def _quoted(text: str) -> str:
    """The text as a YAML value: quoted, since `>= 99%` would begin a block; numbers read alike either way."""
    stripped = text.strip()
    try:
        float(stripped)
    except ValueError:
        return json.dumps(stripped, ensure_ascii=False)
    return stripped
