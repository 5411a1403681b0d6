"""What identifies a scenario: the same meaning, the same hash, however the file is written."""

import hashlib
import json
from collections.abc import Mapping

from simulator.scenario.model import Scenario


def scenario_hash(scenario: Scenario) -> str:
    """SHA-256 (hex) of the resolved scenario as canonical JSON, without `thresholds` and `sources`.

    Thresholds judge what was simulated, sources explain it, and neither changes it: editing one does not simulate again.
    """
    return document_hash(scenario.model_dump(mode="json", by_alias=True))


def document_hash(document: Mapping[str, object]) -> str:
    """The hash of a scenario that is there as JSON, e.g. in the manifest of a run."""
    simulated = {name: value for name, value in document.items() if name not in ("thresholds", "sources")}
    text = json.dumps(simulated, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
