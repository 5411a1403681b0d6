"""Which tools wrote these files, and what do they say of a scenario?"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from simulator.formats.configs.analysis import read_analysis_template
from simulator.formats.configs.kubernetes import kind_of, read_deployment, read_rollout, read_scaler
from simulator.formats.configs.litellm import is_litellm, read_litellm
from simulator.formats.configs.openslo import read_slo
from simulator.formats.configs.parts import ConfigError, Imported
from simulator.formats.configs.promptfoo import is_promptfoo, read_promptfoo
from simulator.formats.configs.serving import (
    is_ray_serve,
    read_ray_serve,
    read_ray_service,
    read_vllm_runtime,
)
from simulator.formats.foreign import foreign

_MAX_BYTES = 1 << 20
_MOST_DOCUMENTS = 200
KNOWN = (
    "LiteLLM proxy configuration, vLLM in a Deployment, VLLMRuntime, Ray Serve, HorizontalPodAutoscaler, KEDA ScaledObject, "
    "Argo Rollout, OpenSLO, promptfoo results"
)
_QUIET = {"Service", "ConfigMap", "Secret", "Namespace", "PersistentVolumeClaim", "Ingress", "ServiceAccount"}


def read_configs(paths: Sequence[Path]) -> Imported:
    """Everything that the files say.

    Raises
    ------
    ConfigError
        If a file cannot be read, or none says anything that a scenario can.
    """
    found = Imported()
    for path in paths:
        words = foreign(path, "configuration")
        if words is not None:
            raise ConfigError(f"{path}: {words}")
        for document in _documents(path):
            _add(document, path.name, found)
    if found.is_empty:
        told = "; ".join(found.dropped[:4])
        raise ConfigError(
            f"{', '.join(map(str, paths))}: nothing that a scenario says{f' ({told})' if told else ''}; known are: {KNOWN}"
        )
    return found


def _documents(path: Path) -> list[Any]:
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ConfigError(f"{path}: larger than {_MAX_BYTES >> 20} MiB: no configuration")
        text = path.read_text(encoding="utf-8-sig")
        documents = []
        for document in YAML(typ="rt", pure=True).load_all(text):
            documents.append(document)
            if len(documents) > _MOST_DOCUMENTS:
                raise ConfigError(f"{path}: more than {_MOST_DOCUMENTS} documents")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text") from None
    except (YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, ConfigError):
            raise
        reason = " ".join(str(error).split())[:160] or type(error).__name__
        raise ConfigError(f"{path}: not valid YAML: {reason}") from None
    return documents


def _add(document: Any, name: str, found: Imported) -> None:
    if is_litellm(document):
        read_litellm(document, name, found)
        return
    if is_promptfoo(document):
        read_promptfoo(document, name, found)
        return
    if is_ray_serve(document):
        read_ray_serve(document, name, found)
        return
    kind = kind_of(document)
    if kind == "List":
        for item in document.get("items") or []:
            _add(item, name, found)
    elif kind in ("Deployment", "StatefulSet"):
        read_deployment(document, name, found)
    elif kind in ("HorizontalPodAutoscaler", "ScaledObject"):
        read_scaler(document, name, found)
    elif kind == "Rollout":
        read_rollout(document, name, found)
    elif kind in ("AnalysisTemplate", "ClusterAnalysisTemplate"):
        read_analysis_template(document, name, found)
    elif kind == "RayService":
        read_ray_service(document, name, found)
    elif kind == "VLLMRuntime":
        read_vllm_runtime(document, name, found)
    elif kind == "SLO":
        read_slo(document, name, found)
    elif document is not None and kind not in _QUIET:
        found.dropped.append(f"{name}: {kind or 'a document of no known tool'}")
