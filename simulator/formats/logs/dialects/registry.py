"""Which logs are known, the most particular first."""

from simulator.formats.logs.dialect import Dialect
from simulator.formats.logs.dialects.azure_metrics import AZURE_METRICS
from simulator.formats.logs.dialects.benchmarks import AIPERF, GUIDELLM, INFERENCE_PERF, LLMPERF, MOONCAKE
from simulator.formats.logs.dialects.clouds import (
    AZURE_DIAGNOSTICS,
    AZURE_TRACE,
    BEDROCK,
    OPENAI_USAGE,
    VERTEX,
)
from simulator.formats.logs.dialects.litellm import SPEND_LOGS, STANDARD_PAYLOAD
from simulator.formats.logs.dialects.observability import HELICONE, LANGFUSE
from simulator.formats.logs.dialects.otel import OTLP, SPANS, TABLE

DIALECTS: tuple[Dialect, ...] = (
    OTLP,
    SPANS,
    TABLE,
    AIPERF,
    GUIDELLM,
    LLMPERF,
    OPENAI_USAGE,
    AZURE_METRICS,
    BEDROCK,
    STANDARD_PAYLOAD,
    SPEND_LOGS,
    HELICONE,
    LANGFUSE,
    INFERENCE_PERF,
    AZURE_TRACE,
    AZURE_DIAGNOSTICS,
    VERTEX,
    MOONCAKE,
)
