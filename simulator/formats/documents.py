"""What other tools write, as it is read: maps with keys of theirs, whose values may be anything."""

from collections.abc import Mapping
from typing import Any

ForeignMap = Mapping[str, Any]
ForeignRow = dict[str, Any]  # that a reader fills
