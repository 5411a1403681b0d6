"""`rollout init` writes scenarios that are valid and run, whatever the answers."""

from collections.abc import Iterator
from itertools import combinations, product
from pathlib import Path

import pytest

import simulator
from simulator.scenario.library.starter import QUESTIONS, Answers, default_users, starter_text
from simulator.scenario.read.load import load_text

Combination = tuple[str, ...]
ALL: list[Combination] = list(product(*(question.answers for question in QUESTIONS)))


def covering(combos: list[Combination]) -> Iterator[Combination]:
    """Combinations in which every two answers meet at least once, chosen greedily."""

    def pairs(combo: Combination) -> set[tuple[tuple[int, str], ...]]:
        return set(combinations(enumerate(combo), 2))

    left = set().union(*map(pairs, combos))
    while left:
        best = max(combos, key=lambda combo: len(pairs(combo) & left))
        left -= pairs(best)
        yield best


def answers(combo: Combination, users: int | None = None) -> Answers:
    use_case, data, setup, kpi, scope = combo
    return Answers(use_case, data, setup, kpi, scope, "mine", users or default_users(scope))


def assert_it_runs(combo: Combination, folder: Path) -> None:
    """The scenario as it is written is valid, and with few users a short window of it can be simulated."""
    full = load_text(starter_text(answers(combo)), "full.yaml", folder).scenario
    assert full.stages
    assert full.capacity.knobs
    file = folder / "small.yaml"
    file.write_text(starter_text(answers(combo, users=200)), encoding="utf-8")
    report = simulator.load(file, ("window.duration=10m", "window.warmup=1m")).run(replications=1)
    assert report.verdicts
    assert report.counts.arrived > 0


def test_every_two_answers_meet() -> None:
    chosen = list(covering(ALL))
    assert len(chosen) < 25
    for (first, one), (second, other) in combinations(enumerate(QUESTIONS), 2):
        for pair in product(one.answers, other.answers):
            assert any((combo[first], combo[second]) == pair for combo in chosen)


@pytest.mark.parametrize("combo", list(covering(ALL)), ids="-".join)
def test_it_is_valid_and_runs(combo: Combination, tmp_path: Path) -> None:
    assert_it_runs(combo, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("combo", ALL, ids="-".join)
def test_so_is_every_other(combo: Combination, tmp_path: Path) -> None:
    assert_it_runs(combo, tmp_path)


@pytest.mark.parametrize(
    "combo",
    [
        pytest.param(("support", "anywhere", "hosted", "speed", "region"), marks=pytest.mark.slow),
        ("coding", "us", "people", "cost", "team"),
    ],
)
def test_it_can_be_planned_to_a_go(combo: Combination, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(starter_text(answers(combo)), encoding="utf-8")
    found = simulator.load(file).plan(replications=2)
    assert found.decision == "GO"
    assert set(found.decisions.values()) == {"GO"}


@pytest.mark.slow
@pytest.mark.parametrize("setup", QUESTIONS[2].answers)
@pytest.mark.parametrize("use_case", QUESTIONS[0].answers)
def test_every_use_case_and_setup_comes_to_a_verdict(use_case: str, setup: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(starter_text(answers((use_case, "eu", setup, "speed", "region"))), encoding="utf-8")
    assert simulator.load(file).plan(replications=2).decision in ("GO", "NO-GO", "UNDECIDED")


def test_the_answers_matter() -> None:
    """No question is asked in vain: each other answer makes another scenario."""
    for place, question in enumerate(QUESTIONS):
        base = tuple(one.default for one in QUESTIONS)
        texts = set()
        for answer in question.answers:
            scenario = load_text(
                starter_text(answers((*base[:place], answer, *base[place + 1 :]))), "t", Path()
            ).scenario
            texts.add(scenario.model_dump_json())
        assert len(texts) == len(question.answers), question.key


def test_data_of_a_zone_has_to_stay_there() -> None:
    scenario = load_text(
        starter_text(answers(("support", "eu", "hosted", "speed", "global"))), "t", Path()
    ).scenario
    assert scenario.data_residency == {"EU": ["EU"]}
    assert {region.location for region in scenario.regions.values()} == {"northeurope", "germanywestcentral"}
