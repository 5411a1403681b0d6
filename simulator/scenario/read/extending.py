"""`extends`: a scenario on top of others. Files stay inside the folder of the file that the user named."""

from pathlib import Path

from simulator.scenario.read.errors import Problem, ScenarioError
from simulator.scenario.read.key_case import use_snake_case
from simulator.scenario.read.source_map import Located, locate, merge
from simulator.scenario.read.yaml_source import parse_text, read_source

_MAX_FILES = 20


class OutsideError(ValueError):
    """A path that does not stay inside the scenario's folder."""


def read_extended(path: Path, name: str) -> Located:
    """The tree of a scenario file with everything it extends, keys in snake_case.

    Raises
    ------
    ScenarioError
        If a file cannot be read, lies outside the folder of `path`, or extends itself.
    """
    try:
        resolved = path.resolve()
    except (OSError, RuntimeError, ValueError):
        raise ScenarioError([Problem(name, None, None, "", "cannot be read")]) from None
    return _Reader(resolved.parent).read(resolved, name, ())


def text_extended(text: str, name: str, folder: Path) -> Located:
    """The tree of a scenario that is a text and no file; what it extends lies in `folder`.

    Raises
    ------
    ScenarioError
        As for `read_extended`.
    """
    root = folder.resolve()
    return _Reader(root).merged(locate(parse_text(text, name), name), root / name, name, ())


class _Reader:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._n_files = 0

    def read(self, path: Path, name: str, chain: tuple[Path, ...]) -> Located:
        self._n_files += 1
        return self.merged(locate(read_source(path, name), name), path, name, chain)

    def merged(self, tree: Located, path: Path, name: str, chain: tuple[Path, ...]) -> Located:
        """A tree on top of what it extends."""
        if not isinstance(tree.value, dict):
            message = "a scenario is a map of keys"
            if tree.value is None:
                message = f"the file is empty; {message}"
            raise ScenarioError([Problem(name, 1, 1, "", message, "see `rollout schema`")])
        use_snake_case(tree)
        extends = tree.value.pop("extends", None)
        if extends is None:
            return tree
        base: Located | None = None
        for item in self._names(extends):
            other = self._resolve(path.parent, item)
            if other in (*chain, path):
                names = " → ".join(file.name for file in (*chain, path, other))
                raise _problem(item, f"`extends` goes in a circle: {names}", "remove one of these")
            if not other.is_file():
                raise _problem(item, f"no file `{item.value}`", "paths are relative to this file")
            if self._n_files >= _MAX_FILES:
                raise _problem(item, f"more than {_MAX_FILES} files are extended")
            layer = self.read(other, other.relative_to(self._root).as_posix(), (*chain, path))
            base = layer if base is None else merge(base, layer)
        return tree if base is None else merge(base, tree)

    def _names(self, extends: Located) -> list[Located]:
        items = extends.value if isinstance(extends.value, list) else [extends]
        for item in items:
            if not isinstance(item.value, str) or not item.value:
                raise _problem(item, "expected the path of a scenario file")
        return list(items)

    def _resolve(self, folder: Path, item: Located) -> Path:
        try:
            return inside(self._root, folder, item.value)
        except OutsideError as error:
            hint = "keep it beside the scenario or in a folder below"
            raise _problem(item, str(error), hint) from None


def inside(root: Path, folder: Path, name: str) -> Path:
    """File `name` relative to `folder`; it must lie inside `root` when every link is followed.

    Raises
    ------
    OutsideError
        If it does not, or is no relative path.
    """
    if "\0" in name or "\\" in name or Path(name).is_absolute() or len(name) > 500:
        raise OutsideError(f"`{name[:80]}` is not a relative path")
    try:
        resolved = (folder / name).resolve()
    except (OSError, RuntimeError, ValueError):  # e.g. links in a circle
        raise OutsideError(f"`{name[:80]}` cannot be read") from None
    if not resolved.is_relative_to(root):
        raise OutsideError(f"`{name[:80]}` lies outside the scenario's folder")
    return resolved


def _problem(item: Located, message: str, hint: str = "") -> ScenarioError:
    return ScenarioError(
        [Problem(item.place.file, item.place.line, item.place.column, "extends", message, hint)]
    )
