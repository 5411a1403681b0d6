"""Logs of the clouds and providers: Bedrock invocations, Azure diagnostics and traces, Vertex, OpenAI usage.

Bedrock: model invocation logging (no latency but in the metrics of Converse; tokens read from the cache are beside the
input). Azure: category RequestResponse of diagnostic settings. OpenAI: organization usage of completions, in buckets.
"""

from collections.abc import Iterator
from typing import Any

from simulator.formats.documents import ForeignRow
from simulator.formats.logs.dialect import Dialect, at


def _records(document: Any) -> Iterator[ForeignRow]:
    """Rows of a document that lists them under a usual name."""
    if isinstance(document, dict):
        for key in ("Records", "records", "value", "events"):
            if isinstance(document.get(key), list):
                yield from (item for item in document[key] if isinstance(item, dict))
                return
        yield document


BEDROCK = Dialect(
    "Bedrock model invocation log",
    (("modelId",), ("input/inputTokenCount", "schemaType"), ("timestamp",)),
    {
        "time": at("timestamp"),
        "latency": at(
            "output/outputBodyJson/metrics/latencyMs",
            "output/outputBodyJson/amazon-bedrock-invocationMetrics/invocationLatency",
            unit="ms",
        ),
        "ttft": at("output/outputBodyJson/amazon-bedrock-invocationMetrics/firstByteLatency", unit="ms"),
        "model": at("modelId"),
        "input": at("input/inputTokenCount"),
        "output": at("output/outputTokenCount"),
        "cached": at(
            "input/cacheReadInputTokenCount",
            "output/outputBodyJson/usage/cacheReadInputTokens",
            "output/outputBodyJson/usage/cache_read_input_tokens",
        ),
        "error": at("errorCode"),
        "session": at("requestMetadata/session_id", "requestMetadata/sessionId"),
        "user": at("requestMetadata/user_id", "requestMetadata/userId"),
        "id": at("requestId"),
    },
    cached_beside=True,
)

AZURE_TRACE = Dialect(
    "Azure LLM inference trace",
    (("TIMESTAMP",), ("ContextTokens",), ("GeneratedTokens",)),
    {"time": at("TIMESTAMP"), "input": at("ContextTokens"), "output": at("GeneratedTokens")},
    is_utc=True,
)

AZURE_DIAGNOSTICS = Dialect(
    "Azure OpenAI diagnostic log",
    (
        ("durationMs", "DurationMs"),
        ("time", "TimeGenerated", "TimeGenerated [UTC]"),
        ("operationName", "OperationName"),
        ("resultSignature", "ResultSignature"),
    ),
    {
        "time": at("time", "TimeGenerated", "TimeGenerated [UTC]"),
        "latency": at("durationMs", "DurationMs", unit="ms"),
        "model": at(
            "properties/modelDeploymentName",
            "properties_s/modelDeploymentName",
            "properties/modelName",
            "properties_s/modelName",
        ),
        "input": at("properties/promptTokens", "properties_s/promptTokens"),
        "output": at(
            "properties/generatedTokens", "properties_s/generatedTokens", "properties/completionTokens"
        ),
        "status": at("resultSignature", "ResultSignature"),
        "operation": at("operationName", "OperationName"),
        "id": at("correlationId", "CorrelationId"),
    },
    rows=_records,
    notes=("has no tokens in the category RequestResponse: lengths stay as they are",),
)

VERTEX = Dialect(
    "Vertex AI request-response log",
    (
        ("logging_time",),
        ("full_response", "full_response/usageMetadata", "full_response/usageMetadata/promptTokenCount"),
    ),
    {
        "time": at("logging_time"),
        "latency": at("metadata/requestLatency", unit="ms"),
        "model": at("model", "deployed_model_id"),
        "input": at("full_response/usageMetadata/promptTokenCount"),
        "output": at("full_response/usageMetadata/candidatesTokenCount"),
        "cached": at("full_response/usageMetadata/cachedContentTokenCount"),
        "id": at("request_id"),
    },
)


def _usage_buckets(document: Any) -> Iterator[ForeignRow]:
    """Results of every bucket, with the bucket's times."""
    if not isinstance(document, dict):
        return
    buckets = document["data"] if isinstance(document.get("data"), list) else [document]
    for bucket in buckets:
        if isinstance(bucket, dict) and isinstance(bucket.get("results"), list):
            for result in bucket["results"]:
                if isinstance(result, dict):
                    yield {
                        **result,
                        "start_time": bucket.get("start_time"),
                        "end_time": bucket.get("end_time"),
                    }
        elif isinstance(bucket, dict) and "num_model_requests" in bucket:
            yield bucket


OPENAI_USAGE = Dialect(
    "OpenAI usage export",
    (
        ("data/results/num_model_requests", "results/num_model_requests", "num_model_requests"),
        ("data/start_time", "start_time"),
    ),
    {
        "time": at("start_time"),
        "end": at("end_time"),
        "requests": at("num_model_requests"),
        "input": at("input_tokens"),
        "output": at("output_tokens"),
        "cached": at("input_cached_tokens"),
        "model": at("model"),
    },
    rows=_usage_buckets,
    is_bucketed=True,
    notes=("counts requests by bucket: neither arrivals, nor the spread of lengths, nor latency",),
)
