"""The README's picture: the overview that `rollout plan` prints first, as an SVG without web fonts.

`rollout plan scenarios/support-copilot.yaml --json > plan.json` and then
`python -m scripts.docs.picture plan.json docs/images/plan.svg`
"""

import io
import re
import sys
from html import unescape
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.terminal_theme import TerminalTheme

from simulator.render.terminal import terminal
from simulator.studies.plan.report import PlanReport
from simulator.studies.plan.view import plan_footer, side_by_side

WIDTH = 104
_COMMAND = "rollout plan scenarios/support-copilot.yaml"
# Okabe and Ito's colours where they are readable on dark: sky blue for cyan, vermilion for red, yellow.
_THEME = TerminalTheme(
    (24, 26, 31),
    (222, 225, 230),
    [
        (24, 26, 31),
        (230, 97, 30),
        (0, 158, 115),
        (240, 228, 66),
        (86, 180, 233),
        (204, 121, 167),
        (86, 180, 233),
        (222, 225, 230),
    ],
)
# Rich's own template asks a server for its font; this one takes what the reader's system has.
_TEMPLATE = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img">
<title>What rollout plan prints for the support copilot</title>
<style>
text {{ font: {char_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }}
{styles}
</style>
<rect fill="#181a1f" width="100%" height="100%" rx="12"/>
<g transform="translate({terminal_x}, 20)">
{matrix}
</g>
</svg>
"""
_CELL = 12.2  # width of a character in Rich's SVG
_TEXT = re.compile(
    r'<text class="([\w-]+)" x="([\d.]+)" y="([\d.]+)" textLength="[\d.]+"[^>]*>([^<]*)</text>\n?'
)


def plan_picture(report: PlanReport, width: int = WIDTH) -> str:
    """Return the SVG of a plan's overview, so many cells wide."""
    console = Console(
        file=io.StringIO(), record=True, width=width, force_terminal=True, color_system="standard"
    )
    console.print(f"$ {_COMMAND}", highlight=False, markup=False, style="bold")
    console.print(terminal([*side_by_side(report), plan_footer(report)], width))
    svg = console.export_svg(title="", theme=_THEME, code_format=_TEMPLATE, unique_id="plan")
    return _TEXT.sub(_tight, svg)


def _tight(found: re.Match[str]) -> str:
    """Place a piece of text by its first and last visible character: not every viewer keeps spaces."""
    style, x, y, text = found.groups()
    shown = text.replace("&#160;", " ").rstrip()
    n_leading = len(shown) - len(shown.lstrip())
    shown = shown.strip()
    if not shown:
        return ""
    left = float(x) + _CELL * n_leading
    length = _CELL * cell_len(unescape(shown))
    return f'<text class="{style}" x="{left:.1f}" y="{y}" textLength="{length:.1f}">{shown}</text>\n'


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.write_text(
        plan_picture(PlanReport.model_validate_json(source.read_text(encoding="utf-8"))), encoding="utf-8"
    )
