"""OpenTelemetry spans of GenAI clients: OTLP JSON as collectors write it, and flat spans, with old and new attribute names.

Conventions: open-telemetry/semantic-conventions-genai and, before, semantic-conventions to 1.44; names of OpenLLMetry and of
the conventions before 1.27 (`gen_ai.usage.prompt_tokens`) are still in the field.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from simulator.formats.documents import ForeignMap, ForeignRow
from simulator.formats.logs.dialect import At, Dialect

_KEPT = {
    "model": ("gen_ai.response.model", "gen_ai.request.model", "llm.model_name"),
    "input": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt"),
    "output": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"),
    "cached": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.input_tokens.cached",
        "llm.token_count.prompt_details.cache_read",
    ),
    "ttft": ("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token"),
    "cost": ("gen_ai.usage.cost",),
    "error": ("error.type", "http.response.status_code", "otel.status_code"),
    "session": ("gen_ai.conversation.id", "session.id"),
    "user": ("user.id", "enduser.id"),
    "operation": ("gen_ai.operation.name", "openinference.span.kind", "llm.request.type"),
}
_OF_ATTRIBUTE = {name: (column, rank) for column, names in _KEPT.items() for rank, name in enumerate(names)}
_MARKS = tuple(name for column in ("input", "output", "operation", "model") for name in _KEPT[column])
_THRESHOLD = re.compile(
    r"(?:^|[,;])\s*ot=[^,]*?th:([0-9a-f]{1,14})"
)  # of consistent sampling, in the trace state
_NOT_ANSWERS = re.compile(
    r"embed|execute_tool|create_agent|invoke_agent|invoke_workflow|retriev|rerank|tool|agent|chain", re.I
)
_STATUS = {
    "0": "ok",
    "1": "ok",
    "2": "error",
    "statuscodeunset": "ok",
    "statuscodeok": "ok",
    "statuscodeerror": "error",
}

COLUMNS: Mapping[str, tuple[At, ...]] = {
    "time": (At("time"),),
    "end": (At("end"),),
    "ttft": (At("ttft", "s"),),
    **{
        name: (At(name),)
        for name in (
            "model",
            "input",
            "output",
            "cached",
            "cost",
            "error",
            "session",
            "user",
            "operation",
            "status",
        )
    },
    "trace": (At("trace"),),
    "id": (At("id"),),
    "sampled": (At("sampled"),),
}


def rows(document: Any) -> Iterator[ForeignRow]:
    """The spans of a document that are calls of a model, as flat rows."""
    for span in _spans(document):
        row = _row(span)
        if row is not None:
            yield row


def _spans(document: Any) -> Iterator[ForeignMap]:
    """Spans wherever they stand: in resources and scopes, in a list, or alone."""
    if isinstance(document, list):
        for item in document:
            yield from _spans(item)
    elif isinstance(document, Mapping):
        nested = [
            document[key]
            for key in (
                "resourceSpans", "resource_spans", "scopeSpans", "scope_spans", "instrumentationLibrarySpans",
                "spans", "batches",
            )
            if isinstance(document.get(key), list)
        ]  # fmt: skip
        if nested:
            for items in nested:
                for item in items:
                    yield from _spans(item)
        elif "attributes" in document or "tags" in document:
            yield document


def _row(span: ForeignMap) -> ForeignRow | None:
    found: ForeignRow = {}
    ranks: dict[str, int] = {}
    events = span.get("events")
    for name, value in _attributes(span.get("attributes") or span.get("tags")):
        place = _OF_ATTRIBUTE.get(name)
        if place is not None and place[1] <= ranks.get(place[0], 99):
            ranks[place[0]] = place[1]
            found[place[0]] = value
    if not ("input" in found or "output" in found or "model" in found):
        return None
    if _NOT_ANSWERS.search(str(found.get("operation", ""))):
        return None
    found["time"] = _first(span, "startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime")
    found["end"] = _first(span, "endTimeUnixNano", "end_time_unix_nano", "end_time", "endTime")
    if found["end"] is None and "tags" in span:  # Jaeger: microseconds
        found["end"] = _sum(found["time"], span.get("duration"))
    found["trace"] = _first(span, "traceId", "traceID", "trace_id") or _context(span, "trace_id")
    found["id"] = _first(span, "spanId", "spanID", "span_id") or _context(span, "span_id")
    status = span.get("status")
    code = status.get("code", status.get("status_code", 0)) if isinstance(status, Mapping) else status
    found["status"] = _STATUS.get(re.sub(r"[^0-9a-z]", "", str(code or 0).lower()), str(code))
    if found["status"] == "ok" and not _is_http_error(found.get("error")):
        found.pop("error", None)
    found["sampled"] = _sampled(str(_first(span, "traceState", "trace_state") or ""))
    if "ttft" not in found and isinstance(events, list):
        found["ttft"] = _event_ttft(events, found["time"])
    return found


def _sum(start: Any, duration: Any) -> Any:
    is_number = all(isinstance(one, int | float) and not isinstance(one, bool) for one in (start, duration))
    return start + duration if is_number else None


def _is_http_error(value: object) -> bool:
    return value is not None and not str(value).startswith(("2", "3", "OK", "UNSET"))


def _first(span: ForeignMap, *names: str) -> Any:
    return next((span[name] for name in names if span.get(name) not in (None, "")), None)


def _context(span: ForeignMap, name: str) -> Any:
    context = span.get("context")
    return context.get(name) if isinstance(context, Mapping) else None


def _attributes(attributes: Any) -> Iterator[tuple[str, Any]]:
    """Names and values of those that are kept; others are not looked at."""
    if isinstance(attributes, Mapping):
        for name, value in attributes.items():
            if name in _OF_ATTRIBUTE:
                yield name, value
    elif isinstance(attributes, list):
        for item in attributes:
            if isinstance(item, Mapping) and item.get("key") in _OF_ATTRIBUTE:
                value = item.get("value")
                if isinstance(value, Mapping):
                    value = next(iter(value.values()), None)
                yield item["key"], value


def _sampled(state: str) -> float | None:
    """Share of the traces that were kept, from the threshold of rejection; None: not said."""
    found = _THRESHOLD.search(state)
    return None if found is None else 1.0 - int(found[1], 16) / 16.0 ** len(found[1])


def _event_ttft(events: list[Any], start: Any) -> float | None:
    """Seconds to an event that marks the first token."""
    for event in events:
        if isinstance(event, Mapping) and re.search(
            r"first.?(token|chunk)", str(event.get("name", "")), re.I
        ):
            try:
                return (int(event["timeUnixNano"]) - int(start)) / 1e9
            except (KeyError, TypeError, ValueError):
                return None
    return None


def flat_rows(document: Any) -> Iterator[ForeignRow]:
    """A row whose attributes stand in one cell, as text or as an object."""
    if isinstance(document, dict) and isinstance(document.get("attributes"), str):
        try:
            document = {**document, "attributes": json.loads(document["attributes"])}
        except (ValueError, RecursionError):
            return
    yield from rows(document)


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    if "sampled" in frame and frame["sampled"].notna().any():
        frame["sampled"] = frame["sampled"].where(frame["sampled"] > 0.0, np.nan)
    return frame


OTLP = Dialect(
    "OpenTelemetry GenAI spans (OTLP JSON)",
    (("resourceSpans", "resource_spans", "batches", "scopeSpans"),),
    COLUMNS,
    rows=rows,
    tidy=_tidy,
    is_nested=True,
)

SPANS = Dialect(
    "OpenTelemetry GenAI spans",
    (
        (
            *(f"{place}attributes/{name}" for name in _MARKS for place in ("", "spans/")),
            "tags/key",
            "spans/tags/key",
        ),
        tuple(
            f"{place}{name}"
            for name in ("start_time", "startTimeUnixNano", "startTime")
            for place in ("", "spans/")
        ),
    ),
    COLUMNS,
    rows=flat_rows,
    tidy=_tidy,
    is_nested=True,
)


def _of_models(frame: pd.DataFrame) -> pd.DataFrame:
    """Spans that call a model; the table has those of everything else, too."""
    known = [name for name in ("model", "input", "output") if name in frame]
    return frame[frame[known].notna().any(axis=1)] if known else frame.iloc[:0]


def _in_map(*names: str) -> tuple[At, ...]:
    return tuple(At(f"SpanAttributes/{name}") for name in names)


TABLE = Dialect(
    "OpenTelemetry spans in a table (ClickHouse exporter)",
    (("Timestamp",), ("Duration",), ("SpanAttributes",)),
    {
        "time": (At("Timestamp"),),
        "latency": (At("Duration", "ns"),),
        "ttft": tuple(At(place.path, "s") for place in _in_map(*_KEPT["ttft"])),
        **{
            name: _in_map(*_KEPT[name])
            for name in ("model", "input", "output", "cached", "cost", "session", "user", "operation")
        },
        "error": _in_map("error.type"),
        "status": (At("StatusCode"),),
        "trace": (At("TraceId"),),
        "id": (At("SpanId"),),
    },
    tidy=_of_models,
)
