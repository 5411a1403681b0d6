"""Simulation and capacity planning for AI rollouts."""

__version__ = "0.1.0"
