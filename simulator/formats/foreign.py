"""What is a file that was given to a command which cannot read it, and which command does? By content, whatever its name."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from simulator.formats.bills.cells import BillError
from simulator.formats.bills.exports import EXPORTS
from simulator.formats.bills.pages import pages_of
from simulator.formats.bills.table import CsvTable
from simulator.formats.configs.kubernetes import kind_of
from simulator.formats.configs.litellm import is_litellm
from simulator.formats.configs.promptfoo import is_promptfoo
from simulator.formats.configs.serving import is_ray_serve
from simulator.formats.logs.cells import header_of
from simulator.formats.logs.dialects.named import ROLLOUT
from simulator.formats.logs.dialects.registry import DIALECTS
from simulator.formats.logs.errors import LogError
from simulator.formats.logs.opened import log_file
from simulator.formats.logs.prometheus.vllm import VLLM, is_vllm

Kind = Literal["scenario", "log", "bill", "configuration", "report"]

_MAX_BYTES = 1 << 20  # of a configuration
_SPEND_LOGS = "LiteLLM spend logs"
_KINDS = {
    "Deployment": "a Deployment of Kubernetes",
    "StatefulSet": "a StatefulSet of Kubernetes",
    "HorizontalPodAutoscaler": "a HorizontalPodAutoscaler",
    "ScaledObject": "a KEDA ScaledObject",
    "Rollout": "an Argo Rollout",
    "AnalysisTemplate": "an AnalysisTemplate of Argo Rollouts",
    "RayService": "a RayService",
    "VLLMRuntime": "a VLLMRuntime",
    "SLO": "an OpenSLO objective",
}


@dataclass(frozen=True)
class Foreign:
    """A file that was recognised.

    Attributes
    ----------
    what : it is, with its article
    """

    kind: Kind
    what: str

    def message(self, path: Path, wanted: Kind) -> str:
        """What it is, and which command reads it."""
        what = self.what if self.kind == wanted else f"{self.what}, no {wanted}"
        return f"is {what}: {_COMMANDS[self.kind].format(path=path)}"


_COMMANDS: Mapping[Kind, str] = {
    "scenario": "`rollout run {path}` simulates it; other commands take it in the place of FILE or SCENARIO",
    "log": "`rollout calibrate {path} --into SCENARIO` measures it, `rollout track SCENARIO --actuals {path}` compares it",
    "bill": "`rollout track SCENARIO --actuals {path}` compares it, as does `rollout cost SCENARIO --bill {path}`",
    "configuration": "`rollout import {path} -o scenario.yaml` makes a scenario of it",
    "report": "give the scenario it is of",
}


def foreign(path: Path, wanted: Kind) -> str | None:
    """Words about a file that is something else than what is wanted; None: it is that, or nothing that is known."""
    found = recognised(path)
    return None if found is None or found.kind == wanted else found.message(path, wanted)


def recognised(path: Path) -> Foreign | None:
    """What a file is; None: nothing that is known."""
    try:
        if pages_of(path) is not None:
            return Foreign("bill", "a bill (pages of a provider's cost API)")
        return _of_documents(path) or _of_bill(path) or _of_log(path)
    except (OSError, LogError, BillError, ValueError):
        return None


def _of_documents(path: Path) -> Foreign | None:
    if path.stat().st_size > _MAX_BYTES:
        return None
    for document in _documents(path):
        if not isinstance(document, Mapping):
            continue
        kind = kind_of(document)
        if is_litellm(document):
            return Foreign("configuration", "a LiteLLM proxy configuration")
        if is_promptfoo(document):
            return Foreign("configuration", "results of promptfoo")
        if is_ray_serve(document):
            return Foreign("configuration", "a configuration of Ray Serve")
        if kind in _KINDS:
            return Foreign("configuration", _KINDS[kind])
        if "workloads" in document or kind == "Scenario":
            return Foreign("scenario", "a scenario")
        if {"schema", "scenario_hash", "engine_version"} <= set(document):
            return Foreign("report", "a report of `rollout` (--json)")
    return None


def _documents(path: Path) -> list[Any]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        if text.lstrip().startswith("{"):
            return [json.loads(text)]
        return list(YAML(typ="safe", pure=True).load_all(text))
    except (ValueError, YAMLError, RecursionError):
        return []


def _of_bill(path: Path) -> Foreign | None:
    try:
        columns = set(CsvTable(path).columns)
    except (BillError, StopIteration):
        return None
    found = next((one for one in EXPORTS if set(one.needed) <= columns and one.name != _SPEND_LOGS), None)
    return None if found is None else Foreign("bill", f"a bill ({found.name})")


def _of_log(path: Path) -> Foreign | None:
    file = log_file(path)
    if is_vllm(file):
        return Foreign("log", f"a log ({VLLM.name})")
    names = header_of(file).names
    is_table = file.kind in ("csv", "parquet")
    for one in (*DIALECTS, ROLLOUT):
        if one.is_spoken_in(names) and not (is_table and one.is_nested):
            return Foreign("log", f"a log ({one.name})")
    return None
