"""Documents as tidy data frames: one row per number, with its interval in `value`, `low` and `high`."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from simulator.render.terminal_tables import Document


def plan_frame(document: Document) -> pd.DataFrame:
    """A plan: a row per stage."""
    return pd.DataFrame([_stage(stage) for stage in document["stages"]])


def _stage(stage: Document) -> dict[str, Any]:
    row = {
        "stage": stage["name"],
        "start": pd.Timestamp(stage["start"]),
        "end": pd.Timestamp(stage["end"]),
        "peak_rps": stage["demand"]["peak_rps"],
        "decision": stage["decision"],
    }
    estimates = {
        "cost_per_month": stage["cost"]["month"],
        "cost_per_action": stage["cost"]["per_action"],
        "cost_per_successful_action": stage["cost"]["per_successful_action"],
        "latency_p95_s": stage["metrics"]["latency_s"]["p95"],
        "success_rate": stage["metrics"]["success_rate"],
    }
    for name, estimate in estimates.items():
        for key in ("value", "low", "high"):
            row[name if key == "value" else f"{name}_{key}"] = None if estimate is None else estimate[key]
    for path, by_region in stage["capacity"].items():
        row |= {f"{path}[{region}]": amount for region, amount in by_region.items()}
    return row


def _flat(entry: Document) -> dict[str, Any]:
    """An entry whose estimates are columns of their own: `difference`, `difference_low`, …"""
    row: dict[str, Any] = {}
    for key, content in entry.items():
        if isinstance(content, Mapping):
            row |= {key if part == "value" else f"{key}_{part}": number for part, number in content.items()}
        else:
            row[key] = content
    return row
