"""LiteLLM: the table of spend logs, and the standard logging payload of callbacks and buckets.

Schema: `schema.prisma` (LiteLLM_SpendLogs) and docs/proxy/logging_spec.md of BerriAI/litellm. `response_time` of the payload
is the time to the first token where the answer was streamed, so that durations are taken between times.
"""

import pandas as pd

from simulator.formats.logs.dialect import Dialect, at

_CACHED = at(
    "metadata/usage_object/prompt_tokens_details/cached_tokens",
    "metadata/usage_object/cache_read_input_tokens",
    "metadata/additional_usage_values/cache_read_input_tokens",
    "metadata/additional_usage_values/prompt_tokens_details/cached_tokens",
    "cache_read_input_tokens",
)


def _first_token(frame: pd.DataFrame) -> pd.DataFrame:
    """An answer that was not streamed has its end as the start of its completion."""
    if {"first_token", "end"} <= set(frame):
        is_whole = (frame["first_token"] >= frame["end"]).fillna(value=False)
        frame.loc[is_whole, "first_token"] = pd.NA
    return frame


SPEND_LOGS = Dialect(
    "LiteLLM spend logs",
    (("startTime",), ("spend",), ("prompt_tokens",), ("completion_tokens",)),
    {
        "time": at("startTime"),
        "end": at("endTime"),
        "first_token": at("completionStartTime"),
        "latency": at("request_duration_ms", unit="ms"),
        "model": at("model_group", "model"),
        "input": at("prompt_tokens"),
        "output": at("completion_tokens"),
        "cached": _CACHED,
        "status": at("status", "metadata/status"),
        "error": at("metadata/error_information/error_code", "metadata/error_information/error_class"),
        "cache_hit": at("cache_hit"),
        "cost": at("spend"),
        "user": at("end_user", "user"),
        "trace": at("session_id"),
        "id": at("request_id"),
        "operation": at("call_type"),
    },
    tidy=_first_token,
    is_utc=True,
)

STANDARD_PAYLOAD = Dialect(
    "LiteLLM standard logging payloads",
    (("startTime",), ("response_cost",), ("prompt_tokens",), ("completion_tokens",)),
    {
        "time": at("startTime"),
        "end": at("endTime"),
        "first_token": at("completionStartTime"),
        "model": at("model_group", "model"),
        "input": at("prompt_tokens"),
        "output": at("completion_tokens"),
        "cached": _CACHED,
        "status": at("status"),
        "error": at("error_information/error_code", "error_information/error_class", "error_str"),
        "cache_hit": at("cache_hit"),
        "cost": at("response_cost"),
        "user": at("end_user", "metadata/user_api_key_end_user_id", "metadata/user_api_key_user_id"),
        "trace": at("trace_id"),
        "session": at("metadata/requester_metadata/session_id"),
        "id": at("id"),
        "operation": at("call_type"),
        "streamed": at("stream"),
    },
    tidy=_first_token,
)
