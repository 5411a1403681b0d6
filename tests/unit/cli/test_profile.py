"""`rollout profile` as a user calls it: files, tables, warnings and exit codes."""

import json
from pathlib import Path

import pytest

from simulator.mechanisms.replicas.fitting.fit import StepTimes
from tests.reference.benchmark import known_profile, vllm_result
from tests.unit.invoking import invoke

KNOWN = StepTimes(6e-3, 60e-6, 40e-6, 80e-9)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("bench")
    paths = []
    for clients in (1, 8):
        path = folder / f"clients-{clients}.json"
        path.write_text(
            json.dumps(vllm_result(known_profile(KNOWN), clients, 40, (100, 900), (20, 60), clients))
        )  # fmt: skip
        paths.append(path)
    return paths


def test_results_become_a_profile_that_a_pool_takes(results: list[Path], tmp_path: Path) -> None:
    out = tmp_path / "mine.csv"
    told = invoke(
        "profile", *results, "--out", out, "--kv-tokens", 50000, "--max-model-len", 8192, "--gpu", "card"
    )
    assert told.exit_code == 0, told.output
    assert "per prompt token" in told.stdout
    assert f"written to {out}" in told.stdout.replace("\n", "")
    scenario = tmp_path / "own.yaml"
    scenario.write_text(
        "metadata: {name: own}\n"
        "workloads: [{name: chat, arrival_rate: 1 rps, prompt_tokens: {distribution: constant, value: 300},"
        " output_tokens: {distribution: constant, value: 40}, steps: [{generate: mine}]}]\n"
        "model_list: [{model_name: mine, success_rate: 96%,"
        " pool: {model: known, gpu: card, profile: mine.csv, price: $2/gpu_hour}}]\n"
        "routes: {}\n"
        "window: {duration: 1m, warmup: 0s}\n"
    )
    listed = invoke("pools", scenario, "--json")
    assert listed.exit_code == 0, listed.output
    [row] = json.loads(listed.stdout)["profiles"]
    assert row["fit_error_mean"] == 0.0
    assert row["source"].startswith("fitted to clients-1.json, clients-8.json (80 requests)")


def test_what_is_not_known_is_said(results: list[Path], tmp_path: Path) -> None:
    told = invoke("profile", results[0], "--out", tmp_path / "mine.csv", "--json")
    assert told.exit_code == 0, told.output
    document = json.loads(told.stdout)
    assert document["not_identified"] == ["a sequence"]
    assert "holds near a batch of 1 and" in document["warnings"][0]
    assert "warning: these results do not tell the cost of a sequence" in told.stderr
    assert "without the cost of a sequence" in (tmp_path / "mine.csv").read_text()


def test_another_file_is_refused_in_one_line(tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text('{"hello": 1}')
    told = invoke("profile", other, "--out", tmp_path / "mine.csv")
    assert told.exit_code == 2
    assert told.stderr.startswith("no profile: other.json: neither a result of")
    assert not (tmp_path / "mine.csv").exists()


def test_results_of_two_models_are_refused(results: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps(json.loads(results[0].read_text()) | {"model_id": "another"}))
    told = invoke("profile", results[1], other, "--out", tmp_path / "mine.csv")
    assert told.exit_code == 2
    assert "of 2 models, known, another" in told.stderr


def test_the_profile_is_no_json(results: list[Path]) -> None:
    told = invoke("profile", results[0], "--out", results[0])
    assert told.exit_code == 2
    assert "must end in .csv" in told.stderr
