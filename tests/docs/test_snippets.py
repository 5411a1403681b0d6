"""Commands on the pages are commands there are, and pieces of scenarios have keys there are.

The commands of the tutorial are run one after the other (`test_tutorial.py`); those of the other pages are checked down to
their overrides, and run in the slow tests.
"""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from typer.main import get_command
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.scenario.library.examples import examples
from simulator.scenario.model import Scenario
from simulator.scenario.read.catalog_resolution import resolve_catalogs
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.explain import explain
from simulator.scenario.read.load import load_scenario
from simulator.scenario.read.source_map import locate
from simulator.scenario.read.yaml_source import parse_text
from tests.docs.snippets import PAGES, ROOT, blocks, commands

TUTORIAL = ROOT / "docs" / "tutorial.md"
FROM_PAGES = [
    (page, command)
    for page in PAGES
    if page != TUTORIAL
    for block in blocks(page, "sh", "console")
    for command in commands(block)
]
FROM_SCENARIOS = [
    (one.path, command)
    for one in examples()
    for paragraph in one.story
    if paragraph.startswith(" ")
    for command in commands(paragraph)
]
# Files that a page takes for granted.
GIVEN = {
    "base.yaml": "textbook/mm8.yaml",
    "head.yaml": "textbook/mm8.yaml",
    "scenario.yaml": "textbook/mm8.yaml",
    "FILE": "gated-rollout.yaml",  # stages, for what is said of months
}
_PLACEHOLDER = re.compile(r"…|\$|dask:|JOB_ID")
_IS_WRONG = re.compile(r"unknown key|is none of|is not (a|the|tok)|no entry of|expected")


def _named(pair: tuple[Path, list[str]]) -> str:
    return f"{pair[0].name}: {' '.join(pair[1])[:60]}"


@pytest.fixture
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "scenarios").symlink_to(ROOT / "scenarios")
    for name, scenario in GIVEN.items():
        shutil.copy(ROOT / "scenarios" / scenario, tmp_path / name)
    (tmp_path / "plan.json").write_text("{}", encoding="utf-8")
    (tmp_path / "costs-2027-03.csv").write_text("", encoding="utf-8")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)


def test_commands_are_found() -> None:
    assert len(FROM_PAGES) > 15
    assert len(FROM_SCENARIOS) > 25


@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize("pair", FROM_PAGES + FROM_SCENARIOS, ids=_named)
def test_a_command_is_one_there_is(pair: tuple[Path, list[str]]) -> None:
    command = [
        str(path)
        for word in pair[1]
        if word != "…"
        for path in (Path().glob(word) if "*" in word else [word.replace("$SLURM_ARRAY_TASK_ID", "1")])
    ]
    verb: Any = get_command(app).commands[command[0]]  # type: ignore[attr-defined]
    with verb.make_context(command[0], command[1:]) as context:
        files = context.params.get("file") or context.params.get("files") or []
        overrides = context.params.get("overrides") or []
    for file in files if isinstance(files, list) else [files]:
        if Path(file).suffix == ".yaml" and "*" not in str(file) and "--bill" not in command:
            load_scenario(Path(file), overrides)


@pytest.mark.slow
@pytest.mark.usefixtures("_here")
@pytest.mark.parametrize("pair", FROM_PAGES, ids=_named)
def test_a_command_runs(pair: tuple[Path, list[str]]) -> None:
    command = pair[1]
    if (
        command[0] in ("app", "merge")
        or any(_PLACEHOLDER.search(word) for word in command)
        or "--bill" in command
    ):
        pytest.skip("needs a browser, a cluster, shards or a bill")
    with_pairs = zip(["", *command], command, strict=False)
    few = "64" if "saltelli" in command else "4"  # instead of as many as an answer takes
    fewer = [few if before == "--points" else word for before, word in with_pairs]
    fewer += ["--draws", "4"] if command[0] == "cost" and "--draws" not in command else []
    paths = [path for word in fewer for path in (map(str, Path().glob(word)) if "*" in word else [word])]
    result = CliRunner().invoke(app, paths)
    assert result.exit_code in (0, 10, 11, 99), result.output


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pieces_of_scenarios_have_keys_there_are(page: Path) -> None:
    for block in blocks(page, "yaml"):
        text = re.sub(r"^( *)- \.\.\.$|…", "", block, flags=re.MULTILINE)
        tree, unknown = resolve_catalogs(locate(parse_text(text, page.name), page.name))
        keys = tree.value if isinstance(tree.value, dict) else {}
        if not keys or not keys.keys() <= Scenario.model_fields.keys() | {"extends"}:
            continue  # a pipeline, or a piece of a piece
        assert [str(finding) for finding in unknown if "hits" not in finding.message] == []
        keys.pop("extends", None)
        try:
            Scenario.model_validate(tree.plain())
        except ValidationError as error:
            wrong = [problem for problem in explain(error, tree) if _IS_WRONG.search(problem.message)]
            assert [str(problem) for problem in wrong] == []


def test_a_piece_with_a_key_there_is_not_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```yaml\nservices:\n  desk: {max_ongoing_request: 8}\n```\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="max_ongoing_request"):
        test_pieces_of_scenarios_have_keys_there_are(page)


def test_a_wrong_command_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with pytest.raises(Exception, match="--replication"):
        test_a_command_is_one_there_is((tmp_path, ["run", "scenarios/cascade.yaml", "--replication", "3"]))
    unknown_route = ["run", "scenarios/cascade.yaml", "--set", "routes.answr.num_retries=3"]
    with pytest.raises(ScenarioError, match="answr"):
        test_a_command_is_one_there_is((tmp_path, unknown_route))
