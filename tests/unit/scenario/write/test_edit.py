"""Values of a scenario's file are replaced where they stand; every other line and every comment is as it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.scenario.read.yaml_source import parse_source
from simulator.scenario.write.edit import CannotEditError, Edit, edited, flow

TEXT = """\
# A pilot.
metadata: {name: pilot}   # whose
workloads:
  - name: ask             # the first
    arrival_rate: 2 rps   # assumption
    profile:              # measured once
      - [1, 2]            # Monday
      - [3, 4]
    # before the steps
    steps: [{generate: large}]
  - {name: sum, arrival_rate: 1 rps}
sources:
  - {of: a, source: b}    # kept
"""


@pytest.mark.parametrize(
    ("path", "value", "before", "after"),
    [
        (("workloads", "ask", "arrival_rate"), "3 rps", "arrival_rate: 2 rps   #", "arrival_rate: 3 rps   #"),
        (("workloads", 0, "arrival_rate"), "12 rps", "arrival_rate: 2 rps   #", "arrival_rate: 12 rps  #"),
        (
            ("workloads", "sum", "arrival_rate"),
            {"home": 2.5},
            "arrival_rate: 1 rps}",
            "arrival_rate: {home: 2.5}}",
        ),
        (("workloads", "sum", "burstiness"), 1.5, "1 rps}", "1 rps, burstiness: 1.5}"),
        (("metadata", "owner"), "me", "{name: pilot} ", "{name: pilot, owner: me} "),
        (
            ("workloads", "ask", "profile"),
            "flat",
            "    profile:              # measured once\n      - [1, 2]            # Monday\n      - [3, 4]\n",
            "    # measured once\n    # Monday\n    profile: flat\n",
        ),
        (
            ("workloads", "ask", "burstiness"),
            1.2,
            "    steps: [{generate: large}]\n",
            "    steps: [{generate: large}]\n    burstiness: 1.2\n",
        ),
        (("sources", "+"), {"of": ["x"]}, "# kept\n", "# kept\n  - {of: [x]}\n"),
        (("sources", 0, "of"), "c", "of: a", "of: c"),
        (
            ("workloads", "ask", "arrival_rate"),
            None,
            "    arrival_rate: 2 rps   # assumption\n",
            "    # assumption\n",
        ),
        (("workloads", "sum", "name"), None, "{name: sum, ", "{"),
        (("workloads", 1), None, "  - {name: sum, arrival_rate: 1 rps}\n", ""),
    ],
)
def test_one_place_changes(path: tuple[str | int, ...], value: object, before: str, after: str) -> None:
    assert edited(TEXT, [Edit(path, value)]) == TEXT.replace(before, after)


def test_a_key_at_the_top_is_a_block() -> None:
    found = edited("metadata: {name: a}", [Edit(("sources",), [{"of": ["x"], "grade": "measured"}])])
    assert found == "metadata: {name: a}\nsources:\n  - {of: [x], grade: measured}"


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(CannotEditError, match=r"no `workloads\.nobody\.profile`"):
        edited(TEXT, [Edit(("workloads", "nobody", "profile"), "flat")])


KEY = st.text("abc_/ .:#-1", min_size=1, max_size=5)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**17), 10**17)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(PLAIN)
def test_what_is_written_is_read_back(value: object) -> None:
    assert parse_source(f"a: {flow(value)}", "x").data["a"] == value


@settings(max_examples=50, deadline=None)
@given(
    st.sampled_from(
        [
            ("workloads", "ask", "arrival_rate"),
            ("workloads", "ask", "profile"),
            ("workloads", "sum", "new"),
            ("metadata", "name"),
            ("workloads", "ask", "x"),
            ("top",),
        ]
    ),
    PLAIN.filter(lambda value: value is not None),
)
def test_an_edit_changes_its_value_alone(path: tuple[str, ...], value: object) -> None:
    before, after = parse_source(TEXT, "x").data, parse_source(edited(TEXT, [Edit(path, value)]), "x").data
    place = before
    for level in path[:-1]:
        place = (
            next(one for one in place if one["name"] == level) if isinstance(place, list) else place[level]
        )
    place[path[-1]] = value
    assert after == before


def test_a_comment_that_the_value_belies_says_so() -> None:
    text = "a: 1   # assumption: by Ann\nb: {p50: 2}   # assumptions of ours\nc: 3\n# assumption\nd: [1]  # assumption\n"
    edits = [Edit((key,), value) for key, value in (("a", 4), ("b", {"p50": 5}), ("c", 6), ("d", [7]))]
    found = edited(text, edits, {"assumption": "was an assumption"})
    assert found == (
        "a: 4   # was an assumption: by Ann\nb: {p50: 5}   # assumptions of ours\nc: 6\n# assumption\n"
        "d: [7]  # was an assumption\n"
    )
    assert edited(text, edits[:1]) == text.replace("a: 1", "a: 4")
