"""`rollout size`: the largest loads against brute force, the fewest replicas, what is refused, and what the report says."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import simulator
from simulator.engine import Runner
from simulator.errors import OptionError
from simulator.studies.size import loads
from simulator.studies.size.loads import Loads, TriedLoad, fewest
from simulator.studies.size.report import SizeReport
from simulator.studies.size.setting import asked_by_users
from simulator.studies.size.study import SizeStudy

LLAMA = {"model": "meta-llama/Meta-Llama-3.1-8B", "gpu": "h100_sxm"}


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loads, "_REQUESTS", 1500.0)
    monkeypatch.setattr(loads, "_SHORTEST_S", 60.0)


def _searched(study: SizeStudy, *, by_users: bool = False) -> Loads:
    scenario = study.made().scenario
    asked = asked_by_users(scenario, study.think_time) if by_users else scenario
    return Loads(asked, study.limits, study.percentile, 2, Runner(n_threads=1), 40.0, 1.0)


@pytest.mark.usefixtures("_short")
def test_the_largest_rate_is_that_of_brute_force() -> None:
    """Every rate 1 % apart, with the same luck: the first that misses, less a step."""
    study = SizeStudy(**LLAMA, tpot=0.012, ttft=0.5, replications=2)
    searched = _searched(study)
    found, beyond = searched.most(60.0, is_whole=False)
    every = found.amount * 1.01 ** np.arange(-8, 9)
    first = next(rate for rate in every if searched.look(float(rate)).missed)
    assert not found.missed
    assert found.amount == pytest.approx(first, rel=0.025)
    assert beyond is not None
    assert beyond.missed.startswith("p95 time per token")


@pytest.mark.usefixtures("_short")
def test_the_largest_number_of_users_is_that_of_brute_force() -> None:
    study = SizeStudy(**LLAMA, tpot=0.0075, think_time=2.0, replications=2)
    searched = _searched(study, by_users=True)
    found, _ = searched.most(30.0, is_whole=True)
    every = [users for users in range(1, int(found.amount) + 12) if searched.look(float(users)).missed]
    assert found.amount == every[0] - 1


class _Known(Loads):
    """Loads that are carried up to a limit."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self.seen = {}

    def look(self, amount: float) -> TriedLoad:
        return self.seen.setdefault(
            amount, TriedLoad(amount, (), {}, "" if amount <= self.limit else "too much")
        )


@given(st.floats(0.02, 1e4), st.floats(0.1, 1e4))
def test_any_rate_is_found_from_anywhere(limit: float, high: float) -> None:
    found, beyond = _Known(limit).most(high, is_whole=False)
    if found.missed:
        assert limit < 0.01 * high
    else:
        assert beyond is not None
        assert found.amount <= limit < beyond.amount
        assert beyond.amount <= found.amount * 1.011


@given(st.integers(0, 90), st.integers(1, 300))
def test_any_number_of_users_is_found_from_anywhere(limit: int, high: int) -> None:
    found, _ = _Known(limit).most(float(high), is_whole=True)
    assert found.amount == max(1, limit)
    assert bool(found.missed) == (limit == 0)


@given(st.integers(1, 400), st.integers(1, 200))
def test_the_fewest_replicas_are_found_from_any_guess(needed: int, guess: int) -> None:
    assert fewest(lambda replicas: replicas >= needed, guess, 400) == needed
    assert fewest(lambda replicas: replicas > 400, guess, 400) is None


@pytest.mark.parametrize(
    ("options", "flag", "message"),
    [
        ({"model": "gpt-5"}, "--model", "no profile of `gpt-5`"),
        ({"gpu": "abacus"}, "--gpu", "abacus"),
        ({"tensor_parallel": 64}, "--gpu", "64"),
        ({"engine_version": "newest"}, "--engine-version", "newest"),
        ({"price": "a lot"}, "--price", "`a lot` is no price"),
        ({"input_tokens": 900_000}, "--input", "does not fit"),
        ({"ttft": None}, "--ttft", "at least one of"),
        ({"max_num_batched_tokens": 64}, "--max-num-batched-tokens", "below the 1,024 sequences"),
    ],
)
def test_options_that_cannot_be_are_refused_by_name(
    options: dict[str, object], flag: str, message: str
) -> None:
    with pytest.raises(OptionError) as caught:
        simulator.size(**{**LLAMA, "ttft": 0.5, **options})  # type: ignore[arg-type]
    assert caught.value.option == flag
    assert message in str(caught.value)


@pytest.mark.usefixtures("_short")
def test_the_report_says_what_is_carried_and_what_it_costs() -> None:
    options = {**LLAMA, "tpot": 0.012, "price": "$3/gpu_hour", "prefix": 128}
    report = simulator.size(**options, users=900, think_time=10.0, replications=1)  # type: ignore[arg-type]
    one, users = report.at_random, report.by_users
    assert one.usd_per_hour == 3.0
    assert one.usd_per_mtok_output == pytest.approx(3.0 / (one.output_tokens_per_s * 3600.0) * 1e6)
    assert users.requests_per_s * (10.0 + users.mean_latency_s) == pytest.approx(users.users, rel=0.05)
    assert report.for_users is not None
    assert report.for_users.replicas == pytest.approx(900 / users.users, abs=1.0)
    assert report.for_users.users == 900
    assert SizeReport.model_validate_json(report.to_json()) == report
    assert "cost per Mtok" in report.to_markdown()


@pytest.mark.usefixtures("_short")
def test_a_limit_that_nobody_meets_is_said() -> None:
    report = simulator.size(**LLAMA, tpot=0.001, users=5, replications=1)
    assert report.at_random.requests_per_s == report.by_users.users == 0
    assert report.for_users is None
    assert "no number of these replicas" in report.to_markdown()


def test_there_is_no_method_of_a_scenario() -> None:
    rollout = simulator.load(Path(__file__).parents[4] / "scenarios" / "textbook" / "mm8.yaml")
    with pytest.raises(AttributeError, match="size"):
        rollout.size  # noqa: B018


@pytest.mark.parametrize(
    ("model", "gpu", "limits"),
    [
        ("meta-llama/Meta-Llama-3.1-8B", "h100_sxm", (1024, 8192)),
        ("meta-llama/Meta-Llama-3.1-8B", "a100_sxm", (256, 2048)),
        ("Qwen/Qwen3-8B", "l40s", (256, 2048)),
    ],
)
def test_an_engine_without_flags_takes_what_vllm_takes_on_its_gpu(
    model: str, gpu: str, limits: tuple[int, int]
) -> None:
    pool = SizeStudy(model=model, gpu=gpu, ttft=0.5).made().scenario.model_list[0].pool
    assert pool is not None
    assert pool.batch_limits == limits
    stated = SizeStudy(model=model, gpu=gpu, ttft=0.5, max_num_seqs=64).made().scenario.model_list[0].pool
    assert stated is not None
    assert stated.batch_limits == (64, limits[1])
