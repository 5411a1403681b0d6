"""Scenarios that users brought, kept at the server by what they hold: a link opens one anywhere, after a restart, too.

Nobody finds one without its key, nothing is overwritten, and the oldest go when there are too many. A folder that cannot be
written keeps nothing; the app works without.
"""

import hashlib
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

_MOST_KEPT = 1_000
_MOST_BYTES = 1 << 20  # of one, as uploads
_KEY = re.compile(r"[0-9a-f]{24}")


def keep(folder: Path, text: str) -> str | None:
    """Keep a text, and return its key; None: it could not be kept."""
    content = text.encode()
    if len(content) > _MOST_BYTES:
        return None
    key = hashlib.sha256(content).hexdigest()[:24]
    path = folder / f"{key}.yaml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if path.exists():
            path.touch()
            return key
        with tempfile.NamedTemporaryFile(dir=folder, suffix=".part", delete=False) as file:
            file.write(content)
        os.replace(file.name, path)
        _drop_oldest(folder)
    except OSError:
        return None
    return key


def kept(folder: Path, key: str) -> str | None:
    """A text by its key; None: it is not there, or is not what was kept."""
    if not _KEY.fullmatch(key):
        return None
    try:
        content = (folder / f"{key}.yaml").read_bytes()
    except OSError:
        return None
    if not hashlib.sha256(content).hexdigest().startswith(key):
        return None
    return content.decode("utf-8", errors="replace")


def _drop_oldest(folder: Path) -> None:
    paths = sorted(folder.glob("*.yaml"), key=lambda path: path.stat().st_mtime_ns)
    for path in paths[:-_MOST_KEPT]:
        with suppress(OSError):
            path.unlink()
