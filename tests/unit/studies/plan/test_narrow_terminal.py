"""On a terminal of 80 columns lines are folded, but no figure is cut: half a half-width is another one."""

import re
from collections import Counter
from io import StringIO

from rich.console import Console

from simulator.app.bundled import bundled_plan
from simulator.studies.plan.plan_tables import plan_report

_HALF_WIDTH = re.compile(r"± [\d,.]+")


def _half_widths(columns: int) -> Counter[str]:
    console = Console(width=columns, record=True, file=StringIO())
    console.print(plan_report(bundled_plan(), columns))
    return Counter(_HALF_WIDTH.findall(console.export_text()))


def test_no_interval_of_a_plan_is_cut() -> None:
    wide = _half_widths(250)
    assert wide.total() > 50
    assert _half_widths(80) == wide
