"""What a check finds: a key's path, what is wrong there, a suggested fix."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from simulator.scenario.read.yaml_source import Path_


@dataclass(frozen=True)
class Finding:
    """A mistake that no single key shows; `path` leads to where the document should change."""

    path: Path_
    message: str
    hint: str = ""


def unknown(path: Path_, kind: str, name: str, known: Iterable[str]) -> Finding:
    """A name that nothing has."""
    names = sorted(known)
    close = get_close_matches(name, names, 1)
    hint = (
        f"did you mean `{close[0]}`?"
        if close
        else f"there are: {', '.join(names[:12])}"
        if names
        else "the scenario has none"
    )
    return Finding(path, f"no {kind} `{name}`", hint)
