"""Files that are written whole or not at all: under another name first, forced to disk, then renamed."""

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO


def write_whole(path: Path, content: str | bytes | Callable[[BinaryIO], object]) -> None:
    """Write a file in place of one that is there: readers see the old or the new one, and a full disk leaves the old one.

    The new one has the permissions of the old one.

    Parameters
    ----------
    content : text, bytes, or what writes them

    Raises
    ------
    OSError
        If the disk is full, or the folder cannot be written; it names the file.
    """
    if path.exists() and not path.is_file():  # e.g. /dev/stdout
        with path.open("wb") as stream:
            _write(stream, content)
        return
    final = path.resolve()  # a link stays one
    temporary = final.with_name(f".{final.name}-{secrets.token_hex(6)}")
    try:
        with temporary.open("xb") as file:
            _write(file, content)
            file.flush()
            os.fsync(file.fileno())
        if final.exists():
            shutil.copymode(final, temporary)
        temporary.replace(final)
    except OSError as error:
        error.filename = str(path)
        raise
    finally:
        temporary.unlink(missing_ok=True)


def _write(file: BinaryIO, content: str | bytes | Callable[[BinaryIO], object]) -> None:
    if callable(content):
        content(file)
    else:
        file.write(content.encode() if isinstance(content, str) else content)
