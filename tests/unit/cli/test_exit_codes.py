import pytest

from simulator.cli.exit_codes import MEANINGS, ExitCode, exit_code_of


@pytest.mark.parametrize(
    ("verdicts", "code"),
    [
        ([], 0),
        (["PASS", "PASS"], 0),
        (["GO"], 0),
        (["PASS", "UNDECIDED"], 11),
        (["UNDECIDED", "FAIL"], 99),
        (["NO-GO"], 99),
    ],
)
def test_a_failure_outweighs_an_open_verdict(verdicts: list[str], code: int) -> None:
    assert exit_code_of(verdicts) == code


def test_every_code_has_a_meaning() -> None:
    assert set(MEANINGS) == set(ExitCode)
