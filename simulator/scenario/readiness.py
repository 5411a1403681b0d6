"""What a scenario says about readiness: the checklist before a stage, of items measured and items attested."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from simulator.units import Day, Seconds, Share

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class Item(BaseModel):
    """What all items of the checklist say."""

    model_config = _FROZEN
    missing: Literal["block", "warn"] = Field(
        default="block",
        description="What a missing item does: `block` makes the stage a NO-GO, `warn` is only told.",
    )
    stages: list[str] | None = Field(
        default=None, min_length=1, description="Only before these stages; none: before all."
    )


class Attestation(Item):
    """Somebody's word, with what it rests on; without evidence it is missing, unless its day is known."""

    owner: str = Field(min_length=1, max_length=80, description="Who answers for it.")
    evidence: str = Field(
        default="", max_length=400, description="Where it can be read: a document, a ticket, a report."
    )
    dated: Day | None = Field(default=None, description="Day of the evidence, from which `expires` counts.")
    due: Day | None = Field(
        default=None,
        description="Day on which the evidence is promised. A stage that is blocked without it begins no earlier, and the "
        "one before goes on.",
    )
    takes: Seconds = Field(
        default=0.0,
        ge=0,
        description="From the day on which all that it `needs` is there until it is there, e.g. `4w`.",
    )
    needs: list[str] = Field(
        default_factory=list,
        max_length=40,
        description="Attested items that must be there before work on it begins.",
    )
    expires: Seconds | None = Field(
        default=None,
        gt=0,
        description="How long it holds, e.g. `1y`; a stage that begins later does without it.",
    )


class ReleaseAndRollback(Item):
    """Measured by rehearsing the `canary` at the stage: it stops a bad release, and lets one pass that is just as good."""

    worse_by: Share = Field(
        default=0.05, gt=0, lt=1, description="Points of success that the bad release is worse by."
    )
    stops: Share = Field(
        default=0.8, gt=0, lt=1, description="Share of the rehearsals in which it must be stopped."
    )
    passes: Share = Field(
        default=0.8, gt=0, lt=1, description="Share in which a release that changes nothing must pass."
    )
    within: Seconds | None = Field(
        default=None,
        gt=0,
        description="From the first weight until nobody has the bad release any more, where it is stopped; none: any time.",
    )


class Monitoring(Item):
    """Measured by drilling every incident at the stage's peak: those that matter raise an alert in time."""

    within: Seconds = Field(
        default=1800.0, gt=0, description="From the start of an incident until an alert fires."
    )
    budget: Share = Field(
        default=0.02,
        ge=0,
        description="Incidents matter that burn this share of an objective's error budget of 28 days.",
    )
    false_per_month: float = Field(default=4.0, ge=0, description="Accepted false alarms of each alert.")


class FeedbackLoop(Item):
    """Measured by what reviewers see: they notice in time that quality falls. See `rollout drift`."""

    per_week: Share = Field(default=0.01, gt=0, description="By how much the success rate falls every week.")
    within: Seconds = Field(
        default=4 * 604_800.0,
        gt=0,
        description="Mean time from the start of the decline until it is detected.",
    )
    false_alarm_every: Seconds = Field(
        default=26 * 604_800.0, gt=0, description="Accepted mean time between false alarms."
    )


class UnitEconomics(Item):
    """Measured by the stage's month: what a successful action costs is known, and less than it is worth."""

    within: Share = Field(
        default=0.1, gt=0, lt=1, description="Half-width of the interval of the cost, as a share of it."
    )


class Measured(BaseModel):
    """Items that the simulation measures; those that are not named are not asked for."""

    model_config = _FROZEN
    release_and_rollback: ReleaseAndRollback | None = None
    monitoring: Monitoring | None = None
    feedback_loop: FeedbackLoop | None = None
    unit_economics: UnitEconomics | None = None

    def items(self) -> dict[str, Item]:
        """Those that are asked for, by name."""
        found = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: item for name, item in found.items() if item is not None}


class Readiness(BaseModel):
    """The checklist before every stage."""

    model_config = _FROZEN
    measured: Measured = Measured()
    attested: dict[str, Attestation] = Field(
        default_factory=dict, max_length=40, description="By the name of the item, e.g. `data_contract`."
    )

    def items(self) -> dict[str, Item]:
        """All items by name, those that are measured first."""
        return {**self.measured.items(), **self.attested}
