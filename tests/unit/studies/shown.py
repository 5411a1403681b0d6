"""What a terminal shows of sections."""

from collections.abc import Sequence

from rich.console import Console

from simulator.render.sections import Section
from simulator.render.terminal import terminal


def terminal_text(sections: Sequence[Section], width: int = 200) -> str:
    """Everything a terminal of that width shows."""
    console = Console(width=width, highlight=False, emoji=False)
    with console.capture() as shown:
        console.print(terminal(sections, width))
    return shown.get()
