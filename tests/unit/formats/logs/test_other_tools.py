"""Logs of tools that nobody foresaw: envelopes, other spans, other stamps; read, or asked about."""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.formats.logs.errors import LogError
from simulator.formats.logs.read import read_log

STAMP, TIME = "2026-09-10T00:00:00Z", 1_788_998_400.0
ROW = {
    "created_at": STAMP,
    "usage": {"prompt_tokens": 10, "completion_tokens": 3},
    "model": "gpt-4o",
    "latency_ms": 800,
}
BEDROCK = {
    "timestamp": STAMP, "schemaType": "ModelInvocationLog", "modelId": "m",
    "input": {"inputTokenCount": 10}, "output": {"outputTokenCount": 3},
}  # fmt: skip
TAGS = [("gen_ai.request.model", "m"), ("gen_ai.usage.input_tokens", 10), ("gen_ai.usage.output_tokens", 3)]
JAEGER = {
    "traceID": "t", "spanID": "s", "operationName": "chat", "startTime": int(TIME * 1e6), "duration": 800_000,
    "tags": [{"key": key, "value": value} for key, value in TAGS],
}  # fmt: skip
SDK = {
    "name": "chat", "context": {"trace_id": "0x1", "span_id": "0x2"}, "start_time": STAMP,
    "end_time": "2026-09-10T00:00:00.8Z",
    "status": {"status_code": "UNSET"}, "attributes": {"gen_ai.operation.name": "chat", **dict(TAGS)},
}  # fmt: skip
MAP = json.dumps({key: str(value) for key, value in TAGS}).replace('"', '""')


def _read(folder: Path, text: str, columns: str | None = None) -> dict[str, Any]:
    path = folder / "log"
    path.write_text(text, encoding="utf-8")
    found = read_log(path, columns)
    return {"n": len(found.frame), **found.frame.iloc[0].to_dict()}


@pytest.mark.parametrize(
    ("text", "latency"),
    [
        (json.dumps({"data": [ROW, ROW], "total": 2}), 0.8),
        (json.dumps([ROW, ROW], indent=1), 0.8),
        (
            json.dumps(
                {"hits": {"total": 2, "hits": [{"_id": "1", "_source": ROW}, {"_id": "2", "_source": ROW}]}}
            ),
            0.8,
        ),
        ("\n".join(json.dumps({"timestamp": 1, "message": json.dumps(BEDROCK)}) for _ in range(2)), None),
        (json.dumps({"data": [{"traceID": "t", "spans": [JAEGER, JAEGER], "processes": {}}]}), 0.8),
        (json.dumps(SDK) + "\n" + json.dumps(SDK), 0.8),
        (json.dumps(SDK, indent=2) + "\n" + json.dumps(SDK, indent=2), 0.8),
        (
            "Timestamp,TraceId,SpanId,Duration,StatusCode,SpanAttributes\n"
            + f'2026-09-10 00:00:00.000000000,t,s,800000000,Unset,"{MAP}"\n' * 2
            + '2026-09-10 00:00:00.000000000,t,u,5,Unset,"{}"\n',
            0.8,
        ),
        (
            "start_time,end_time,attributes.llm.token_count.prompt,attributes.llm.token_count.completion\n"
            + f"{STAMP},2026-09-10T00:00:00.8Z,10,3\n" * 2,
            0.8,
        ),
        (
            "arrival_time,finished_time,num_prompt_tokens,num_generation_tokens\n"
            + f"{TIME},{TIME + 0.8},10,3\n" * 2,
            0.8,
        ),
    ],
)
def test_rows_are_found_wherever_they_lie(tmp_path: Path, text: str, latency: float | None) -> None:
    row = _read(tmp_path, text)
    assert row["n"] == 2
    assert (row["time"], row["input"], row["output"]) == (pytest.approx(TIME), 10.0, 3.0)
    if latency is not None:
        assert row["latency"] == pytest.approx(latency, abs=1e-3)


@pytest.mark.parametrize(
    ("stamps", "seconds"),
    [
        (("14/09/2026 10:00:00", "03/09/2026 10:00:00"), 11 * 86_400),
        (("9/14/2026 10:00:00 AM", "9/3/2026 10:00:00 PM"), 10.5 * 86_400),
        (("14/Sep/2026:10:00:00 +0200", "14/Sep/2026:09:00:00 +0200"), 3600),
        (("2026-09-14 10:00:00,500", "2026-09-14 10:00:00,250"), 0.25),
    ],
)
def test_stamps_of_other_shapes(tmp_path: Path, stamps: tuple[str, str], seconds: float) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        "\n".join(json.dumps({"ts": stamp, "input_tokens": 1, "output_tokens": 2}) for stamp in stamps)
    )
    times = read_log(path).frame["time"]
    assert times[0] - times[1] == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("stamp", "message"),
    [
        ("03/04/2026 10:00", "may begin with the day or the month"),
        ("yesterday", "no time of `ts` can be read, e.g. 'yesterday'"),
    ],
)
def test_stamps_that_say_nothing_are_asked_about(tmp_path: Path, stamp: str, message: str) -> None:
    with pytest.raises(LogError, match=message):
        _read(tmp_path, f"ts,input_tokens,output_tokens\n{stamp},1,2\n")


def test_cached_tokens_beside_the_input_are_of_it(tmp_path: Path) -> None:
    usage = {"input_tokens": 5, "cache_read_input_tokens": 100, "output_tokens": 6}
    row = _read(tmp_path, json.dumps({"timestamp": STAMP, "usage": usage}))
    assert (row["input"], row["cached"]) == (105.0, 100.0)


@pytest.mark.parametrize(
    ("name", "cell", "fate"),
    [
        ("status", "200 OK", "ok"),
        ("status_code", 200, "ok"),
        ("status", "failed", "error"),
        ("status_code", 429, "rate_limited"),
        ("success", True, "ok"),
        ("success", False, "error"),
        ("error", True, "error"),
        ("error", False, "ok"),
        ("error_type", "litellm.Timeout", "timeout"),
        ("error_type", "RateLimitError", "rate_limited"),
        ("status", "499", "cancelled"),
        ("error", "{}", "ok"),
    ],
)
def test_words_of_fate(tmp_path: Path, name: str, cell: object, fate: str) -> None:
    assert (
        _read(tmp_path, json.dumps({"timestamp": STAMP, "input_tokens": 1, "output_tokens": 2, name: cell}))[
            "fate"
        ]
        == fate
    )
