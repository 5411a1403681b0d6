"""What kind of file is this, whatever its name: CSV, JSON by lines or otherwise, Parquet; with or without gzip."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

from simulator.formats.logs.errors import LogError

Kind = Literal["csv", "lines", "stream", "parquet"]

_HEAD = 1 << 20
_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_OTHERS = {
    b"PK\x03\x04": "a ZIP archive or a workbook: unpack it, or save it as CSV",
    b"\x28\xb5\x2f\xfd": "compressed with zstd: unpack it (`zstd -d`)",
    b"BZh": "compressed with bzip2: unpack it (`bunzip2`)",
    b"SQLite format 3": "a database: export its table as CSV",
}
BAD_FILE = (OSError, EOFError, zlib.error)  # of a file that ends within its gzip


@dataclass(frozen=True)
class LogFile:
    """A file whose kind is known.

    Attributes
    ----------
    name : as the user gave it
    encoding : of a text
    cuts : is not empty once a packed file turned out to end early
    """

    path: Path
    name: str
    kind: Kind
    is_packed: bool
    encoding: str = "utf-8"
    cuts: list[str] = field(default_factory=list, compare=False)

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Its bytes, unpacked."""
        with self.path.open("rb") as file:
            if not self.is_packed:
                yield file
                return
            with gzip.open(file) as unpacked:
                yield io.BufferedReader(_UntilCut(unpacked, self.cuts), 1 << 20)


class _UntilCut(io.RawIOBase):
    """What can be unpacked of a file that may have been cut off."""

    def __init__(self, file: gzip.GzipFile, cuts: list[str]) -> None:
        self._file, self._cuts = file, cuts

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer."""
        try:
            data = self._file.read1(len(buffer))
        except BAD_FILE as error:
            self._cuts.append(str(error)[:120])
            return 0
        buffer[: len(data)] = data
        return len(data)


def log_file(path: Path) -> LogFile:
    """Look at the beginning of a file.

    Raises
    ------
    LogError
        If it cannot be read, is empty, or is no kind of file that a log is written in.
    """
    name = str(path)
    try:
        with path.open("rb") as file:
            is_packed = file.read(2) == _GZIP
            file.seek(0)
            head = _unpacked(file) if is_packed else file.read(_HEAD)
    except OSError as error:
        raise LogError(f"{name}: cannot be read: {error.strerror or error}") from None
    for magic, what in _OTHERS.items():
        if head.startswith(magic):
            raise LogError(f"{name}: is {what}")
    if head.startswith(_PARQUET):
        if is_packed:
            raise LogError(f"{name}: is Parquet within gzip; unpack it")
        return LogFile(path, name, "parquet", is_packed=False)
    encoding = _encoding(head)
    text = head.decode(encoding, errors="replace").lstrip("\ufeff").lstrip()
    if not text:
        raise LogError(f"{name}: is empty")
    if "\0" in text[:4096]:
        raise LogError(f"{name}: is no text; a log is CSV, JSON, JSONL or Parquet, maybe with gzip")
    if text[0] not in "{[":
        return LogFile(path, name, "csv", is_packed, encoding)
    if encoding != "utf-8":
        raise LogError(f"{name}: is JSON in {encoding.upper()}; save it as UTF-8")
    return LogFile(path, name, "lines" if _has_lines(text) else "stream", is_packed)


def _unpacked(file: IO[bytes]) -> bytes:
    try:
        with gzip.open(file) as unpacked:
            return unpacked.read1(_HEAD)
    except BAD_FILE as error:
        raise LogError(f"{file.name}: cannot be unpacked: {str(error)[:120]}") from None


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    return "utf-8"


def _has_lines(text: str) -> bool:
    """Whether each line is a document of its own: the first one ends where it is closed."""
    first, _, rest = text.partition("\n")
    closed = first.rstrip().rstrip(",")
    if first.lstrip().startswith("[") and closed.endswith("]"):
        return True
    follows = rest.lstrip()[:1]
    return (
        first.startswith("{")
        and closed.endswith("}")
        and (not follows or follows in "{")
        and not first.rstrip().endswith(",")
    )
