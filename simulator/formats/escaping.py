"""Which text would a spreadsheet take for a formula? Cells that start with = + - @, a tab or a return; they are escaped."""

import pandas as pd

_RISKY = ("=", "+", "-", "@", "\t", "\r")


def escaped_text(text: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet would calculate it."""
    return f"'{text}" if text.startswith(_RISKY) else text


def escaped(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its texts escaped; numbers and times stay."""
    changed = {
        str(name): values.map(lambda value: escaped_text(value) if isinstance(value, str) else value)
        for name, values in frame.items()
        if not (pd.api.types.is_numeric_dtype(values) or pd.api.types.is_datetime64_any_dtype(values))
    }
    return frame.assign(**changed)
