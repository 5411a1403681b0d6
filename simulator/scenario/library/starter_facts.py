"""What `rollout init` knows about each answer: numbers to begin with, each with its source or the word *assumption*."""

from dataclasses import dataclass


@dataclass(frozen=True)
class UseCase:
    """A kind of action, and what it is like, written as the scenario writes it.

    Attributes
    ----------
    rate : actions per user
    lengths_source : item of `sources` for the lengths; empty: assumptions
    people : whether people take over what the model is unsure of
    baseline_usd, baseline_source : what an action costs without the feature, and who says so
    first_token, latency, unit_cost : limits of the objectives
    """

    unit: str
    rate: str
    profile: str
    prompt: str
    output: str
    lengths_source: str
    timeout: str
    priority: str
    people: bool
    baseline_usd: float
    baseline_source: str
    first_token: str
    latency: str
    unit_cost: str


_AZURE_2023 = (
    '{of: ["workloads.*.prompt_tokens", "workloads.*.output_tokens"], source: "Azure LLM inference trace 2023, conversation '
    '(Patel et al., Splitwise, ISCA 2024; CC-BY 4.0)", date: 2023-11-16, grade: measured}'
)
_AZURE_CODE = (
    '{of: ["workloads.*.prompt_tokens", "workloads.*.output_tokens"], source: "Azure coding service, a week of May 2024 '
    '(DynamoLLM, HPCA 2025; CC-BY 4.0); p95 of prompts between the published p90 and p99", date: 2024-05, grade: published}'
)

USE_CASES = {
    "support": UseCase(
        "ticket", "8 per day", "office-hours", "{distribution: lognormal, p50: 1_020, p95: 4_083}",
        "{distribution: lognormal, p50: 129, p95: 451}", _AZURE_2023, "45s", "interactive", True, 8.01,
        "Gartner 2019 poll, cost per contact of live channels (destinationcrm.com 135436)", "2s", "8s", "$2.50",
    ),
    "assistant": UseCase(
        "question", "10 per day", "office-hours", "{distribution: lognormal, p50: 1_020, p95: 4_083}",
        "{distribution: lognormal, p50: 129, p95: 451}", _AZURE_2023, "45s", "interactive", False, 2.0,
        "three minutes of an employee at $40/hour", "2s", "8s", "$0.02",
    ),
    "coding": UseCase(
        "completion", "120 per day", "coding-2024", "{distribution: lognormal, p50: 1_930, p95: 6_900}",
        "{distribution: lognormal, p50: 8, p95: 79}", _AZURE_CODE, "10s", "interactive", False, 0.3,
        "fifteen seconds of a developer at $72/hour", "1.5s", "3s", "$0.01",
    ),
    "documents": UseCase(
        "document", "3 per day", "flat", "{distribution: lognormal, p50: 6_000, p95: 15_000}",
        "{distribution: lognormal, p50: 300, p95: 600}", "", "10m", "batch", False, 4.0,
        "six minutes of an employee at $40/hour", "20s", "40s", "$0.05",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Zone:
    """Where data may be: regions with their share of the users, and which models can be had there within which limits."""

    regions: tuple[tuple[str, str, int], ...]  # name, location, share of the users in %
    residency: str  # rule, as YAML; empty: data may go anywhere
    limits: str  # entry of the catalog of rate limits
    small: tuple[str, str]  # model, steps of its quota
    large: tuple[str, str]


_STEPS_GLOBAL = ("[1M, 2M, 5M, 20M, 50M, 150M]", "[500k, 1M, 2M, 5M]")
ZONES = {
    "eu": Zone(
        (("eu-north", "northeurope", 60), ("eu-central", "germanywestcentral", 40)), "{EU: [EU]}",
        "azure-data-zone-enterprise", ("gpt-4.1-mini", "[1M, 2M, 5M, 20M, 50M]"), ("gpt-4.1", "[300k, 600k, 1M, 2M]"),
    ),
    "us": Zone(
        (("us-east", "eastus", 60), ("us-west", "westus2", 40)), "{US: [US]}",
        "azure-data-zone-enterprise", ("gpt-4.1-mini", "[1M, 2M, 5M, 20M, 50M]"), ("gpt-4.1", "[300k, 600k, 1M, 2M]"),
    ),
    "apac": Zone(
        (("ap-southeast", "southeastasia", 60), ("ap-northeast", "japaneast", 40)), "{APAC: [APAC]}",
        "azure-regional-enterprise", ("gpt-4o-mini", "[450k, 1M, 2M]"), ("gpt-4o", "[150k, 300k, 500k, 1M]"),
    ),
    "anywhere": Zone(
        (("eu-north", "northeurope", 35), ("us-east", "eastus", 45), ("ap-southeast", "southeastasia", 20)), "",
        "azure-global-enterprise", ("gpt-4.1-mini", _STEPS_GLOBAL[0]), ("gpt-4.1", _STEPS_GLOBAL[1]),
    ),
}  # fmt: skip

# Users, fixed cost per month in US dollars, and the stages: name, weeks, share of the users.
SCOPES = {
    "team": (200, 300, (("pilot", 4, 20), ("everyone", 8, 100))),
    "region": (5_000, 3_000, (("pilot", 4, 5), ("departments", 6, 30), ("everyone", 8, 100))),
    "global": (50_000, 10_000, (("pilot", 4, 2), ("first-region", 6, 30), ("everyone", 12, 100))),
}
