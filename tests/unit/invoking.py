"""The command line, asked within this process."""

from typer.testing import CliRunner, Result

from simulator.cli.main import app


def invoke(*arguments: object) -> Result:
    """What `rollout ARGUMENTS` prints, and how it ends."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])
