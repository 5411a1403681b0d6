"""Files that are written whole or not at all: under another name first, forced to disk, then renamed."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, content: str | bytes | Callable[[BinaryIO], object]) -> None:
    """Write a file in place of one that is there: readers see the old or the new one, and a full disk leaves the old one.

    Parameters
    ----------
    content : text, bytes, or what writes them

    Raises
    ------
    OSError
        If the disk is full, or the folder cannot be written; it names the file.
    """
    if path.exists() and not path.is_file():  # e.g. /dev/stdout
        path.write_bytes(_bytes(content))
        return
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    try:
        with temporary.open("xb") as file:
            if callable(content):
                content(file)
            else:
                file.write(_bytes(content))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _bytes(content: str | bytes | Callable[[BinaryIO], object]) -> bytes:
    if callable(content):
        raise IsADirectoryError(f"not a plain file: {content}")
    return content.encode() if isinstance(content, str) else content
