"""One table of requests in the forms of other tools: what readers must bring back to the same table."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

Row = dict[str, Any]
FATES = {
    "ok": (200, "success"),
    "rate_limited": (429, "failure"),
    "timeout": (408, "failure"),
    "error": (500, "failure"),
}
SECRET = "tell nobody"


def table(n: int = 60, seed: int = 1, *, failing: bool = True) -> pd.DataFrame:
    """Requests of a pilot: some fail, some are cached."""
    draws = np.random.default_rng(seed)
    time = 1_789_000_000.0 + np.round(np.cumsum(draws.exponential(2.0, n)), 3)
    output = np.maximum(2, np.round(np.exp(5.0 + 0.5 * draws.standard_normal(n))))
    ttft = np.round(np.exp(-0.7 + 0.3 * draws.standard_normal(n)), 3)
    found = pd.DataFrame(
        {
            "time": time,
            "latency": np.round(ttft + 0.012 * (output - 1), 3),
            "ttft": ttft,
            "input": np.maximum(1, np.round(np.exp(6.5 + 0.4 * draws.standard_normal(n)))),
            "output": output,
            "model": np.where(draws.random(n) < 0.7, "gpt-4.1-mini", "gpt-4.1"),
            "fate": np.where(
                draws.random(n) < 0.1, "rate_limited", np.where(draws.random(n) < 0.1, "error", "ok")
            ),
            "user": [f"user-{k}" for k in draws.integers(0, 12, n)],
            "session": [f"session-{k}" for k in range(n)],
        }
    )
    if not failing:
        found["fate"] = "ok"
    failed = found["fate"] != "ok"
    found.loc[failed, "output"] = 0.0
    found.loc[failed, "ttft"] = np.nan
    found["cached"] = np.floor(0.25 * found["input"])
    found["cost"] = np.round(found["input"] * 2e-6 + found["output"] * 8e-6, 9)
    return found


def iso(time: float, shape: str = "%Y-%m-%dT%H:%M:%S.%fZ") -> str:
    """A time as text, in UTC."""
    return datetime.fromtimestamp(round(time, 6), UTC).strftime(shape)


def litellm_spend(row: Row) -> Row:
    """A row of LiteLLM_SpendLogs."""
    first = None if np.isnan(row["ttft"]) else iso(row["time"] + row["ttft"])
    return {
        "request_id": f"chatcmpl-{row['n']}", "call_type": "acompletion", "api_key": "hashed", "spend": row["cost"],
        "prompt_tokens": int(row["input"]), "completion_tokens": int(row["output"]), "startTime": iso(row["time"]),
        "endTime": iso(row["time"] + row["latency"]), "completionStartTime": first, "model": f"azure/{row['model']}",
        "model_group": row["model"], "user": row["user"], "session_id": row["session"], "cache_hit": "False",
        "status": FATES[row["fate"]][1],
        "metadata": {
            "usage_object": {"prompt_tokens_details": {"cached_tokens": int(row["cached"])}},
            **({} if row["fate"] == "ok" else {"error_information": {"error_code": str(FATES[row["fate"]][0])}}),
        },
        "messages": [{"role": "user", "content": SECRET}], "response": {"content": SECRET},
    }  # fmt: skip


def litellm_payload(row: Row) -> Row:
    """A standard logging payload."""
    first = row["time"] + (row["latency"] if np.isnan(row["ttft"]) else row["ttft"])
    return {
        "id": f"chatcmpl-{row['n']}", "trace_id": row["session"], "call_type": "acompletion", "response_cost": row["cost"],
        "status": FATES[row["fate"]][1], "prompt_tokens": int(row["input"]), "completion_tokens": int(row["output"]),
        "startTime": row["time"], "endTime": row["time"] + row["latency"], "completionStartTime": first,
        "response_time": first - row["time"], "model": row["model"], "end_user": row["user"], "cache_hit": False,
        "error_information": {"error_code": "" if row["fate"] == "ok" else str(FATES[row["fate"]][0])},
        "metadata": {"usage_object": {"prompt_tokens_details": {"cached_tokens": int(row["cached"])}}},
        "messages": SECRET, "response": SECRET,
    }  # fmt: skip


def otel_span(row: Row, *, is_old: bool) -> Row:
    """A span of OTLP JSON, with the attribute names of today or those of before."""
    names = ("prompt_tokens", "completion_tokens") if is_old else ("input_tokens", "output_tokens")
    attributes: list[tuple[str, str, Any]] = [
        ("gen_ai.operation.name", "stringValue", "chat"),
        ("gen_ai.request.model", "stringValue", row["model"]),
        (f"gen_ai.usage.{names[0]}", "intValue", str(int(row["input"]))),
        (f"gen_ai.usage.{names[1]}", "intValue", str(int(row["output"]))),
        ("gen_ai.usage.cache_read.input_tokens", "intValue", str(int(row["cached"]))),
        ("gen_ai.conversation.id", "stringValue", row["session"]),
        ("user.id", "stringValue", row["user"]),
        ("gen_ai.input.messages", "stringValue", SECRET),
    ]
    if not np.isnan(row["ttft"]):
        attributes.append(("gen_ai.response.time_to_first_chunk", "doubleValue", row["ttft"]))
    if row["fate"] != "ok":
        attributes.append(("error.type", "stringValue", str(FATES[row["fate"]][0])))
    start = round(row["time"] * 1e6) * 1000
    return {
        "traceId": f"{row['n']:032x}", "spanId": f"{row['n']:016x}", "name": "chat", "kind": 3,
        "startTimeUnixNano": str(start), "endTimeUnixNano": str(start + round(row["latency"] * 1e9)),
        "attributes": [{"key": key, "value": {kind: value}} for key, kind, value in attributes],
        "status": {} if row["fate"] == "ok" else {"code": 2},
    }  # fmt: skip


def otlp(rows: list[Row], *, is_old: bool = False) -> bytes:
    """What a collector writes: a line per batch of spans."""
    lines = []
    for start in range(0, len(rows), 7):
        spans = [otel_span(row, is_old=is_old) for row in rows[start : start + 7]]
        tool = {"name": "tool", "startTimeUnixNano": "1", "endTimeUnixNano": "2", "attributes": []}
        lines.append({"resourceSpans": [{"scopeSpans": [{"scope": {}, "spans": [*spans, tool]}]}]})
    return json_lines(lines)


def langfuse(row: Row) -> Row:
    """An observation of a blob storage export."""
    shape = "%Y-%m-%d %H:%M:%S.%f"
    return {
        "id": f"o{row['n']}", "trace_id": row["session"], "type": "GENERATION", "start_time": iso(row["time"], shape),
        "end_time": iso(row["time"] + row["latency"], shape),
        "completion_start_time": None if np.isnan(row["ttft"]) else iso(row["time"] + row["ttft"], shape),
        "level": "DEFAULT" if row["fate"] == "ok" else "ERROR", "provided_model_name": row["model"],
        "usage_details": {
            "input": int(row["input"] - row["cached"]), "input_cached_tokens": int(row["cached"]),
            "output": int(row["output"]), "total": int(row["input"] + row["output"]),
        },
        "latency": row["latency"], "time_to_first_token": None if np.isnan(row["ttft"]) else row["ttft"],
        "total_cost": row["cost"], "user_id": row["user"], "session_id": "", "input": SECRET, "output": SECRET,
    }  # fmt: skip


def bedrock(row: Row) -> Row:
    """A model invocation log of Converse."""
    body = {"metrics": {"latencyMs": round(row["latency"] * 1000)}, "output": SECRET}
    found = {
        "schemaType": "ModelInvocationLog", "timestamp": iso(row["time"]), "requestId": f"r{row['n']}",
        "modelId": row["model"], "operation": "ConverseStream",
        "input": {
            "inputBodyJson": {"messages": SECRET}, "inputTokenCount": int(row["input"] - row["cached"]),
            "cacheReadInputTokenCount": int(row["cached"]),
        },
        "output": {"outputBodyJson": body, "outputTokenCount": int(row["output"])},
    }  # fmt: skip
    codes = {"rate_limited": "ThrottlingException", "error": "InternalServerException"}
    return found if row["fate"] == "ok" else {**found, "errorCode": codes[row["fate"]]}


def helicone(row: Row) -> Row:
    """A row of a Helicone export."""
    return {
        "request_id": f"r{row['n']}", "request_created_at": iso(row["time"]),
        "response_created_at": iso(row["time"] + row["latency"]), "delay_ms": row["latency"] * 1000,
        "time_to_first_token": None if np.isnan(row["ttft"]) else row["ttft"] * 1000,
        "prompt_tokens": int(row["input"]), "completion_tokens": int(row["output"]),
        "prompt_cache_read_tokens": int(row["cached"]), "request_model": row["model"],
        "response_status": FATES[row["fate"]][0], "request_user_id": row["user"], "cost": row["cost"],
        "request_body": SECRET,
    }  # fmt: skip


def aiperf(row: Row) -> Row:
    """A record of profile_export.jsonl."""
    start = round(row["time"] * 1e6) * 1000
    metrics = {
        "input_sequence_length": {"value": int(row["input"]), "unit": "tokens"},
        "output_sequence_length": {"value": int(row["output"]), "unit": "tokens"},
        "request_latency": {"value": row["latency"] * 1000, "unit": "ms"},
        "inter_chunk_latency": {"value": [1.0, 2.0], "unit": "ms"},
    }
    if not np.isnan(row["ttft"]):
        metrics["time_to_first_token"] = {"value": row["ttft"] * 1000, "unit": "ms"}
    return {
        "metadata": {
            "request_start_ns": start, "request_end_ns": start + round(row["latency"] * 1e9), "benchmark_phase": "profiling",
            "x_request_id": f"r{row['n']}",
        },
        "metrics": metrics,
        "error": None if row["fate"] == "ok" else {"code": FATES[row["fate"]][0], "type": "HTTPError", "message": SECRET},
    }  # fmt: skip


def plain(row: Row) -> Row:
    """A gateway of one's own, in milliseconds."""
    return {
        "created_at": round(row["time"] * 1000), "model": row["model"], "latency_ms": row["latency"] * 1000,
        "ttft_ms": None if np.isnan(row["ttft"]) else row["ttft"] * 1000, "input_tokens": int(row["input"]),
        "output_tokens": int(row["output"]), "cached_tokens": int(row["cached"]), "status_code": FATES[row["fate"]][0],
        "user_id": row["user"], "cost_usd": row["cost"], "prompt": f"{SECRET}\nin two lines",
    }  # fmt: skip


def json_lines(rows: Iterable[Row]) -> bytes:
    """A line per row."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def comma_separated(rows: list[Row], separator: str = ",") -> bytes:
    """A table as text; objects are JSON in a cell."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=separator)
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {name: json.dumps(cell) if isinstance(cell, dict | list) else cell for name, cell in row.items()}
        )
    return text.getvalue().encode()


def columnar(rows: list[Row]) -> bytes:
    """A table as Parquet."""
    sink = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


def _of(row: Callable[[Row], Row], written: Callable[[list[Row]], bytes]) -> Callable[[list[Row]], bytes]:
    return lambda rows: written([row(one) for one in rows])


FORMS: dict[str, Callable[[list[Row]], bytes]] = {
    "spend.jsonl": _of(litellm_spend, json_lines),
    "spend.csv": _of(litellm_spend, comma_separated),
    "spend.parquet": _of(litellm_spend, columnar),
    "spend.json": _of(litellm_spend, lambda rows: json.dumps(rows, indent=2).encode()),
    "payload.jsonl": _of(litellm_payload, json_lines),
    "otlp.jsonl": otlp,
    "otlp_old.jsonl": lambda rows: otlp(rows, is_old=True),
    "langfuse.jsonl": _of(langfuse, json_lines),
    "langfuse.csv": _of(langfuse, comma_separated),
    "langfuse.parquet": _of(langfuse, columnar),
    "bedrock.jsonl": _of(bedrock, json_lines),
    "helicone.jsonl": _of(helicone, json_lines),
    "aiperf.jsonl": _of(aiperf, json_lines),
    "plain.csv": _of(plain, comma_separated),
    "plain_semicolon.csv": _of(plain, lambda rows: comma_separated(rows, ";")),
    "plain.jsonl": _of(plain, json_lines),
}


def write(folder: Path, form: str, requests: pd.DataFrame, *, is_packed: bool = False) -> Path:
    """Write a table in the form of a tool."""
    rows = [{"n": n, **row} for n, row in enumerate(requests.to_dict("records"), start=1)]
    data = FORMS[form](rows)
    path = folder / (f"{form}.gz" if is_packed else form)
    path.write_bytes(gzip.compress(data) if is_packed else data)
    return path
