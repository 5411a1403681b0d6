"""Simulation and capacity planning for AI rollouts: `simulator.load("scenario.yaml").plan()`.

`load` reads a scenario file and returns a `Rollout`; each of its methods answers a question and returns a report.
"""

import re
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.api.rollout import Rollout, import_configs, load, size
    from simulator.studies.backtest.report import BacktestReport
    from simulator.studies.bridge.report import BridgeReport
    from simulator.studies.calibrate.report import CalibrateReport
    from simulator.studies.canary.report import CanaryReport
    from simulator.studies.check.report import CheckReport
    from simulator.studies.cliff.report import CliffReport
    from simulator.studies.compare.report import CompareReport
    from simulator.studies.cost.report import CostReport
    from simulator.studies.drift.report import DriftReport
    from simulator.studies.drill.report import DrillReport
    from simulator.studies.flow.report import FlowReport
    from simulator.studies.optimise.report import OptimiseReport
    from simulator.studies.plan.report import PlanReport
    from simulator.studies.run.report import RunReport
    from simulator.studies.size.report import SizeReport
    from simulator.studies.sweep.report import SweepReport
    from simulator.studies.track.report import TrackReport
    from simulator.studies.verify.report import VerifyReport
    from simulator.studies.what_if.report import WhatIfReport

__version__ = "0.1.0"
__all__ = [
    "BacktestReport",  # how well a calibrated scenario forecasts the rest of a log
    "BridgeReport",  # what makes one scenario cost more than another
    "CalibrateReport",  # what a pilot's logs say of a scenario
    "CanaryReport",  # what a canary promotes, what it aborts, how many users are affected
    "CheckReport",  # which SLOs and thresholds hold
    "CliffReport",  # the load at which goodput collapses
    "CompareReport",  # what a change makes worse or better
    "CostReport",  # what the months of a rollout cost, with their uncertainty
    "DriftReport",  # how soon reviewers notice that quality falls
    "DrillReport",  # what incidents do at the peak, and what would help
    "FlowReport",  # where actions go, step by step
    "OptimiseReport",  # Pareto-optimal points that a search found
    "PlanReport",  # what every stage needs, what it costs, and whether to go
    "Rollout",  # a checked scenario with a method per question
    "RunReport",  # what was measured in one window
    "SizeReport",  # how many requests and users one replica carries
    "SweepReport",  # many points of a scenario, and what moves each response
    "TrackReport",  # how forecasts compare with what came, and what to correct
    "VerifyReport",  # whether a stored run is bit-identical when it is run again
    "WhatIfReport",  # what a change does at the peak
    "__version__",
    "import_configs",  # a scenario from configurations of other tools
    "load",  # read and check a scenario file
    "size",  # how many requests and users a model on a GPU carries
]


def __getattr__(name: str) -> object:
    """Import the interface for Python when it is asked for: it is slow, and the command line has its own."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    verb = re.sub("(?<!^)(?=[A-Z])", "_", name.removesuffix("Report")).lower()  # of what-if: what_if
    module = f"simulator.studies.{verb}.report" if name.endswith("Report") else "simulator.api.rollout"
    found: object = getattr(import_module(module), name)
    return found


def __dir__() -> list[str]:
    """The public names."""
    return __all__
