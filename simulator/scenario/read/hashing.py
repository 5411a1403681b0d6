"""What identifies a scenario: the same meaning, the same hash, however the file is written."""

import hashlib
import json

from simulator.scenario.model import Scenario


def scenario_hash(scenario: Scenario) -> str:
    """SHA-256 (hex) of the resolved scenario as canonical JSON, without `thresholds` and `sources`.

    Thresholds judge what was simulated, sources explain it, and neither changes it: editing one does not simulate again.
    """
    document = scenario.model_dump(mode="json", by_alias=True, exclude={"thresholds", "sources"})
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
