"""Scenarios on top of others: what merges, and which files may be read."""

import pytest

from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_scenario
from tests.unit.scenario.conftest import SMALL


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "base.yaml").write_text(SMALL)
    return tmp_path


def _load(folder, text, name="top.yaml"):
    (folder / name).write_text(text)
    return load_scenario(folder / name)


def test_maps_merge_lists_merge_by_name_and_null_removes(folder):
    loaded = _load(
        folder,
        "extends: base.yaml\nslos: null\nworkloads: [{name: ask, burstiness: 2}]\n"
        "stages: [{name: more, duration: 1w, exposure: 10%}]\nservices: {search: {maxOngoingRequests: 9}}\n"
        "routes: {support: {choose: [large]}}\n",
    )
    scenario = loaded.scenario
    assert scenario.slos == []
    assert (scenario.workloads[0].burstiness, len(scenario.workloads[0].steps)) == (2.0, 5)
    assert [stage.name for stage in scenario.stages] == ["pilot", "more"]
    assert scenario.services["search"].max_ongoing_requests == 9
    assert loaded.tree.find(("services", "search", "service_time")).place.file == "base.yaml"


def test_later_files_win_and_folders_below_are_fine(folder):
    (folder / "sub").mkdir()
    (folder / "sub" / "other.yaml").write_text("extends: ../base.yaml\nseed: 5\n")
    (folder / "third.yaml").write_text("seed: 6\n")
    assert _load(folder, "extends: [sub/other.yaml, third.yaml]\n").scenario.seed == 6


def test_a_problem_names_the_file_it_is_in(folder):
    (folder / "base.yaml").write_text(SMALL.replace("tpm: 800k", "tpn: 800k"))
    with pytest.raises(
        ScenarioError, match=r"base\.yaml:22:5: model_list\.large\.tpn: unknown key"
    ) as caught:
        _load(folder, "extends: base.yaml\n")
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    "name", ["../outside.yaml", "/etc/hostname", "link.yaml", "", "sub/../../x.yaml", "a\\b"]
)
def test_files_outside_the_folder_are_not_read(folder, name):
    (folder / "link.yaml").symlink_to("/etc/hostname")
    with pytest.raises(ScenarioError, match="extends") as caught:
        _load(folder, f"extends: [{name!r}]\n")
    assert caught.value.problems[0].line == 1


def test_a_file_that_is_not_there_is_told_where_it_is_named(folder):
    with pytest.raises(ScenarioError, match=r"top\.yaml:2:11: extends: no file `nowhere.yaml`"):
        _load(folder, "seed: 1\nextends: [nowhere.yaml]\n")


@pytest.mark.parametrize("text", ["", "\n# only words\n", "---\n"])
def test_an_empty_file_is_said_to_be_empty(folder, text):
    with pytest.raises(ScenarioError, match="the file is empty; a scenario is a map of keys"):
        _load(folder, text)


def test_a_circle_is_named_with_its_chain(folder):
    (folder / "b.yaml").write_text("extends: c.yaml\n")
    (folder / "c.yaml").write_text("extends: b.yaml\n")
    with pytest.raises(ScenarioError, match=r"top\.yaml → b\.yaml → c\.yaml → b\.yaml"):
        _load(folder, "extends: b.yaml\n")


def test_links_in_a_circle_are_refused(folder):
    (folder / "loop.yaml").symlink_to("loop.yaml")
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(folder / "loop.yaml")
