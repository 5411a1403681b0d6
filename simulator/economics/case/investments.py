"""What is paid once, and when: before the first stage, as a stage begins, and as a region or a language is reached."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from simulator.compiler.stage_shares import stage_start
from simulator.scenario.model import Scenario, Stage


class Investment(NamedTuple):
    """An amount that is paid once.

    Attributes
    ----------
    what : `start`, or a kind and a name: `stage pilot`, `region eu`, `language de`
    """

    what: str
    on: date
    amount_usd: float


def investments(scenario: Scenario) -> tuple[Investment, ...]:
    """All of a rollout, in order of time; those of nothing are left out."""
    found = [Investment("start", scenario.start, scenario.economics.investment), *_of_stages(scenario)]
    return tuple(sorted((one for one in found if one.amount_usd > 0.0), key=lambda one: one.on))


def _of_stages(scenario: Scenario) -> Iterator[Investment]:
    reached: set[str] = set()
    for stage in scenario.stages:
        on = stage_start(scenario, stage).date()
        yield Investment(f"stage {stage.name}", on, stage.investment)
        for what, amount_usd in _reached_by(scenario, stage):
            if what not in reached:
                reached.add(what)
                yield Investment(what, on, amount_usd)


def _reached_by(scenario: Scenario, stage: Stage) -> Iterator[tuple[str, float]]:
    """Regions to which a stage is exposed, and the languages that are spoken there, each with its investment."""
    for name, region in scenario.regions.items():
        exposed = stage.exposure.get(name, 0.0) if isinstance(stage.exposure, dict) else stage.exposure
        if exposed <= 0.0:
            continue
        yield f"region {name}", region.investment
        for language in region.languages or {}:
            if language in scenario.languages:
                yield f"language {language}", scenario.languages[language].investment
