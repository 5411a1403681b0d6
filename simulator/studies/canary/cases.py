"""What a canary may be up against: the release as it is described, one that changes nothing, and ones that are worse."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.errors import RolloutError
from simulator.mechanisms.releases.config import Release, ReleaseChanges
from simulator.scenario.model import Scenario
from simulator.units import parse_signed_share


class CanaryError(RolloutError, ValueError):
    """A scenario that has no canary to rehearse."""

    prefix = "cannot rehearse: "


@dataclass(frozen=True)
class Case:
    """A release that a canary is rehearsed with."""

    name: str
    changes: ReleaseChanges
    is_good: bool | None  # whether it should be promoted; None: it is as the scenario says


NO_CHANGE = Case("no change", ReleaseChanges(), True)
WORSE = (
    Case("success −1 point", ReleaseChanges(success_rate=-0.01), False),
    Case("success −5 points", ReleaseChanges(success_rate=-0.05), False),
    Case("latency +10 %", ReleaseChanges(latency=0.10), False),
    Case("tokens +20 %", ReleaseChanges(prompt_tokens=0.20, output_tokens=0.20), False),
)


def release_of(scenario: Scenario, name: str | None) -> Release:
    """The release of that name, or the first one.

    Raises
    ------
    CanaryError
        If there is none.
    """
    for release in scenario.releases:
        if name in (None, release.name):
            return release
    known = ", ".join(release.name for release in scenario.releases) or "none"
    raise CanaryError(f"no release{'' if name is None else f' `{name}`'}; releases of the scenario: {known}")


def cases_of(release: Release, effects: Sequence[str] | None) -> list[Case]:
    """The cases to be rehearsed: `effects` (`success_rate=-2%`), or the usual ones.

    Raises
    ------
    ValueError
        If an effect cannot be read.
    """
    described = Case(f"{release.name}, as described", release.changes, None)
    return [described, NO_CHANGE, *(WORSE if effects is None else [_case(effect) for effect in effects])]


def _case(effect: str) -> Case:
    changes: dict[str, float] = {}
    for part in effect.split(","):
        key, separator, value = (piece.strip() for piece in part.partition("="))
        if not separator or key not in ReleaseChanges.model_fields:
            known = ", ".join(ReleaseChanges.model_fields)
            raise ValueError(f"`{part.strip()[:60]}` is not of the form `key=value`; keys: {known}")
        changes[key] = parse_signed_share(value)
    return Case(effect, ReleaseChanges(**changes), False)
