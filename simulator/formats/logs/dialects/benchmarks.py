"""Reports of load generators, request by request: AIPerf, GuideLLM, LLMPerf, inference-perf; and Mooncake's traces.

AIPerf: "Working with profile export files". GuideLLM: report version 2 and before. LLMPerf has no times. A benchmark's
arrivals are the benchmark's, not the users'.
"""

from collections.abc import Iterator
from typing import Any

from simulator.formats.documents import ForeignRow
from simulator.formats.logs.dialect import Dialect, at

_NOT_USERS = "is of a load generator: its arrivals are the generator's, not the users'"

AIPERF = Dialect(
    "AIPerf profile export",
    (("metadata/request_start_ns",),),
    {
        "time": at("metadata/request_start_ns", unit="ns"),
        "end": at("metadata/request_end_ns", unit="ns"),
        "latency": at("metrics/request_latency/value", unit="ms"),
        "ttft": at("metrics/time_to_first_token/value", unit="ms"),
        "model": at("metadata/model_name", "metadata/model"),
        "input": at("metrics/input_sequence_length/value", "metrics/error_isl/value"),
        "output": at("metrics/output_sequence_length/value", "metrics/output_token_count/value"),
        "cached": at(
            "metrics/usage_prompt_cached_tokens/value", "metrics/usage_prompt_cache_read_tokens/value"
        ),
        "error": at("error/code", "error/type"),
        "operation": at("metadata/benchmark_phase"),
        "session": at("metadata/conversation_id"),
        "id": at("metadata/x_request_id"),
    },
    notes=(_NOT_USERS,),
)


def _guidellm_rows(document: Any) -> Iterator[ForeignRow]:
    """Requests of every benchmark of a report, with their fate."""
    if not isinstance(document, dict):
        return
    for benchmark in document.get("benchmarks") or []:
        requests = benchmark.get("requests") if isinstance(benchmark, dict) else None
        if not isinstance(requests, dict):
            continue
        for fate, status in (("successful", "success"), ("errored", "error"), ("incomplete", "cancelled")):
            for request in requests.get(fate) or []:
                if isinstance(request, dict):
                    yield {**request, "fate": status}


GUIDELLM = Dialect(
    "GuideLLM report",
    (
        ("benchmarks",),
        ("benchmarks/requests", "benchmarks/requests/successful", "benchmarks/config", "benchmarks/args"),
    ),
    {
        "time": at(
            "info/timings/request_start",
            "scheduler_info/request_timings/request_start",
            "start_time",
            unit="s",
        ),
        "end": at(
            "info/timings/request_end", "scheduler_info/request_timings/request_end", "end_time", unit="s"
        ),
        "first_token": at(
            "info/timings/first_token_iteration",
            "info/timings/first_iteration",
            "scheduler_info/request_timings/first_iteration",
            "first_token_time",
            unit="s",
        ),
        "latency": at("request_latency", unit="s"),
        "ttft": at("time_to_first_token_ms", unit="ms"),
        "input": at("input_metrics/text_tokens", "input_metrics/total_tokens", "prompt_tokens"),
        "output": at("output_metrics/text_tokens", "output_metrics/total_tokens", "output_tokens"),
        "cached": at("input_metrics/cached_tokens"),
        "status": at("fate"),
        "session": at("info/conversation_id"),
        "id": at("request_id"),
    },
    rows=_guidellm_rows,
    is_nested=True,
    notes=(_NOT_USERS,),
)

LLMPERF = Dialect(
    "LLMPerf individual responses",
    (("ttft_s",), ("end_to_end_latency_s",), ("number_output_tokens",)),
    {
        "latency": at("end_to_end_latency_s", unit="s"),
        "ttft": at("ttft_s", unit="s"),
        "input": at("number_input_tokens"),
        "output": at("number_output_tokens"),
        "error": at("error_code"),
    },
    notes=("has no times: demand stays as it is", _NOT_USERS),
)

INFERENCE_PERF = Dialect(
    "inference-perf lifecycle",
    (
        ("start_time",),
        ("end_time",),
        ("info/input_tokens", "info/output_tokens", "info/response_metrics/output_tokens"),
    ),
    {
        "time": at("start_time"),
        "end": at("end_time"),
        "input": at("info/input_tokens"),
        "output": at("info/output_tokens", "info/response_metrics/output_tokens"),
        "error": at("error/error_type"),
        "session": at("session_id"),
    },
    notes=(_NOT_USERS,),
)

MOONCAKE = Dialect(
    "Mooncake trace",
    (("timestamp",), ("input_length",), ("output_length",)),
    {
        "time": at("timestamp", unit="ms"),
        "input": at("input_length"),
        "output": at("output_length"),
        "session": at("session_id"),
    },
)
