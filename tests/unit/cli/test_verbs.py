"""A verb loads its own study, and no other one."""

import subprocess
import sys

_PROGRAM = """
import sys
from typer.main import get_command
from simulator.cli.main import app

commands = get_command(app).commands
assert [name for name in commands][:6] == ["validate", "show", "pools", "init", "import", "plan"]
assert "examples" in commands and "planned" not in commands
for verb in ("validate", "plan", "check"):
    assert commands[verb].name == verb
print(*(name for name in sys.modules if name.startswith("simulator.studies.") and name.endswith(".study")))
"""


def test_a_verb_loads_no_other_study() -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["simulator.studies.plan.study", "simulator.studies.check.study"]
