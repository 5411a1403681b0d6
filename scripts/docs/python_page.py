"""The reference of the Python interface, written from the studies' options and the reports' fields.

python -m scripts.docs.python_page > docs/reference/python.md
"""

import re
import types
from collections.abc import Iterator, Mapping
from enum import Enum
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel

from simulator.studies.base import SelfMade, Study
from simulator.studies.options import Asked, options_of
from simulator.studies.registry import STUDIES, study_class
from simulator.theory.estimate import Estimate

HEAD = """# The Python interface

Written from the code by `python -m scripts.docs.python_page`. Each method asks the same question as the verb of
that name and returns a typed report: what `--json` prints, with attributes that complete in an editor.

```python
import simulator

rollout = simulator.load("scenarios/textbook/mm8.yaml", {"window.duration": "20m"})
report = rollout.run(replications=2)
report.metrics.queue_wait.p95  # Estimate(value, low, high), seconds
report.to_frame()  # pandas
report.to_json()  # what `rollout run --json` prints
```

`simulator.load(path, overrides=())` reads and checks a file; `overrides` are `{"window.duration": "2h"}` or
`["window.duration=2h"]`. It raises `ScenarioError` with every error found, each with file, line and column. A `Rollout`
never changes: `rollout.with_values(overrides)` makes another one. `rollout.study(DriftStudy(stage="pilot"))` runs any
study, also one of your own. `simulator.import_configs(["litellm.yaml", "hpa.yaml"])` makes a scenario as `rollout import`
does: its `text`, the checked `scenario`, what is `open`, what was `dropped`, and `write(path)`.

Every report has `to_json()`, `to_dict()`, `to_frame()`, `to_html()`, `to_markdown()` and `sections()`; those with a
chart have `figure()`. A notebook shows its tables. A report of verdicts is true when everything passes.
`type(report).model_validate_json(text)` reads one back.
"""


def python_page() -> str:
    """The whole page."""
    studies = {verb: study_class(verb) for verb in STUDIES}
    parts = [HEAD, "## Methods\n", *(_method(verb, study) for verb, study in studies.items()), "## Reports\n"]
    seen: dict[type[BaseModel], None] = {}
    for study in studies.values():
        _collect(_report_of(study), seen)
    parts += [
        _record(record)
        for record in sorted(seen, key=lambda one: (not one.__name__.endswith("Report"), one.__name__))
    ]
    return "\n".join(parts)


def _method(verb: str, study: type[Study[Any]]) -> str:
    asked = list(options_of(study))
    name = verb.replace("-", "_")
    owner = "simulator" if issubclass(study, SelfMade) else "rollout"
    rows = [
        f"| `{one.name}` | {_escaped(_kind(one.kind))} | {_default(one)} | {one.option.help} |"
        for one in asked
    ]
    table = ["| option | type | default | meaning |", "| --- | --- | --- | --- |", *rows]
    return "\n".join(
        [f"### {owner}.{name}(…) → {_report_of(study).__name__}\n", _first(study), "", *table, ""]
    )


def _report_of(study: type[Study[Any]]) -> type[BaseModel]:
    """The report of a study, from what its `run` returns."""
    module = study.__module__.rpartition(".")[0]
    name = study.run.__annotations__["return"]
    if isinstance(name, type):
        return name
    source = Path(__import__(study.__module__, fromlist=["_"]).__file__).read_text(encoding="utf-8")
    found = re.search(rf"from (simulator[\w.]+) import [^\n]*\b{name}\b", source)
    home = found[1] if found else f"{module}.report"
    record: type[BaseModel] = getattr(__import__(home, fromlist=["_"]), name)
    return record


def _default(asked: Asked) -> str:
    if asked.option.shown_default:
        return asked.option.shown_default
    if asked.is_required:
        return "" if asked.item is not None else "required"
    value = asked.default
    return "" if value in (None, (), "") else f"`{value.value if isinstance(value, Enum) else value}`"


def _collect(record: type[BaseModel], seen: dict[type[BaseModel], None]) -> None:
    if record in seen:
        return
    seen[record] = None
    for hint in _hints(record).values():
        for part in _parts(hint):
            if isinstance(part, type) and issubclass(part, BaseModel):
                _collect(part, seen)


def _hints(record: type[BaseModel]) -> Mapping[str, Any]:
    hints = get_type_hints(record)
    return {name: hints[name] for name in record.model_fields}


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        yield from _parts(part)


def _record(record: type[BaseModel]) -> str:
    meaning, attributes = _documented(record)
    rows = []
    for name, hint in _hints(record).items():
        key = record.model_fields[name].serialization_alias
        known = f"`{key}`" if key and key != name else ""
        rows.append(f"| `{name}` | {_escaped(_kind(hint))} | {known} | {attributes.get(name, '')} |")
    table = ["| attribute | type | in JSON | meaning |", "| --- | --- | --- | --- |", *rows]
    return "\n".join([f"### {record.__name__}\n", meaning, "", *table, ""])


def _documented(record: type) -> tuple[str, dict[str, str]]:
    """First paragraph of a docstring, and what it says of attributes."""
    text = cleandoc(record.__doc__ or "")
    meaning, _, rest = text.partition("Attributes\n----------\n")
    found = re.findall(r"^(\w+(?:, \w+)*) : (.*(?:\n    .*)*)", rest, re.MULTILINE)
    attributes = {name: " ".join(words.split()) for names, words in found for name in names.split(", ")}
    return " ".join(meaning.split()), attributes


def _kind(hint: Any) -> str:
    """A type as people read it."""
    origin, args = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return _kind(args[0])
    if origin in (Union, types.UnionType):
        return " | ".join(_kind(one) for one in args)
    if origin is Literal:
        return " | ".join(f'"{one}"' for one in args)
    if hint is type(None):
        return "None"
    if hint is Estimate:
        return "Estimate"
    if origin is not None:
        name = getattr(origin, "__name__", str(origin))
        inner = ", ".join("…" if one is ... else _kind(one) for one in args)
        return f"{name}[{inner}]"
    return getattr(hint, "__name__", str(hint))


def _first(study: type[Study[Any]]) -> str:
    return " ".join(cleandoc(study.__doc__ or "").split("\n\n")[0].split())


def _escaped(kind: str) -> str:
    return f"`{kind}`".replace("|", "\\|")


if __name__ == "__main__":
    print(python_page(), end="")
