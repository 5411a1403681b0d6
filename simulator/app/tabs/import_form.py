"""Configurations of other tools, dropped as files: the scenario they make, with what is open and what was left behind."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from simulator.app.bundled import scenario_folder
from simulator.app.escaping import plain
from simulator.formats.configs.parts import ConfigError
from simulator.formats.foreign import recognised
from simulator.scenario.read.errors import ScenarioError
from simulator.studies.inputs.imported.imported import imported

_NAME = "imported"


def are_configurations(files: Sequence[Any]) -> bool:
    """Whether files are meant to be imported: several of them, or one of a tool that is known."""
    if len(files) > 1:
        return True
    with _written(files) as paths:
        found = recognised(paths[0])
    return found is not None and found.kind == "configuration"


def imported_scenario(files: Sequence[Any]) -> str | None:
    """The text of the scenario that files make, shown with what it lacks; None: what is wrong with them is shown."""
    with _written(files) as paths:
        try:
            found = imported(paths, _NAME, scenario_folder())
        except (ConfigError, ScenarioError) as error:
            st.error(plain(str(error).replace(f"{paths[0].parent}/", "")))
            return None
    st.markdown(
        f"From {plain(', '.join(found.formats))}: {found.n_stubs} values are in no file, and marked STUB."
    )
    for title, lines in (("Still open", found.open), ("Not carried over", found.dropped)):
        if lines:
            st.markdown(f"**{title}**")
            st.markdown("\n".join(f"- {plain(line)}" for line in lines))
    return found.text


@contextmanager
def _written(files: Sequence[Any]) -> Iterator[list[Path]]:
    """The files in a folder, by their names."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for file in files:
            path = Path(folder) / Path(file.name).name
            path.write_bytes(file.getvalue())
            paths.append(path)
        yield paths
