"""Records of metrics in which only what a test is about is known."""

from typing import Any, TypeVar

from simulator.metrics.definition import Spread, definitions

RecordT = TypeVar("RecordT")
_NOTHING = {"spread": Spread(), "count": 0, "word": "model", "estimate": None}


def blank(kind: type[RecordT], /, **known: Any) -> RecordT:
    """A record of metrics or counts; what is not given was not observed."""
    return kind(**{name: _NOTHING[one.kind] for name, one in definitions(kind).items()} | known)
