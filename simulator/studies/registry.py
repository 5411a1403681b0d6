"""Every study by the verb that asks it: a line here gives it a verb, a method in Python and a place in the app.

Modules are named, not imported, so that `--help` answers at once.
"""

from importlib import import_module
from typing import Any

from simulator.studies.base import Study

STUDIES = {
    "plan": "simulator.studies.plan.study:PlanStudy",
    "run": "simulator.studies.run.study:RunStudy",
    "check": "simulator.studies.check.study:CheckStudy",
    "compare": "simulator.studies.compare.study:CompareStudy",
    "drill": "simulator.studies.drill.study:DrillStudy",
    "cliff": "simulator.studies.cliff.study:CliffStudy",
    "canary": "simulator.studies.canary.study:CanaryStudy",
    "drift": "simulator.studies.drift.study:DriftStudy",
    "cost": "simulator.studies.cost.study:CostStudy",
    "bridge": "simulator.studies.bridge.study:BridgeStudy",
    "flow": "simulator.studies.flow.study:FlowStudy",
    "optimise": "simulator.studies.optimise.study:OptimiseStudy",
    "backtest": "simulator.studies.backtest.study:BacktestStudy",
    "calibrate": "simulator.studies.calibrate.study:CalibrateStudy",
    "size": "simulator.studies.size.study:SizeStudy",
    "sweep": "simulator.studies.sweep.study:SweepStudy",
    "track": "simulator.studies.track.study:TrackStudy",
    "what-if": "simulator.studies.what_if.study:WhatIfStudy",
}


def study_class(verb: str) -> type[Study[Any]]:
    """The class of a study.

    Raises
    ------
    KeyError
        If there is no such verb.
    """
    module, _, name = STUDIES[verb].partition(":")
    found: type[Study[Any]] = getattr(import_module(module), name)
    return found
