"""Sections in every medium: a folded part, paragraphs, a footer, and numbers with words behind them."""

from rich.console import Console

from simulator.render.html import fragment, page
from simulator.render.markdown import markdown
from simulator.render.sections import Figure, Folded, Notes, Quantity, Row, Section, Table
from simulator.render.terminal import terminal
from simulator.theory.estimate import Estimate

TABLE = Table(("cost",), [[Row("<now>", [Quantity(3.0, "money", detail="(+50 %)")])]])
SECTIONS: list[Section] = [
    Notes(["Nothing changed."], "text"),
    Folded("1 threshold <PASS>", [TABLE]),
    Notes(["seed 1"], "footer"),
]


def test_a_comment_folds() -> None:
    assert markdown(SECTIONS) == (
        "Nothing changed.\n\n"
        "<details><summary>1 threshold &lt;PASS&gt;</summary>\n\n"
        "|  | cost |\n| --- | --- |\n| \\<now\\> | $3.00 (+50 %) |\n\n</details>\n\n"
        "<sub>seed 1</sub>\n"
    )


def test_a_page_folds() -> None:
    text = fragment(SECTIONS)
    assert "<p>Nothing changed.</p><details><summary>1 threshold &lt;PASS&gt;</summary>" in text
    assert "&lt;now&gt;" in text


def test_one_figure_brings_plotly_even_if_it_is_folded() -> None:
    from plotly.graph_objects import Figure as PlotlyFigure

    figures: list[Section] = [Folded("more", [Figure("one", PlotlyFigure)]), Figure("two", PlotlyFigure)]
    text = page("figures", figures)
    assert text.count("plotly.js v") == page("figures", figures[1:]).count("plotly.js v")
    assert text.index("plotly.js v") < text.index("<h2>two</h2>")


def test_a_terminal_unfolds() -> None:
    console = Console(width=80)
    with console.capture() as shown:
        console.print(terminal(SECTIONS, 80))
    assert "1 threshold <PASS>" in shown.get()
    assert "$3.00 (+50 %)" in shown.get()


def test_an_interval_goes_before_words() -> None:
    assert Quantity(Estimate(3.0, 2.0, 4.0), "money", detail="(+50 %)").text.interval == "± 1.00"
