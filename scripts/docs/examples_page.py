"""The page of the shipped scenarios, written from the comments at their heads.

`python -m scripts.docs.examples_page > docs/reference/examples.md`
"""

from collections.abc import Iterator

from simulator.scenario.library.examples import Example, examples, examples_folder, files_of

_INTRODUCTION = """# The library of scenarios

Scenarios that come with the package, a story each. `rollout examples` lists them, `rollout examples copy NAME` writes one
to start from, with the data that it needs. What their answers claim is held by `tests/golden`. This page is written by
`python -m scripts.docs.examples_page` from the comments in the files.
"""


def examples_page() -> str:
    """The page as Markdown: a section per scenario."""
    sections = [line for one in examples() for line in _section(one)]
    return "\n".join([_INTRODUCTION, *sections]).rstrip() + "\n"


def _section(one: Example) -> Iterator[str]:
    file = one.path.relative_to(examples_folder()).as_posix()
    yield f"## {one.name}"
    yield ""
    yield f"**{one.title}** [`{file}`](../../scenarios/{file})"
    yield ""
    for paragraph in one.story:
        is_code = paragraph.startswith(" ")
        yield f"```text\n{paragraph}\n```" if is_code else paragraph
        yield ""
    data = [path.name for path in files_of(one) if path.name != "README.md"]
    if data:
        yield f"Data: {', '.join(f'`{name}`' for name in data)}."
        yield ""


if __name__ == "__main__":
    print(examples_page(), end="")
