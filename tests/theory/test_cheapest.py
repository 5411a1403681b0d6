"""The cheapest capacity is that of theory: random problems of Erlang C and A, percentiles and means of waits, N-1."""

import pytest

from tests.theory.cheapest import problems, solve


@pytest.mark.parametrize("problem", list(problems(5, seed=3)), ids=lambda problem: problem.name)
def test_what_is_bought_is_what_theory_asks_for(problem) -> None:  # type: ignore[no-untyped-def]
    found = solve(problem)
    assert problem.bought(found) >= problem.answer
    assert problem.is_exact(found)


@pytest.mark.slow
def test_of_many_problems_nearly_all_are_exact_and_none_has_too_little() -> None:
    solved = [(problem, solve(problem)) for problem in problems(50, seed=4)]
    assert all(problem.bought(found) >= problem.answer for problem, found in solved)
    assert sum(problem.is_exact(found) for problem, found in solved) >= 49
