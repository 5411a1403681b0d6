"""A scenario file says at its top what it is about."""

import pytest

from simulator.ui.shipped import scenario_names, scenario_text
from simulator.ui.templates import headline


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# One line.\nname: x\n# not this", ("One line.", "")),
        (
            "# yaml-language-server: $schema=x\n#\n# A,\n# and B.\n#\n# More.\n#\n# Rest.",
            ("A, and B.", "More."),
        ),
        ("name: x", ("", "")),
        ("", ("", "")),
    ],
)
def test_the_first_paragraphs_are_found(text: str, found: tuple[str, str]) -> None:
    assert headline(text) == found


@pytest.mark.parametrize("name", scenario_names())
def test_every_shipped_scenario_says_what_it_is_about(name: str) -> None:
    assert 10 < len(headline(scenario_text(name))[0]) < 200
