"""`extends`: a scenario on top of others. Files stay inside the folder of the file that the user named."""

from pathlib import Path

from simulator.scenario.errors import Problem, ScenarioError
from simulator.scenario.located import Located, locate, merge
from simulator.scenario.yaml_source import read_source

_MAX_FILES = 20


def read_extended(path: Path, name: str) -> Located:
    """The tree of a scenario file with everything it extends.

    Raises
    ------
    ScenarioError
        If a file cannot be read, lies outside the folder of `path`, or extends itself.
    """
    return _Reader(path.resolve().parent).read(path, name, ())


class _Reader:
    def __init__(self, root: Path) -> None:
        self._root = root
        self._n_files = 0

    def read(self, path: Path, name: str, chain: tuple[Path, ...]) -> Located:
        resolved = path.resolve()
        self._n_files += 1
        tree = locate(read_source(path, name), name)
        if not isinstance(tree.value, dict):
            raise ScenarioError(
                [Problem(name, 1, 1, "", "a scenario is a map of keys", "see `rollout schema`")]
            )
        extends = tree.value.pop("extends", None)
        if extends is None:
            return tree
        base: Located | None = None
        for item in self._names(extends):
            other = self._resolve(path.parent, item)
            if other in (*chain, resolved):
                names = " → ".join(file.name for file in (*chain, resolved, other))
                raise _problem(item, f"`extends` goes in a circle: {names}", "remove one of these")
            if self._n_files >= _MAX_FILES:
                raise _problem(item, f"more than {_MAX_FILES} files are extended")
            layer = self.read(other, _display(other, self._root), (*chain, resolved))
            base = layer if base is None else merge(base, layer)
        return tree if base is None else merge(base, tree)

    def _names(self, extends: Located) -> list[Located]:
        items = extends.value if isinstance(extends.value, list) else [extends]
        for item in items:
            if not isinstance(item.value, str):
                raise _problem(item, "expected the path of a scenario file")
        return list(items)

    def _resolve(self, folder: Path, item: Located) -> Path:
        return inside(self._root, folder, item.value, lambda message: _problem(item, message))


def inside(root: Path, folder: Path, name: str, problem: "type[Exception] | object") -> Path:
    """File `name` relative to `folder`, which must lie inside `root` when every link is followed.

    Raises
    ------
    Exception
        What `problem(message)` returns, if the file is not inside.
    """
    assert callable(problem)
    if "\0" in name or "\\" in name or Path(name).is_absolute() or len(name) > 500:
        raise problem(f"`{name[:80]!s}` is not a relative path")
    resolved = (folder / name).resolve()
    if not resolved.is_relative_to(root):
        raise problem(f"`{name}` lies outside the scenario's folder")
    return resolved


def _display(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _problem(item: Located, message: str, hint: str = "") -> ScenarioError:
    return ScenarioError(
        [Problem(item.place.file, item.place.line, item.place.column, "extends", message, hint)]
    )
