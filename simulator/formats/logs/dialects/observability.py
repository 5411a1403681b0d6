"""Langfuse and Helicone: exports of what was observed.

Langfuse: "Blob storage export field reference" (times in UTC, latency and time to first token in seconds), and the export of
the table of observations from its pages (camel case; `usage` or `usageDetails`). Helicone: `npx @helicone/export`.
"""

import numpy as np
import pandas as pd

from simulator.formats.logs.dialect import Dialect, at


def _of_models(frame: pd.DataFrame) -> pd.DataFrame:
    """Tokens read from a cache are beside the input where the total says so; spans that call no model are no requests."""
    needed = {"input", "cached", "output", "total"}
    if needed <= set(frame):
        parts = frame[list(needed)].astype("float64")
        is_beside = np.isclose(
            parts["input"] + parts["cached"].fillna(0.0) + parts["output"], parts["total"]
        ) & (parts["cached"] > 0.0)
        frame.loc[is_beside, "input"] = parts["input"] + parts["cached"]
    if "operation" in frame:
        words = frame["operation"].astype("str").str.upper()
        frame = frame[words.isin(["GENERATION", "NAN", "NONE", "<NA>", ""])]
    return frame.drop(columns="operation", errors="ignore")


LANGFUSE = Dialect(
    "Langfuse observations",
    (
        ("provided_model_name", "providedModelName", "internal_model_id", "model", "model_id", "modelId"),
        ("trace_id", "traceId"),
        (
            "usage_details",
            "usageDetails",
            "usage_details/input",
            "usageDetails/input",
            "inputUsage",
            "promptTokens",
            "usage",
            "usage/input",
        ),
        ("start_time", "startTime"),
        (
            "completion_start_time",
            "completionStartTime",
            "time_to_first_token",
            "timeToFirstToken",
            "level",
            "type",
        ),
    ),
    {
        "time": at("start_time", "startTime"),
        "end": at("end_time", "endTime"),
        "first_token": at("completion_start_time", "completionStartTime"),
        "latency": at("latency", unit="s"),
        "ttft": at("time_to_first_token", "timeToFirstToken", unit="s"),
        "model": at("provided_model_name", "providedModelName", "model"),
        "input": at(
            "usage_details/input",
            "usageDetails/input",
            "usage/input",
            "inputUsage",
            "promptTokens",
            "usage/promptTokens",
        ),
        "output": at(
            "usage_details/output",
            "usageDetails/output",
            "usage/output",
            "outputUsage",
            "completionTokens",
            "usage/completionTokens",
        ),
        "total": at("usage_details/total", "usageDetails/total", "usage/total", "totalUsage", "totalTokens"),
        "cached": at(
            "usage_details/input_cached_tokens",
            "usageDetails/input_cached_tokens",
            "usage_details/cache_read_input_tokens",
            "usageDetails/cache_read_input_tokens",
            "usage_details/input_cache_read",
            "usageDetails/input_cache_read",
        ),
        "status": at("level"),
        "cost": at(
            "total_cost", "totalCost", "calculatedTotalCost", "cost_details/total", "costDetails/total"
        ),
        "user": at("user_id", "userId"),
        "session": at("session_id", "sessionId"),
        "trace": at("trace_id", "traceId"),
        "id": at("id"),
        "operation": at("type"),
    },
    tidy=_of_models,
    is_utc=True,
)

HELICONE = Dialect(
    "Helicone requests",
    (("request_created_at",), ("prompt_tokens",), ("completion_tokens",)),
    {
        "time": at("request_created_at"),
        "end": at("response_created_at"),
        "latency": at("delay_ms", unit="ms"),
        "ttft": at("time_to_first_token", unit="ms"),
        "model": at("response_model", "request_model", "model"),
        "input": at("prompt_tokens"),
        "output": at("completion_tokens"),
        "cached": at("prompt_cache_read_tokens"),
        "status": at("response_status"),
        "cost": at("cost", "cost_usd"),
        "user": at("request_user_id"),
        "session": at("request_properties/Helicone-Session-Id"),
        "id": at("request_id"),
    },
)
