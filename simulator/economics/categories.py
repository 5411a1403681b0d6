"""What money is spent on: the categories of the ledger, and its lines, each something that is paid for."""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.codes import Station
from simulator.metrics.columns import CountColumn

Floats = NDArray[np.float64]

ENDED = [
    CountColumn.SUCCEEDED,
    CountColumn.DEGRADED,
    CountColumn.FAILED,
    CountColumn.REJECTED,
    CountColumn.ABANDONED,
]
ANSWERED = [CountColumn.SUCCEEDED, CountColumn.DEGRADED]


class Category(StrEnum):
    """What money is spent on."""

    INPUT_TOKENS = "input_tokens"
    CACHED_INPUT_TOKENS = "cached_input_tokens"  # found in the provider's cache
    OUTPUT_TOKENS = "output_tokens"
    PROVISIONED_HOURS = "provisioned_hours"  # part of held throughput that carried tokens
    PROVISIONED_IDLE_HOURS = "provisioned_idle_hours"
    GPU_HOURS = "gpu_hours"  # busy part of replica-hours
    GPU_IDLE_HOURS = "gpu_idle_hours"
    SPOT_GPU_HOURS = "spot_gpu_hours"  # of replicas that may be taken back
    SPOT_GPU_IDLE_HOURS = "spot_gpu_idle_hours"
    SERVICE_CALLS = "service_calls"
    SERVICE_HOURS = "service_hours"  # busy part of replica-hours
    SERVICE_IDLE_HOURS = "service_idle_hours"
    HUMAN_HOURS = "human_hours"  # busy part of person-hours
    HUMAN_IDLE_HOURS = "human_idle_hours"
    EGRESS = "egress"
    LOG_INGESTION = "log_ingestion"
    LOG_STORAGE = "log_storage"  # until they are deleted
    MIRRORED_TOKENS = "mirrored_tokens"  # of copies to a new version
    MIRRORED_CALLS = "mirrored_calls"  # calls and data of copies
    REWORK = "rework"  # actions done over
    WRONG_ANSWERS = "wrong_answers"
    UNUSED_COMMITMENT = "unused_commitment"  # promised to a provider, and not used in the month
    PLATFORM = "platform"


TOKEN_CATEGORIES = (Category.INPUT_TOKENS, Category.CACHED_INPUT_TOKENS, Category.OUTPUT_TOKENS)


BY_USE = (
    *TOKEN_CATEGORIES,
    Category.SERVICE_CALLS,
    Category.EGRESS,
)  # what nobody would pay without the request


class Line(NamedTuple):
    """Something that is paid for."""

    station: Station | None  # None: nothing that serves, e.g. the platform
    category: Category
    unit: str  # token, call, hour, GB, GB-month, action or month
    unit_price_usd: float
    discount: float = 0.0  # that is in the price: list price = price / (1 - discount)
    is_committed: bool = False  # at the price of a commitment
