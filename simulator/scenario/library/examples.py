"""The library of scenarios that comes with the package: what there is, what each is about, and a copy to start from.

They stand once: in a checkout in `scenarios/` at its root, in an installed package in `simulator/scenarios`, where the
build puts them (`pyproject.toml`).
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from simulator.scenario.read.yaml_source import read_source

_PACKAGE = Path(__file__).parents[2]
_EDITOR_LINE = re.compile(r"#\s*yaml-language-server:")
_CODE = re.compile(r"^   ?\S")


class UnknownExampleError(ValueError):
    """A name that no shipped scenario has; the message says which is nearest."""


class CopyError(ValueError):
    """A copy that cannot be written; the message says why."""


@dataclass(frozen=True)
class Example:
    """A shipped scenario.

    Attributes
    ----------
    name : of its file, without `.yaml`
    path : its file
    title : its first sentence, for a list
    story : the paragraphs that follow: the question, what to look at, the answer and why; commands as they are written
    """

    name: str
    path: Path
    title: str
    story: tuple[str, ...]

    @property
    def text(self) -> str:
        """The whole file."""
        return self.path.read_text(encoding="utf-8")


def examples_folder() -> Path:
    """The folder of the shipped scenarios, in which the files that they name lie."""
    installed = _PACKAGE / "scenarios"
    return installed if installed.is_dir() else _PACKAGE.parent / "scenarios"


def examples() -> list[Example]:
    """Every shipped scenario, by name."""
    paths = examples_folder().rglob("*.yaml")
    return sorted((read_example(path) for path in paths), key=lambda example: example.name)


def example(name: str) -> Example:
    """The shipped scenario of a name.

    Raises
    ------
    UnknownExampleError
        If there is none.
    """
    known = {one.name: one for one in examples()}
    if name not in known:
        close = get_close_matches(name, known, 1)
        hint = f"did you mean `{close[0]}`?" if close else f"there are: {', '.join(known)}"
        raise UnknownExampleError(f"no example `{name[:80]}` ({hint})")
    return known[name]


def files_of(one: Example) -> list[Path]:
    """Files that an example, and what it extends, need beside it, and the notes on their sources and licences."""
    named: set[Path] = set()
    to_read = [one.path]
    while to_read:
        words = _words(read_source(to_read.pop(), one.name).data)
        found = {path for value in words if (path := _beside(one, value))} - named
        to_read += [path for path in found if path.suffix == ".yaml"]
        named |= found
    notes = {folder / "README.md" for folder in {path.parent for path in named}}
    return sorted(named | {path for path in notes if path.is_file()})


def copy_example(name: str, destination: Path) -> list[Path]:
    """Write a shipped scenario, and the files that it needs, to begin with.

    Parameters
    ----------
    destination : the file to write (`*.yaml`), or the folder to write it into; folders are made

    Returns
    -------
    The files written, the scenario first.

    Raises
    ------
    UnknownExampleError
        If there is none of that name.
    CopyError
        If one of the files is there already, or cannot be written; then nothing was written over.
    """
    one = example(name)
    to_file = destination.suffix in (".yaml", ".yml")
    scenario = destination if to_file else destination / one.path.name
    copies = {one.path: scenario}
    for path in files_of(one):
        copies[path] = scenario.parent / path.relative_to(one.path.parent)
    for source, target in copies.items():
        if target.exists() and (source == one.path or target.read_bytes() != source.read_bytes()):
            raise CopyError(f"{target} is there already; name another file or folder, or remove it")
    for source, target in copies.items():
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            raise CopyError(f"cannot write {target}: {error.strerror}") from error
    return list(copies.values())


def read_example(path: Path) -> Example:
    """A scenario file with its title and story, from the comment at its head; without one, both say nothing."""
    head = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if not _EDITOR_LINE.match(line):
            head.append(line.removeprefix("#").removeprefix(" "))
    paragraphs = [_joined(block) for block in "\n".join(head).strip("\n").split("\n\n")]
    if not paragraphs[0]:
        return Example(path.stem, path, "", ())
    title, _, rest = paragraphs[0].partition(". ")
    story = [rest, *paragraphs[1:]] if rest else paragraphs[1:]
    return Example(path.stem, path, title.rstrip(".") + ".", tuple(story))


def _joined(block: str) -> str:
    """A paragraph as one line; a block of commands as it is."""
    lines = block.split("\n")
    return block if all(_CODE.match(line) or line.startswith("    ") for line in lines) else " ".join(lines)


def _words(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, str):
        yield value


def _beside(one: Example, value: str) -> Path | None:
    """The file beside or below an example that a text names."""
    if not re.fullmatch(r"[\w./-]{1,200}\.\w{1,8}", value) or ".." in value:
        return None
    path = one.path.parent / value
    return path if path.is_file() else None
