"""What is said of a log that cannot be read."""

from simulator.errors import RolloutError


class LogError(RolloutError, ValueError):
    """A log that cannot be read; the message says what it needs."""
