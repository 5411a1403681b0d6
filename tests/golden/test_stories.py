"""The stories of the bundled scenarios hold: each figure that a file's comment names lies in its 95 % interval.

A figure is written as `by.target.NAME.KEY` or `metrics.KEY` of the document of `rollout run`; `within` is what the comment's
rounding allows beyond the interval.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import simulator

SCENARIOS = Path(__file__).parents[2] / "scenarios"
N_RUNS = {
    "provider-incidents": 20,
    "workday-assistant": 2,
    "coding-completion": 3,
    "provisioned-throughput": 2,
}

DIFFICULT = ("workloads.complaint.steps.1.review.of=difficult", "stages.all.changes={}")
CUT_BY_REGION = (
    "model_list.assistant.regions=null",
    "model_list.assistant.rpm={eu-west: 270, us-east: 450, ap-southeast: 180}",
)
FIVE_STAND = ("model_list.coder.pool.autoscaling=null", "model_list.coder.pool.replicas=5")
NO_LIMIT = ("workloads.ask.tenants.tenant-1.limits=null",)
IMPATIENT = ("workloads.solve.timeout=30s",)
ROUND_ROBIN = ("model_list.own-8b.pool.load_balancing=round-robin",)
MORE_MEMORY = ("model_list.own-8b.pool.gpu=h200_sxm",)
SAME_WORDS = ("caches.answers.type=exact", "caches.answers.latency=1ms", "caches.answers.false_hit=0%")
UNAWARE = ("routes.answer.confidence.flags_wrong=30%",)
SHUFFLED = ("routes.answer.routing_strategy=simple-shuffle", "routes.answer.confidence=null")
LARGE_ALONE = (*SHUFFLED, "model_list.small.weight=0.000001")
SMALL_ALONE = (*SHUFFLED, "model_list.large.weight=0.000001")
MORE_PEOPLE = ("teams.agents.staff=40",)
BACK_SOON = ("incidents.bad-prompt.duration=10m",)
NO_INCIDENT = ("incidents=[]",)
NO_UNITS = ("model_list.assistant.provisioned=null", "workloads.ask.budget=null")
QUOTA = (*NO_UNITS, "model_list.assistant.rate_limits=azure-data-zone-enterprise")
UNITS_FOR_ALL = (
    "model_list.assistant.rate_limits=null",
    "model_list.assistant.provisioned.units=250",
    "model_list.assistant.provisioned.overflow=false",
)
BY_THE_HOUR = ("model_list.assistant.provisioned.price=null",)
SMALL_FOR_ALL = ("routes.answer.choose=[small]", "routes.answer.fallbacks=[large, human]")
NO_SECOND = ("model_list.second.error_rate=100%",)

SHORTER = ("workloads.at-aws.max_tokens=4k", "workloads.reserving.max_tokens=4k")
FIRST_COME = ("quotas.organisation.reserved={}",)
NOTHING_LENT = ("quotas.organisation.borrow_below=0",)

Claim = tuple[str, Sequence[str], str, float, float]
CLAIMS: list[Claim] = [
    ("workday-assistant", (), "metrics.availability", 0.99996, 0.00002),
    ("workday-assistant", (), "metrics.ttft_s.p95", 1.5, 0.05),
    ("workday-assistant", CUT_BY_REGION, "metrics.availability", 0.96, 0.005),
    ("workday-assistant", CUT_BY_REGION, "by.target.assistant.rate_limited_rate", 0.2, 0.02),
    ("workday-assistant", CUT_BY_REGION, "metrics.ttft_s.p95", 2.9, 0.05),
    ("coding-completion", (), "metrics.ttft_s.p95", 0.37, 0.01),
    ("coding-completion", FIVE_STAND, "metrics.ttft_s.p95", 0.40, 0.01),
    ("api-platform", (), "by.tenant.tenant-2.metrics.availability", 0.998, 0.001),
    ("api-platform", (), "by.tenant.the-others.metrics.availability", 0.998, 0.001),
    ("api-platform", NO_LIMIT, "by.tenant.tenant-1.metrics.availability", 0.97, 0.005),
    ("api-platform", NO_LIMIT, "by.tenant.tenant-4.metrics.availability", 0.97, 0.005),
    ("reasoning", (), "metrics.latency_s.p50", 10.0, 1.0),
    ("reasoning", (), "metrics.latency_s.p95", 85.0, 5.0),
    ("reasoning", (), "metrics.latency_s.p99", 210.0, 10.0),
    ("reasoning", (), "metrics.availability", 0.995, 0.002),
    ("reasoning", IMPATIENT, "metrics.availability", 0.81, 0.005),
    ("long-context-chat", (), "by.target.own-8b.prefix_hit_rate", 0.10, 0.01),
    ("long-context-chat", ROUND_ROBIN, "by.target.own-8b.prefix_hit_rate", 0.05, 0.005),
    ("long-context-chat", MORE_MEMORY, "by.target.own-8b.prefix_hit_rate", 0.20, 0.01),
    ("answer-cache", (), "metrics.cache_hit_rate", 0.45, 0.01),
    ("answer-cache", SAME_WORDS, "metrics.cache_hit_rate", 0.19, 0.01),
    ("cascade", (), "metrics.success_rate", 0.955, 0.005),
    ("cascade", LARGE_ALONE, "metrics.success_rate", 0.955, 0.005),
    ("cascade", SMALL_ALONE, "metrics.success_rate", 0.88, 0.005),
    ("cascade", (), "by.complexity.complex.metrics.success_rate", 0.88, 0.005),
    ("cascade", SMALL_ALONE, "by.complexity.complex.metrics.success_rate", 0.70, 0.005),
    ("cascade", UNAWARE, "metrics.success_rate", 0.91, 0.005),
    ("approved-drafts", (), "metrics.draft_approval_rate", 5 / 6, 0.02),
    ("approved-drafts", (), "metrics.success_rate", 0.98, 0.01),
    ("approved-drafts", DIFFICULT, "metrics.draft_approval_rate", 0.7, 0.02),
    ("approved-drafts", DIFFICULT, "metrics.success_rate", 0.95, 0.01),
    ("hand-off-storm", (), "metrics.resolution_s.p95", 16 * 60, 60),
    ("hand-off-storm", NO_INCIDENT, "metrics.resolution_s.p95", 8 * 60, 60),
    ("hand-off-storm", MORE_PEOPLE, "metrics.resolution_s.p95", 12 * 60, 60),
    ("hand-off-storm", BACK_SOON, "metrics.resolution_s.p95", 9 * 60, 60),
    ("hand-off-storm", NO_INCIDENT, "by.target.agents.utilization", 0.8, 0.02),
    ("provisioned-throughput", (), "metrics.availability", 0.9999, 0.00005),
    ("provisioned-throughput", (), "metrics.cost_per_action", 0.0053, 0.00005),
    ("provisioned-throughput", NO_UNITS, "metrics.availability", 0.84, 0.005),
    ("provisioned-throughput", QUOTA, "metrics.availability", 0.9999, 0.00005),
    ("provisioned-throughput", QUOTA, "metrics.cost_per_action", 0.0043, 0.00005),
    ("provisioned-throughput", UNITS_FOR_ALL, "metrics.availability", 0.9999, 0.00005),
    ("provisioned-throughput", UNITS_FOR_ALL, "metrics.cost_per_action", 0.0086, 0.00005),
    ("provisioned-throughput", BY_THE_HOUR, "metrics.cost_per_action", 0.021, 0.0005),
    ("many-languages", SMALL_FOR_ALL, "metrics.success_rate", 0.945, 0.0005),
    ("many-languages", SMALL_FOR_ALL, "by.language.sw.metrics.success_rate", 0.86, 0.005),
    ("many-languages", SMALL_FOR_ALL, "by.language.en.metrics.success_rate", 0.96, 0.005),
    ("many-languages", (), "by.language.sw.metrics.success_rate", 0.91, 0.005),
    ("many-languages", (), "metrics.cost_per_action", 0.32, 0.005),
    ("many-languages", SMALL_FOR_ALL, "metrics.cost_per_action", 0.31, 0.005),
    ("many-languages", (), "metrics.override_rate", 1 / 13, 0.005),
    ("provider-incidents", (), "metrics.availability", 0.99996, 0.00002),
    ("provider-incidents", NO_SECOND, "metrics.availability", 0.998, 0.0005),
    ("counting-rules", (), "by.workload.at-maker.metrics.availability", 1.0, 0.001),
    ("counting-rules", (), "by.workload.at-aws.metrics.availability", 0.75, 0.01),
    ("counting-rules", (), "by.workload.reserving.metrics.availability", 1 / 9, 0.003),
    ("counting-rules", SHORTER, "by.workload.at-aws.metrics.availability", 0.87, 0.01),
    ("counting-rules", SHORTER, "by.workload.reserving.metrics.availability", 0.13, 0.01),
    ("shared-quota", FIRST_COME, "by.target.chat-model.rate_limited_rate", 0.055, 0.005),
    ("shared-quota", FIRST_COME, "by.workload.chat.metrics.availability", 0.995, 0.001),
    ("shared-quota", FIRST_COME, "by.workload.summaries.metrics.arrival_rps", 1.58, 0.01),
    ("shared-quota", (), "by.workload.chat.metrics.availability", 1.0, 0.001),
    ("shared-quota", (), "by.workload.summaries.metrics.arrival_rps", 1.46, 0.01),
    ("shared-quota", NOTHING_LENT, "by.workload.summaries.metrics.arrival_rps", 1.15, 0.01),
]

# What one way costs for each dollar of the other: the comment's ratio, and what its rounding allows.
RATIOS = [
    ("coding-completion", (), FIVE_STAND, "cost.total", 0.84, 0.02),
    ("answer-cache", (), SAME_WORDS, "metrics.cost_per_successful_action", 0.67, 0.03),
    ("cascade", (), LARGE_ALONE, "metrics.cost_per_successful_action", 0.37, 0.01),
    ("many-languages", (), SMALL_FOR_ALL, "metrics.handed_off_rate", 0.7, 0.03),
    ("provider-incidents", (), NO_SECOND, "metrics.cost_per_action", 1.02, 0.01),
]


@cache
def document(name: str, overrides: tuple[str, ...]) -> dict[str, Any]:
    """What `rollout run` says."""
    rollout = simulator.load(SCENARIOS / f"{name}.yaml", overrides)
    return rollout.run(replications=N_RUNS.get(name, 5)).to_dict()


def figure(name: str, overrides: Sequence[str], path: str) -> dict[str, float]:
    """One estimate of the document: value, low and high."""
    at: Any = document(name, tuple(overrides))
    for key in path.split("."):
        at = at[key]
    return at  # type: ignore[no-any-return]


@pytest.mark.parametrize(("name", "overrides", "path", "claimed", "within"), CLAIMS)
def test_what_the_comment_claims(
    name: str, overrides: Sequence[str], path: str, claimed: float, within: float
) -> None:
    found = figure(name, overrides, path)
    assert found["low"] - within <= claimed <= found["high"] + within
    assert found["high"] - found["low"] < claimed, "too wide to say anything"


@pytest.mark.parametrize(("name", "overrides", "other", "path", "claimed", "within"), RATIOS)
def test_what_one_way_costs_beside_the_other(
    name: str, overrides: Sequence[str], other: Sequence[str], path: str, claimed: float, within: float
) -> None:
    ratio = figure(name, overrides, path)["value"] / figure(name, other, path)["value"]
    assert ratio == pytest.approx(claimed, abs=within)


def test_the_semantic_cache_is_wrong_once_more_in_a_hundred() -> None:
    semantic, exact = (
        figure("answer-cache", way, "metrics.success_rate")["value"] for way in ((), SAME_WORDS)
    )
    assert exact - semantic == pytest.approx(0.01, abs=0.005)


def test_a_quota_that_is_shared_is_ordered_for_all_who_draw_on_it() -> None:
    stages = simulator.load(SCENARIOS / "shared-quota.yaml").plan().stages
    assert [stage.decision for stage in stages] == ["GO"] * 2
    bought = [stage.capacity["quotas.organisation.tpm"]["all regions"] for stage in stages]
    (use,) = stages[1].limits
    assert (use.target, use.limit) == ("organisation", "tpm")
    assert use.full.value == pytest.approx(
        0.96, abs=0.04
    )  # the chat with headroom, and a job that takes the rest
    assert use.without_batch == pytest.approx(0.39, abs=0.03)
    assert bought == [500_000, 1_000_000]


def test_a_tier_for_every_stage_and_the_wall_without() -> None:
    rollout = simulator.load(SCENARIOS / "rate-limit-wall.yaml")
    stages = rollout.plan().stages
    assert [stage.decision for stage in stages] == ["GO"] * 3
    bought = [stage.capacity["model_list.assistant.tpm"]["us-east"] for stage in stages]
    assert bought == [500_000, 1_000_000, 4_000_000]
    launched = simulator.load(SCENARIOS / "rate-limit-wall.yaml", ("model_list.assistant.tpm=1M",))
    availability = launched.run(stage="launch").metrics.availability
    assert availability is not None
    assert availability.value == pytest.approx(0.546, abs=0.02)
