"""The kinds of incidents that a scenario can name; each declares its keys, its targets and its effects where it stands."""

from typing import Annotated

from pydantic import Field

from simulator.mechanisms.incidents.caches import CacheFlush
from simulator.mechanisms.incidents.demand import BrokenContract, Surge
from simulator.mechanisms.incidents.losses import Outage, ReplicaLoss, StaffShortage
from simulator.mechanisms.incidents.network import NetworkTrouble
from simulator.mechanisms.incidents.quality import BadRelease, Drift
from simulator.mechanisms.incidents.trouble import (
    ErrorBurst,
    FleetOverload,
    QuotaCut,
    RateLimitStorm,
    Slowdown,
)

Incident = Annotated[
    Outage
    | Slowdown
    | ErrorBurst
    | RateLimitStorm
    | FleetOverload
    | QuotaCut
    | ReplicaLoss
    | NetworkTrouble
    | CacheFlush
    | Surge
    | StaffShortage
    | BadRelease
    | BrokenContract
    | Drift,
    Field(discriminator="kind"),
]
