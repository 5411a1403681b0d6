"""What `pyproject.toml` cannot say: the shipped scenarios go into the package, for `rollout app` without a checkout."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithScenarios(build_py):
    """Copy `scenarios` beside the app; a checkout in use (`pip install -e`) reads them where they are."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "simulator" / "ui" / "scenarios"
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(Path(__file__).parent / "scenarios", target)


setup(cmdclass={"build_py": BuildWithScenarios})
