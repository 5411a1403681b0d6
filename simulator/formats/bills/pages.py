"""Pages of a provider's cost API, as rows of a table: one document, a list of them, or one per line.

`GET /v1/organization/costs` of OpenAI states amounts in units of the currency, `/v1/organizations/cost_report` of Anthropic
in hundredths of it, as text.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from simulator.formats.bills.cells import BillError
from simulator.formats.documents import ForeignMap

_MAX_BYTES = 64 << 20
_CENT = 0.01


def pages_of(path: Path) -> list[Any] | None:
    """The documents of a file that holds pages of costs; None: it holds none.

    Raises
    ------
    BillError
        If it cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")
            if head[:1] not in (b"{", b"[") or path.stat().st_size > _MAX_BYTES:
                return None
        documents = _documents(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise BillError(f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError):
        return None
    buckets = [*_buckets(documents)]
    return documents if any(_is_cost(item) for bucket in buckets for item in _results(bucket)) else None


def table_of_pages(path: Path, documents: list[Any]) -> tuple[str, pd.DataFrame]:
    """Name of the export, and a row per item: `time`, `end`, `amount`, `currency`.

    Raises
    ------
    BillError
        If a time or an amount cannot be read.
    """
    name, rows, seen = "OpenAI costs", [], set()
    for bucket in _buckets(documents):
        since, until = (
            _moment(path, bucket, "start_time", "starting_at"),
            _moment(path, bucket, "end_time", "ending_at"),
        )
        if "starting_at" in bucket:
            name = "Anthropic costs"
        for item in _results(bucket):
            told = json.dumps([since.isoformat(), item], sort_keys=True, default=str)
            if told in seen:  # pages overlap, or were saved twice
                continue
            seen.add(told)
            rows.append((since, until, *_amount(path, item, in_cents="starting_at" in bucket)))
    return name, pd.DataFrame(rows, columns=["time", "end", "amount", "currency"])


def _documents(text: str) -> list[Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return found if isinstance(found, list) else [found]


def _buckets(documents: list[Any]) -> Iterator[ForeignMap]:
    for document in documents:
        if not isinstance(document, Mapping):
            continue
        data = document.get("data")
        if isinstance(data, list):
            yield from (one for one in data if isinstance(one, Mapping))
        elif "results" in document:
            yield document


def _results(bucket: ForeignMap) -> Iterator[ForeignMap]:
    found = bucket.get("results", bucket.get("result"))
    if isinstance(found, list):
        yield from (one for one in found if isinstance(one, Mapping))


def _is_cost(item: ForeignMap) -> bool:
    amount = item.get("amount")
    return isinstance(amount, str) or (isinstance(amount, Mapping) and "value" in amount)


def _moment(path: Path, bucket: ForeignMap, epoch: str, text: str) -> datetime:
    value = bucket.get(epoch, bucket.get(text))
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(float(value), UTC)
        found = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        raise BillError(
            f"{path}: `{epoch if epoch in bucket else text}` of a bucket is no time: `{str(value)[:40]}`"
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _amount(path: Path, item: ForeignMap, *, in_cents: bool) -> tuple[float, str]:
    stated = item.get("amount")
    value = stated.get("value") if isinstance(stated, Mapping) else stated
    currency = stated.get("currency") if isinstance(stated, Mapping) else item.get("currency")
    try:
        amount = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise BillError(f"{path}: `amount` of an item is no amount: `{str(value)[:40]}`") from None
    if not abs(amount) < 1e14:
        raise BillError(f"{path}: `amount` of an item is no amount that a bill can have: `{str(value)[:40]}`")
    return amount * (_CENT if in_cents else 1.0), str(currency or "usd").upper()
