import io

from rich.console import Console

from simulator.cli.progress import ProgressDisplay


def _console(*, terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=80)


def _text(console: Console) -> str:
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def test_a_log_gets_a_line_now_and_then() -> None:
    console = _console(terminal=False)
    with ProgressDisplay(console) as progress:
        for done in range(100):
            progress(done, 100, "pilot: [peak]")
    assert _text(console) == "pilot: [peak] (0%)\n"


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    console = _console(terminal=True)
    with ProgressDisplay(console) as progress:
        progress(1, 4, "pilot")
    assert "pilot" in _text(console)
    assert "25%" in _text(console)


def test_compiling_is_announced() -> None:
    console = _console(terminal=False)
    with ProgressDisplay(console) as progress:
        progress.say_compiling()
    assert "compiling the engine" in _text(console)
