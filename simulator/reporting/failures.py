"""What to tell a user about an exception: one message, and the exit code that fits. Never a traceback."""

from simulator.reporting.exit_codes import ExitCode

_DEBUG_HINT = "set ROLLOUT_DEBUG=1 to see where"


def explain(error: Exception) -> tuple[ExitCode, str]:
    """Return the exit code and the message for an exception that ended a command."""
    # Imported here: whoever asks has met an exception, and most of these are loaded by then.
    from simulator.compiler.profiles import ProfileError
    from simulator.engine import Cancelled
    from simulator.mechanisms.providers.prices import UnknownPriceError
    from simulator.mechanisms.replicas.profile import ProfileError as StepTimesError
    from simulator.mechanisms.traffic.trace import TraceError
    from simulator.planning.arms import CompareError
    from simulator.planning.canary import CanaryError
    from simulator.planning.drift_study import DriftError
    from simulator.planning.drill_plan import DrillError
    from simulator.planning.factors import SweepError
    from simulator.planning.knobs import KnobError
    from simulator.planning.month_parts import TooManyMonthsError
    from simulator.planning.plan import PlanError
    from simulator.planning.worker_pools import WorkersLostError
    from simulator.reporting.bill import BillError
    from simulator.reporting.cost_job import CostInputError
    from simulator.reporting.interruptible import InterruptionError
    from simulator.results.conservation import ConservationError
    from simulator.results.stored_run import StoreError
    from simulator.scenario.errors import ScenarioError

    if isinstance(error, ScenarioError):
        return ExitCode.INVALID_SCENARIO, str(error)
    if isinstance(
        error, TraceError | ProfileError | UnknownPriceError | KnobError | PlanError | TooManyMonthsError
    ):
        return ExitCode.INVALID_SCENARIO, f"invalid scenario: {error}"
    if isinstance(error, CanaryError):
        return ExitCode.USAGE, f"cannot rehearse: {error}"
    if isinstance(error, CompareError):
        return ExitCode.USAGE, f"cannot compare: {error}"
    if isinstance(error, DrillError):
        return ExitCode.USAGE, f"cannot drill: {error}"
    if isinstance(error, SweepError | CostInputError | BillError | DriftError):
        return ExitCode.USAGE, str(error)
    if isinstance(error, StepTimesError):
        return ExitCode.USAGE, f"no profile: {error}"
    if isinstance(error, WorkersLostError):
        return ExitCode.ENGINE_ERROR, f"error: {error}; finished points are kept"
    if isinstance(error, InterruptionError | Cancelled):
        return ExitCode.INTERRUPTED, "interrupted before anything was finished"
    if isinstance(error, MemoryError):
        return ExitCode.ENGINE_ERROR, "out of memory; shorten the window, or leave out --rows"
    if isinstance(error, StoreError | OSError):
        return ExitCode.ENGINE_ERROR, f"error: {error}"
    if isinstance(error, ConservationError):
        return ExitCode.ENGINE_ERROR, f"error of the simulator, its result is not to be trusted: {error}"
    return ExitCode.ENGINE_ERROR, f"error of the simulator: {type(error).__name__}: {error}; {_DEBUG_HINT}"
