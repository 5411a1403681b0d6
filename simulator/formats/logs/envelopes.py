"""What carries rows to somebody else: pages of an API, records of a log service, documents of a search."""

import json
from collections.abc import Iterator
from typing import Any

_LISTS = (
    "data",
    "rows",
    "logs",
    "items",
    "records",
    "Records",
    "value",
    "hits",
    "observations",
    "events",
    "logEvents",
)
_OBJECTS = ("_source", "jsonPayload", "standard_logging_object", "payload", "fields", "hits")
_TEXTS = ("message", "@message", "log", "msg", "Body", "body")
_DEEPEST = 4


def unwrapped(document: Any, depth: int = 0) -> Iterator[Any]:
    """The rows that a document carries; the document itself, if it carries none."""
    if not isinstance(document, dict) or depth >= _DEEPEST:
        yield document
        return
    for key in _LISTS:
        rows = document.get(key)
        if isinstance(rows, list) and rows and isinstance(rows[0], dict) and len(document) <= 12:
            for row in rows:
                yield from unwrapped(row, depth + 1)
            return
    for key in _OBJECTS:
        if isinstance(document.get(key), dict) and len(document[key]) >= 3:
            yield from unwrapped(document[key], depth + 1)
            return
        if key == "hits" and isinstance(document.get(key), dict):
            yield from unwrapped(document[key], depth + 1)
            return
    for key in _TEXTS:
        text = document.get(key)
        if isinstance(text, str) and text.lstrip().startswith("{"):
            try:
                found = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if isinstance(found, dict):
                yield from unwrapped(found, depth + 1)
                return
    yield document
