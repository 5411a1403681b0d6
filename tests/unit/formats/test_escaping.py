"""Text that a spreadsheet would take for a formula is only text."""

import pandas as pd

from simulator.formats.escaping import escaped


def test_cells_that_look_like_formulas_are_escaped() -> None:
    frame = pd.DataFrame({"name": ["=1+1", "+1", "-1", "@a", "plain", None], "cost": [-1.0] * 6})
    made = escaped(frame)
    assert made["name"].tolist()[:5] == ["'=1+1", "'+1", "'-1", "'@a", "plain"]
    assert made["cost"].tolist() == [-1.0] * 6
