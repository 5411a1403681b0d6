"""`import simulator`: every public name is there, typed, and imported only when it is asked for."""

import ast
from pathlib import Path
from typing import get_args

import pytest

import simulator
from simulator.api.rollout import Rollout
from simulator.studies.registry import STUDIES, study_class
from simulator.studies.report import Report

SOURCE = ast.parse(Path(simulator.__file__).read_text(encoding="utf-8"))
REPORTS = [name for name in simulator.__all__ if name.endswith("Report")]


def test_a_checker_knows_every_public_name() -> None:
    [typed] = (node for node in SOURCE.body if isinstance(node, ast.If))
    modules = {alias.name: node.module for node in typed.body for alias in node.names}
    assert modules.keys() | {"__version__"} == set(simulator.__all__)
    assert all(getattr(simulator, name).__module__ == module for name, module in modules.items())
    assert (Path(simulator.__file__).parent / "py.typed").is_file()


def test_every_public_name_is_there() -> None:
    assert all(issubclass(getattr(simulator, name), Report) for name in REPORTS)
    assert simulator.Rollout is Rollout
    assert sorted(dir(simulator)) == sorted(simulator.__all__)
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        simulator.lod  # noqa: B018


@pytest.mark.parametrize("verb", STUDIES)
def test_the_report_of_every_study_is_public(verb: str) -> None:
    [base] = study_class(verb).__orig_bases__
    [report] = get_args(base)
    assert getattr(report, "__forward_arg__", report) in simulator.__all__
