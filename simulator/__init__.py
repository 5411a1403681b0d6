"""Simulation and capacity planning for AI rollouts: `simulator.load("scenario.yaml").plan()`."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.api.rollout import Rollout, load

__version__ = "0.1.0"
__all__ = ["Rollout", "__version__", "load"]


def __getattr__(name: str) -> object:
    """Import the interface for Python when it is asked for: it is slow, and the command line has its own."""
    if name in ("Rollout", "load"):
        found: object = getattr(import_module("simulator.api.rollout"), name)
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
