"""What is being done, on standard error: a bar on a terminal, now and then a line in a log."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from simulator.render.terminal_tables import printable

_LINE_EVERY_S = 5.0
_COMPILING = "compiling the engine: on the first use of this version only, some ten seconds"
_FINISHING = "interrupted: putting together what was finished; Ctrl-C again drops it"


class ProgressDisplay:
    """Shows the progress that the engine and planning report: call it with (done, total, label).

    Parameters
    ----------
    console : of standard error
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("starting", total=None)
        self._last_line_s = float("-inf")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, done: float, total: int, label: str) -> None:
        """Show that `done` of `total` parts of `label` are finished; may be called from any thread."""
        label = printable(label)
        self._bar.update(self._task, completed=done, total=total, description=label)
        if not self._console.is_terminal and time.monotonic() - self._last_line_s >= _LINE_EVERY_S:
            self._last_line_s = time.monotonic()
            self._say(f"{label} ({done / max(total, 1):.0%})")

    def say_compiling(self) -> None:
        """Tell that the first result takes longer, this once."""
        self._say(_COMPILING)

    def say_finishing(self) -> None:
        """Tell what is still waited for after an interrupt."""
        self._say(_FINISHING)

    def _say(self, line: str) -> None:
        self._console.print(line, style="dim", markup=False, highlight=False)
