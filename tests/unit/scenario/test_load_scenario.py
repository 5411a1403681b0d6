"""What a loaded scenario is, and what importing it costs."""

import subprocess
import sys
from pathlib import Path

import pytest

from simulator.scenario.read.errors import Problem, ScenarioError
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import load_scenario

ROOT = Path(__file__).parents[3]


def test_a_small_scenario_is_read_in_base_units(load, tmp_path):
    loaded = load()
    workload = loaded.scenario.workloads[0]
    assert workload.arrival_rate == {"eu": 2.0, "us": 1.0}
    assert loaded.scenario.routes["support"].timeout == 30.0
    assert loaded.base_dir == tmp_path
    assert loaded.document["regions"]["eu"] == {"timezone": "Europe/Dublin"}
    assert loaded.tree.find(("workloads", 0, "arrival_rate", "us")).place.line == 5


@pytest.mark.parametrize("file", sorted((ROOT / "scenarios").rglob("*.yaml")), ids=lambda file: file.name)
def test_shipped_scenarios_are_valid(file):
    load_scenario(file)


def test_the_textbook_queue_stays_short():
    text = (ROOT / "scenarios/textbook/mm8.yaml").read_text()
    assert len(text.splitlines()) <= 15
    scenario = load_scenario(ROOT / "scenarios/textbook/mm8.yaml").scenario
    assert scenario.workloads[0].arrival_rate == 7.2
    assert scenario.services["desk"].max_ongoing_requests == 8


def test_the_hash_follows_the_meaning_and_not_the_spelling(load):
    small = load().scenario
    again = load(overrides=["routes.support.timeout=30000ms", "seed=1"]).scenario
    other = load(overrides=["seed=2"]).scenario
    assert scenario_hash(small) == scenario_hash(again) != scenario_hash(other)
    assert len(scenario_hash(small)) == 64


def test_a_problem_is_one_line_with_its_place():
    problem = Problem("a.yaml", 3, 7, "seed", "wrong\x1b[31m\n", "be right")
    assert str(problem) == "a.yaml:3:7: seed: wrong\\x1b[31m\\n (be right)"
    assert str(Problem("a.yaml", None, None, "", "is empty")) == "a.yaml: is empty"
    assert str(Problem("--set", 1, 1, "seed", "wrong")) == "--set: seed: wrong"
    assert str(ScenarioError([problem, problem])).count("\n") == 1


def test_importing_the_loader_loads_no_heavy_library():
    code = (
        "import sys, simulator.scenario.read.load, simulator.scenario.read.hashing, simulator.scenario.read.schema;"
        "print([m for m in ('numba', 'pandas', 'scipy', 'simpy', 'pyarrow') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
