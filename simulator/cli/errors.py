"""What to tell a user about an exception: one message, and the exit code that fits. Never a traceback."""

from simulator.cli.exit_codes import ExitCode

_DEBUG_HINT = "set ROLLOUT_DEBUG=1 to see where"


def explain(error: Exception) -> tuple[ExitCode, str]:
    """Return the exit code and the message for an exception that ended a command."""
    # Imported here: whoever asks has met an exception, and most of these are loaded by then.
    from simulator.cli.interruptible import InterruptionError
    from simulator.compiler.profiles import ProfileError
    from simulator.engine import Cancelled
    from simulator.mechanisms.providers.prices import UnknownPriceError
    from simulator.mechanisms.replicas.profile import ProfileError as StepTimesError
    from simulator.mechanisms.traffic.trace import TraceError
    from simulator.results.conservation import ConservationError
    from simulator.results.store.stored_run import StoreError
    from simulator.scenario.read.errors import ScenarioError
    from simulator.studies.canary.study import CanaryError
    from simulator.studies.capacity.knobs import KnobError
    from simulator.studies.compare.comparison_sides import CompareError
    from simulator.studies.cost.bill_import import BillError
    from simulator.studies.cost.cost_job import CostInputError
    from simulator.studies.cost.month_parts import TooManyMonthsError
    from simulator.studies.drift.study import DriftError
    from simulator.studies.failures.drill_plan import DrillError
    from simulator.studies.plan.study import PlanError
    from simulator.studies.sweep.parameters import SweepError
    from simulator.studies.sweep.worker_pools import WorkersLostError

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
