"""The JSON documents of a file, one after the other: a line each, items of a list, or simply in a row.

Only one document is in memory at a time. What is no JSON is counted, not raised: exports end in the middle of a line.
"""

import json
from collections.abc import Iterator
from typing import IO, Any

from simulator.formats.logs.errors import LogError

MAX_DOCUMENT = 256 << 20
MAX_BYTES = 4 << 30  # that a file may unpack to
_CHUNK = 1 << 20
_DECODER = json.JSONDecoder()
_BETWEEN = " \t\r\n,\ufeff"


class Broken:
    """Stands for what is no JSON."""


BROKEN = Broken()


def lines_of(file: IO[bytes], name: str) -> Iterator[Any]:
    """The document of every line, `BROKEN` for one that is none; a line that is a list has a document per item."""
    n_bytes = 0
    while line := file.readline(MAX_DOCUMENT):
        n_bytes = _counted(n_bytes, line, name)
        if line.isspace():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            yield BROKEN
            continue
        if isinstance(found, list):
            yield from found
        else:
            yield found


def stream_of(file: IO[bytes], name: str) -> Iterator[Any]:
    """The documents of a file that are not one to a line; items of a list at the top are documents."""
    buffer, place, n_bytes, is_over, is_list, want = "", 0, 0, False, False, _CHUNK
    while True:
        place = _skip(buffer, place)
        if not is_list and place < len(buffer) and buffer[place] == "[":
            is_list, place = True, place + 1
            continue
        if is_list and place < len(buffer) and buffer[place] == "]":
            is_list, place = False, place + 1
            continue
        if place < len(buffer):
            try:
                found, end = _DECODER.raw_decode(buffer, place)
            except RecursionError:
                yield BROKEN
                return
            except ValueError:
                if is_over:
                    yield BROKEN
                    return
            else:
                if end < len(buffer) or is_over:
                    yield found
                    place, want = end, _CHUNK
                    continue
        elif is_over:
            return
        if len(buffer) - place > MAX_DOCUMENT:
            raise LogError(
                f"{name}: a document is larger than {MAX_DOCUMENT >> 20} MiB; write one request per line (JSONL)"
            )
        chunk = file.read(want)
        n_bytes = _counted(n_bytes, chunk, name)
        is_over = not chunk
        buffer, place = buffer[place:] + _text(file, chunk), 0
        want = max(_CHUNK, len(buffer))


def _skip(buffer: str, place: int) -> int:
    while place < len(buffer) and buffer[place] in _BETWEEN:
        place += 1
    return place


def _text(file: IO[bytes], chunk: bytes) -> str:
    """Text of a chunk that may end within a character."""
    for _ in range(4):
        try:
            return chunk.decode("utf-8")
        except UnicodeDecodeError as error:
            if error.end < len(chunk) or not (more := file.read(1)):
                break
            chunk += more
    return chunk.decode("utf-8", errors="replace")


def _counted(n_bytes: int, more: bytes, name: str) -> int:
    if n_bytes + len(more) > MAX_BYTES:
        raise LogError(f"{name}: unpacks to more than {MAX_BYTES >> 30} GiB; split it")
    return n_bytes + len(more)
