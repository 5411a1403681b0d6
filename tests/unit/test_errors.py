import pytest

from simulator.cli.interruptible import InterruptionError
from simulator.engine import Cancelled
from simulator.errors import MEANINGS, ExitCode, exit_code_of, explain
from simulator.mechanisms.providers.prices import UnknownPriceError
from simulator.mechanisms.traffic.log_file import LogFileError
from simulator.results.conservation import ConservationError
from simulator.results.store.stored_run import StoreError
from simulator.scenario.read.errors import Problem, ScenarioError
from simulator.studies.capacity.knobs import KnobError
from simulator.studies.plan.plan import PlanError

WRONG = ScenarioError([Problem("a.yaml", 3, 5, "window", "unknown key", "did you mean `x`?")])


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (WRONG, ExitCode.INVALID_SCENARIO, "a.yaml:3:5: window: unknown key (did you mean `x`?)"),
        (LogFileError("no rows"), ExitCode.INVALID_SCENARIO, "no rows"),
        (UnknownPriceError("no model"), ExitCode.INVALID_SCENARIO, "no model"),
        (KnobError("no knob"), ExitCode.INVALID_SCENARIO, "no knob"),
        (PlanError("no stages"), ExitCode.INVALID_SCENARIO, "no stages"),
        (InterruptionError(), ExitCode.INTERRUPTED, "interrupted"),
        (Cancelled(), ExitCode.INTERRUPTED, "interrupted"),
        (StoreError("disk full"), ExitCode.ENGINE_ERROR, "disk full"),
        (OSError("disk full"), ExitCode.ENGINE_ERROR, "disk full"),
        (MemoryError(), ExitCode.ENGINE_ERROR, "out of memory"),
        (ConservationError("3 != 4"), ExitCode.ENGINE_ERROR, "do not trust its result: 3 != 4"),
        (KeyError("x"), ExitCode.ENGINE_ERROR, "KeyError: 'x'; set ROLLOUT_DEBUG=1"),
    ],
)
def test_every_failure_has_a_code_and_one_message(error: Exception, code: ExitCode, message: str) -> None:
    found, text = explain(error)
    assert found == code
    assert message in text
    assert "\n" not in text


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
