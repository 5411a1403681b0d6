"""Every file that a scenario names is known, and what is in it tells runs apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.economics.price_book import price_book
from simulator.scenario.files import files_of
from simulator.scenario.model import Scenario
from simulator.studies.run.execution import RunSpec, run_identity

_FILES = {
    "trace.csv": "time,prompt,output\n0,100,10\n1,100,10\n",
    "week.csv": "hour_of_week,factor\n" + "".join(f"{hour},1\n" for hour in range(168)),
    "steps.csv": "prefill_tokens,batch,context_tokens,step_ms\n0,1,1,6\n0,1,8000,7\n0,2,1,6.1\n",
    "curve.csv": "week,share\n0,0.1\n1,0.5\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in _FILES.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def _scenario() -> Scenario:
    """One that names a file wherever one can be named."""
    tokens = {"distribution": "constant", "value": 100}
    ask = {"steps": [{"generate": "mine"}], "prompt_tokens": tokens, "output_tokens": tokens}
    return Scenario.model_validate(
        {
            "metadata": {"name": "files"},
            "workloads": [
                {
                    "name": "recorded",
                    **ask,
                    "arrival_rate": 1.0,
                    "trace": {"file": "trace.csv", "time": "time"},
                },
                {"name": "drawn", **ask, "arrival_rate": 1.0, "profile": {"file": "week.csv"}},
            ],
            "model_list": [
                {
                    "model_name": "mine",
                    "pool": {"model": "own", "gpu": "card", "profile": "steps.csv", "price": 2.0},
                }
            ],
            "stages": [
                {
                    "name": "all",
                    "duration": 604_800.0,
                    "exposure": 1.0,
                    "adoption": {"curve": {"file": "curve.csv"}},
                }
            ],
        }
    )


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _words(part)


def test_every_name_of_a_file_is_listed() -> None:
    scenario = _scenario()
    named = [word for word in _words(scenario.model_dump(mode="json")) if word in _FILES]
    assert sorted(files_of(scenario)) == sorted(named) == sorted(_FILES)


@pytest.mark.parametrize("name", _FILES)
def test_a_file_that_changes_makes_another_run(folder: Path, name: str) -> None:
    spec = RunSpec(_scenario(), folder, "all", (1,))
    book = price_book(spec.scenario)
    before = run_identity(spec, book).key
    (folder / name).write_text(_FILES[name].replace("\n1,", "\n1.0,").replace("0,1,1,6\n", "0,1,1,5\n"))
    assert run_identity(spec, book).key != before
