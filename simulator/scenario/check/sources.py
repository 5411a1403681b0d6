"""Are the values there whose sources a scenario states?"""

from collections.abc import Iterator
from difflib import get_close_matches

from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import Scenario
from simulator.scenario.read.explain import readable
from simulator.scenario.read.source_map import Located
from simulator.scenario.read.stated_source import matches


def check_sources(scenario: Scenario, tree: Located) -> list[Finding]:
    """Findings about paths that lead to nothing."""
    if not scenario.sources:
        return []
    paths = [readable(tree, keys) for keys, _ in tree.walk() if keys and keys[0] != "sources"]
    return list(_lost(scenario, paths))


def _lost(scenario: Scenario, paths: list[str]) -> Iterator[Finding]:
    for index, stated in enumerate(scenario.sources):
        for pattern in stated.patterns:
            if not any(matches(pattern, path) for path in paths):
                close = get_close_matches(pattern[:200], paths, 1)
                hint = f"did you mean `{close[0]}`?" if close else "`rollout show` prints the paths there are"
                yield Finding(("sources", index, "of"), f"no value at `{pattern[:80]}`", hint)
