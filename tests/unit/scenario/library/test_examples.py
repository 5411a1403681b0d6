"""The library of scenarios: each has a title and a story, and a copy of it is a scenario that loads."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from simulator.scenario.library.examples import (
    CopyError,
    Example,
    UnknownExampleError,
    copy_example,
    example,
    examples,
    examples_folder,
    files_of,
)
from simulator.scenario.read.load import load_scenario

ROOT = Path(__file__).parents[4]


def test_they_are_those_of_the_checkout() -> None:
    assert examples_folder() == ROOT / "scenarios"
    names = [one.name for one in examples()]
    assert names == sorted({path.stem for path in (ROOT / "scenarios").rglob("*.yaml")})
    assert len(names) >= 12


@pytest.mark.parametrize("one", examples(), ids=lambda one: one.name)
def test_each_has_a_title_of_one_line_and_a_story(one: Example) -> None:
    assert 10 < len(one.title) < 125
    assert "\n" not in one.title
    assert one.title.endswith(".")
    assert one.story
    assert "rollout " in one.text


@pytest.mark.parametrize("one", examples(), ids=lambda one: one.name)
def test_a_copy_loads(one: Example, tmp_path: Path) -> None:
    written = copy_example(one.name, tmp_path / "mine")
    assert written[0] == tmp_path / "mine" / one.path.name
    copied = load_scenario(written[0])
    assert copied.scenario == load_scenario(one.path).scenario
    with pytest.raises(CopyError, match="is there already"):
        copy_example(one.name, tmp_path / "mine")


def test_a_copy_brings_its_data_and_where_they_are_from(tmp_path: Path) -> None:
    names = [path.name for path in files_of(example("long-context-chat"))]
    assert names == ["README.md", "mooncake_conversation.jsonl.gz"]
    written = copy_example("long-context-chat", tmp_path / "chat.yaml")
    assert written[0] == tmp_path / "chat.yaml"
    assert written[1].read_bytes() == (ROOT / "scenarios" / "data" / "README.md").read_bytes()


def test_data_of_two_copies_may_lie_side_by_side(tmp_path: Path) -> None:
    copy_example("own-gpus", tmp_path)
    copy_example("support-copilot", tmp_path)
    (tmp_path / "data" / "azure_llm_2023_conv.csv.gz").write_bytes(b"mine")
    with pytest.raises(CopyError, match=r"azure_llm_2023_conv\.csv\.gz is there already"):
        copy_example("own-gpus", tmp_path / "other.yaml")
    assert (tmp_path / "data" / "azure_llm_2023_conv.csv.gz").read_bytes() == b"mine"


def test_an_unknown_name_lists_the_nearest() -> None:
    with pytest.raises(UnknownExampleError, match="did you mean `cascade`"):
        example("cascde")
    with pytest.raises(UnknownExampleError, match="there are: answer-cache, "):
        example("zzzz")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(CopyError, match="cannot write"):
        copy_example("cascade", tmp_path / "file" / "cascade.yaml")


def test_an_installed_package_has_them(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=120)
    [wheel] = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    assert (tmp_path / "site" / "simulator" / "py.typed").is_file()
    script = "from simulator.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-P", "-c", script, "examples", "copy", "own-gpus", "mine"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "mine" / "own-gpus.yaml").read_bytes() == example("own-gpus").path.read_bytes()
    assert (tmp_path / "mine" / "data" / "azure_llm_2023_conv.csv.gz").is_file()
    app = tmp_path / "site" / "simulator" / "app"  # what the app is made of besides code
    for name in (".streamlit/config.toml", "data/icon.svg", "data/support-copilot.plan.json", "main.py"):
        assert (app / name).is_file(), name
