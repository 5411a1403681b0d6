"""For every key of the scenario schema: a change of it alone, and where the change must be seen."""

from dataclasses import dataclass
from typing import Literal

Place = Literal[
    "run",
    "demand",
    "ledger",
    "verdicts",
    "check",
    "plan",
    "pools",
    "pools ledger",
    "protected",
    "quotas",
    "canary",
    "costs",
    "ranges",
    "factors",
    "alerts",
    "readiness",
]


@dataclass(frozen=True)
class Change:
    """One key set to another value.

    Attributes
    ----------
    to : `path=value` as for `--set`
    seen_in : what must differ
    given : `path=value` that both scenarios have besides
    """

    to: str
    seen_in: Place = "run"
    given: tuple[str, ...] = ()


_TICKETS, _LOGS, _CALLS = "workloads.tickets", "workloads.logs", "workloads.calls"
_DAYS = [f"2027-{month:02}-{day:02}" for month in (1, 2) for day in range(1, 29)]
_REVIEWED = (f"{_TICKETS}.steps.4.review.sample=60%", "teams.agents.handle_time.mean=2s")
_DRAFTED = (
    f"{_TICKETS}.steps.4.review.before=100%",
    f"{_TICKETS}.steps.4.review.draft=true",
    "teams.agents.overrides={wrong: 80%, right: 30%}",
    "teams.agents.drafts={rejected: 50%}",
    "teams.agents.handle_time.mean=2s",
    "teams.agents.staff=40",
)
_BLOCKS = "workloads.replayed.trace"
_SCALING = "services.search.autoscaling"
_ANSWER, _RECORDS = "routes.answer", "routes.records"
_POOL, _SCALED = "model_list.own.pool", "model_list.scaled.pool"
_SESSIONS = ("workloads.logs.trace.replay=sessions", "workloads.logs.trace.session=who")
_POOL_SCALING = f"{_SCALED}.autoscaling"
_DRAFTS = "{tokens: 2, acceptance: 50%}"
_WANDER = "{cv: 0.5, time_constant: 2m}"
_KNOB = "capacity.knobs.0"
_CRM_TIME = "services.crm.service_time"

_BREAKER = "routes.desks.circuit_breaker"
_LIMIT = "routes.shelves.adaptive_concurrency"
_EJECTION = "routes.shelves.outlier_detection"

_SCALED_SPOT = f"{_SCALED}.spot"
_SHARED = (f"{_TICKETS}.tenants={{acme: {{share: 60%, limits: {{rpm: 6}}}}, rest: {{share: 40%}}}}",)
_CLIENTS = (
    f"{_TICKETS}.arrival_rate=null",
    f"{_TICKETS}.burstiness=1",
    f"{_TICKETS}.clients=4",
    "stages.dark.exposure=50%",  # which lets in whole ones
    f"{_TICKETS}.think_time={{distribution: exponential, mean: 9s}}",
)
_ACME = f"{_TICKETS}.tenants.acme"
_BUDGET = (f"{_TICKETS}.budget={{max_budget: 0.0005, check_every: 2s}}",)
_THROTTLE = (f"{_TICKETS}.budget={{max_budget: 0.0005, check_every: 2s, on_exceed: throttle, rpm: 4}}",)
_DOWNGRADE = (
    f"{_TICKETS}.budget={{max_budget: 0.0005, check_every: 2s, on_exceed: downgrade, models: {{small: large}}}}",
)

CHANGES: dict[str, Change] = {
    "AdaptiveConcurrency.initial": Change(f"{_LIMIT}.initial=1", "protected"),
    "AdaptiveConcurrency.min": Change(f"{_LIMIT}.min=2", "protected"),
    "AdaptiveConcurrency.max": Change(f"{_LIMIT}.max=3", "protected"),
    "AdaptiveConcurrency.latency": Change(f"{_LIMIT}.latency=300ms", "protected"),
    "AdaptiveConcurrency.backoff_ratio": Change(f"{_LIMIT}.backoff_ratio=0.4", "protected"),
    "AsksAgain.share": Change("workloads.tickets.asks_again.share=20%", "protected"),
    "AsksAgain.wrong": Change("workloads.tickets.asks_again.wrong=50%", "protected"),
    "AsksAgain.after": Change("workloads.tickets.asks_again.after=9s", "protected"),
    "AsksAgain.max": Change("workloads.tickets.asks_again.max=1", "protected"),
    "CircuitBreaker.error_rate": Change(f"{_BREAKER}.error_rate=90%", "protected"),
    "CircuitBreaker.slow_rate": Change(
        f"{_BREAKER}.slow_rate=15%", "protected", given=(f"{_BREAKER}.error_rate=100%",)
    ),
    "CircuitBreaker.slow_call": Change(
        f"{_BREAKER}.slow_call=100ms", "protected", given=(f"{_BREAKER}.error_rate=100%",)
    ),
    "CircuitBreaker.min_calls": Change(f"{_BREAKER}.min_calls=20", "protected"),
    "CircuitBreaker.window": Change(f"{_BREAKER}.window=2s", "protected"),
    "CircuitBreaker.cooldown": Change(f"{_BREAKER}.cooldown=6s", "protected"),
    "CircuitBreaker.probes": Change(f"{_BREAKER}.probes=1", "protected"),
    "Hedge.after": Change("routes.answer.hedge.after=p90", "protected"),
    "Hedge.max": Change("routes.answer.hedge.max=5%", "protected"),
    "Hedge.burst": Change("routes.answer.hedge.burst=1", "protected"),
    "OutlierDetection.consecutive_errors": Change(f"{_EJECTION}.consecutive_errors=4", "protected"),
    "OutlierDetection.base_ejection_time": Change(f"{_EJECTION}.base_ejection_time=1s", "protected"),
    "OutlierDetection.max_ejection_percent": Change(
        f"{_EJECTION}.max_ejection_percent=100%", "protected", given=(f"{_EJECTION}.consecutive_errors=1",)
    ),
    "RetryBudget.share": Change("routes.desks.retry_budget.share=5%", "protected"),
    "RetryBudget.burst": Change("routes.desks.retry_budget.burst=40", "protected"),
    "Route.retry_budget": Change("routes.desks.retry_budget=null", "protected"),
    "Route.circuit_breaker": Change(f"{_BREAKER}=null", "protected"),
    "Route.outlier_detection": Change(f"{_EJECTION}=null", "protected"),
    "Route.hedge": Change("routes.answer.hedge=null", "protected"),
    "Route.adaptive_concurrency": Change(f"{_LIMIT}=null", "protected"),
    "Route.max_parallel_requests": Change("routes.shelves.max_parallel_requests=1", "protected"),
    "Route.propagate_deadline": Change("routes.desks.propagate_deadline=false", "protected"),
    "Service.batch_queue_share": Change("services.desk.batch_queue_share=10%", "protected"),
    "Service.max_queue_wait": Change("services.desk.max_queue_wait=500ms", "protected"),
    "Service.cancellation": Change("services.desk.cancellation=true", "protected"),
    "Service.success_rate": Change("services.rules.success_rate=90%", "protected"),
    "Workload.limits": Change("workloads.tickets.limits=null", "protected"),
    "Workload.asks_again": Change("workloads.tickets.asks_again=null", "protected"),
    "WorkloadLimits.rpm": Change("workloads.tickets.limits.rpm=60", "protected"),
    "WorkloadLimits.tpm": Change("workloads.tickets.limits.tpm=20_000", "protected"),
    "WorkloadLimits.max_parallel_requests": Change(
        "workloads.tickets.limits.max_parallel_requests=3", "protected"
    ),
    "AbortingThreshold.threshold": Change(
        "thresholds={queue_wait: [{threshold: mean < 9s}]}",
        "check",
        given=("thresholds={queue_wait: [{threshold: mean < 1ms}]}",),
    ),
    "AbortingThreshold.abort_on_fail": Change(
        "thresholds={queue_wait: [{threshold: mean < 1ms, abort_on_fail: true}]}",
        "check",
        given=("thresholds={queue_wait: [{threshold: mean < 1ms}]}",),
    ),
    "Adoption.curve": Change("stages.pilot.adoption.curve=linear", "demand"),
    "Adoption.start": Change("stages.pilot.adoption.start=40%", "demand"),
    "Adoption.takes": Change("stages.pilot.adoption.takes=300%", "demand"),
    "Adoption.to": Change("stages.pilot.adoption.to=60%"),
    "Autoscaling.min_replicas": Change(f"{_SCALING}.min_replicas=3"),
    "Autoscaling.max_replicas": Change(f"{_SCALING}.max_replicas=2"),
    "Autoscaling.target_ongoing_requests": Change(f"{_SCALING}.target_ongoing_requests=3"),
    "Autoscaling.upscale_delay": Change(f"{_SCALING}.upscale_delay=20s"),
    "Autoscaling.downscale_delay": Change(f"{_SCALING}.downscale_delay=1s"),
    "Autoscaling.look_back_period": Change(f"{_SCALING}.look_back_period=20s"),
    "Autoscaling.metrics_interval": Change(f"{_SCALING}.metrics_interval=5s"),
    "Autoscaling.startup_delay": Change(f"{_SCALING}.startup_delay=10s"),
    "Backoff.base": Change(f"{_ANSWER}.backoff.base=500ms"),
    "Backoff.factor": Change(f"{_RECORDS}.backoff.factor=3"),
    "Backoff.max": Change(f"{_RECORDS}.backoff.max=120ms"),
    "Backoff.jitter": Change(f"{_ANSWER}.backoff.jitter=none"),
    "Baseline.cost_per_action": Change("economics.baseline.cost_per_action=$0.90", "costs"),
    "Baseline.success_rate": Change("economics.baseline.success_rate=70%", "costs"),
    "Baseline.handle_time": Change("economics.baseline.handle_time=3m", "costs"),
    "Baseline.workloads": Change("economics.baseline.workloads=[bulk]", "costs"),
    "Budget.monthly": Change("economics.budget.monthly=$700", "costs"),
    "Cache.type": Change("caches.answers.type=exact"),
    "Cache.size": Change("caches.answers.size=5"),
    "Cache.ttl": Change("caches.answers.ttl=3s"),
    "Cache.scope": Change("caches.answers.scope=global"),
    "Cache.latency": Change("caches.answers.latency=50ms"),
    "Cache.false_hit": Change("caches.answers.false_hit=60%"),
    "Cache.hit_rate": Change("caches.measured.hit_rate=80%"),
    "Cache.start": Change("caches.answers.start=cold"),
    "CacheStep.cache": Change(f"{_CALLS}.steps.3.cache=answers"),
    "CallStep.call": Change(f"{_CALLS}.steps.1.call=stock"),
    "Capacity.knobs": Change("capacity.knobs=[]", "plan"),
    "Capacity.headroom": Change("capacity.headroom=40%", "plan"),
    "Capacity.survive": Change("capacity.survive=[{replica_loss: 1, target: desk}]", "plan"),
    "Contingency.replica_loss": Change(
        "capacity.survive=[{replica_loss: 2}]", "plan", given=("capacity.survive=[{replica_loss: 1}]",)
    ),
    "Contingency.target": Change(
        "capacity.survive=[{replica_loss: 1, target: shelf}]",
        "plan",
        given=("capacity.survive=[{replica_loss: 1, target: desk}]",),
    ),
    "Contingency.stages": Change(
        "capacity.survive=[{replica_loss: 1, target: desk, stages: [all]}]",
        "plan",
        given=("capacity.survive=[{replica_loss: 1, target: desk}]",),
    ),
    "Contingency.region_loss": Change("capacity.survive=[{region_loss: home}]", "plan"),
    "Contingency.incident": Change(
        "capacity.survive=[{incident: slow}]",
        "plan",
        given=("incidents=[{name: slow, kind: latency, target: desk, factor: 1.3, duration: 1m}]",),
    ),
    "Commitment.models": Change("economics.commitments.cloud.models=[held]", "costs"),
    "Commitment.monthly": Change("economics.commitments.cloud.monthly=$3_000", "costs"),
    "Commitment.discount": Change("economics.commitments.cloud.discount=20%", "costs"),
    "Confidence.flags_wrong": Change(f"{_ANSWER}.confidence.flags_wrong=100%"),
    "Confidence.flags_ungrounded": Change(
        f"{_ANSWER}.confidence.flags_ungrounded=100%", given=("model_list.small.grounded.right=50%",)
    ),
    "Confidence.flags_right": Change(f"{_ANSWER}.confidence.flags_right=50%"),
    "Constant.distribution": Change("services.stock.service_time={distribution: exponential, mean: 300ms}"),
    "Constant.value": Change("services.stock.service_time.value=400ms"),
    "CsvProfile.file": Change(
        f"{_TICKETS}.profile.file=b.csv", given=(f"{_TICKETS}.profile={{file: a.csv}}",)
    ),
    "Economics.platform": Change("economics.platform=$9_000/month", "ledger"),
    "Economics.price_date": Change("economics.price_date=2025-06-09", "ledger"),
    "Economics.rework": Change("economics.rework=$0.2", "costs"),
    "Economics.wrong_answer": Change("economics.wrong_answer=$0.2", "costs"),
    "Economics.value_per_success": Change("economics.value_per_success=$0.2", "costs"),
    "Economics.baseline": Change(
        "economics.baseline=null", "costs", given=("economics.investment=0", "economics.discount_rate=0")
    ),
    "Economics.investment": Change("economics.investment=$900", "costs"),
    "Economics.discount_rate": Change("economics.discount_rate=4%", "costs"),
    "Economics.horizon": Change("economics.horizon=12", "costs"),
    "Economics.budget": Change("economics.budget=null", "costs"),
    "Economics.commitments": Change("economics.commitments=[]", "costs"),
    "Economics.uncertain": Change("economics.uncertain={users: {distribution: normal, cv: 5%}}", "ranges"),
    "Empirical.distribution": Change(f"{_CALLS}.output_tokens={{distribution: uniform, low: 10, high: 300}}"),
    "Empirical.quantiles": Change(f"{_CALLS}.output_tokens.quantiles={{0: 10, 0.5: 90, 1: 300}}"),
    "ExchangeRates.date": Change("fx.date=2026-12-01", "costs"),
    "ExchangeRates.rates": Change("fx.rates.EUR=1.3", "costs"),
    "Exponential.distribution": Change(
        "services.archive.service_time={distribution: constant, value: 700ms}"
    ),
    "Exponential.mean": Change("services.archive.service_time.mean=800ms"),
    "Gamma.distribution": Change("services.search.service_time.distribution=lognormal"),
    "Gamma.mean": Change("services.search.service_time.mean=600ms"),
    "Gamma.cv": Change("services.search.service_time.cv=0.5"),
    "GenerateStep.generate": Change(f"{_LOGS}.steps.2.generate=bulk"),
    "Knob.path": Change(f"{_KNOB}.path=services.shelf.replicas", "plan"),
    "Knob.min": Change(f"{_KNOB}.min=4", "plan"),
    "Knob.max": Change(f"{_KNOB}.max=2", "plan"),
    "Knob.steps": Change(
        f"{_KNOB}.steps=[1, 4]", "plan", (f"{_KNOB}={{path: services.desk.replicas, steps: [1, 2, 3]}}",)
    ),
    "Knob.lead_time": Change(f"{_KNOB}.lead_time=5w", "plan"),
    "Lognormal.distribution": Change(f"{_CRM_TIME}.distribution=gamma"),
    "Lognormal.mean": Change(f"{_CRM_TIME}.mean=500ms"),
    "Lognormal.cv": Change(f"{_CRM_TIME}.cv=0.6"),
    "LongPrompts.above": Change(
        "model_list.large.prices.long.above=300",
        "costs",
        given=("model_list.large.prices.long={above: 700, input: $1/Mtok, output: $2/Mtok}",),
    ),
    "LongPrompts.input": Change(
        "model_list.large.prices.long.input=$2/Mtok",
        "costs",
        given=("model_list.large.prices.long={above: 700, input: $1/Mtok, output: $2/Mtok}",),
    ),
    "LongPrompts.output": Change(
        "model_list.large.prices.long.output=$5/Mtok",
        "costs",
        given=("model_list.large.prices.long={above: 700, input: $1/Mtok, output: $2/Mtok}",),
    ),
    "LongPrompts.cached_input": Change(
        "model_list.large.prices.long.cached_input=$0.9/Mtok",
        "costs",
        given=("model_list.large.prices.long={above: 700, input: $1/Mtok, output: $2/Mtok}",),
    ),
    "Prices.long": Change(
        "model_list.large.prices.long={above: 700, input: $1/Mtok, output: $2/Mtok}", "costs"
    ),
    "Lognormal.p50": Change("model_list.large.ttft.p50=900ms"),
    "Lognormal.p95": Change("model_list.large.ttft.p95=3s"),
    "LognormalRange.distribution": Change("economics.uncertain.handle_time.distribution=normal", "factors"),
    "LognormalRange.cv": Change("economics.uncertain.handle_time.cv=60%", "factors"),
    "Model.provider": Change(
        "model_list.listed.provider=azure", "ledger", ("economics.price_date=2025-06-09",)
    ),
    "Model.model": Change("model_list.listed.model=gpt-4o", "ledger"),
    "Model.regions": Change("model_list.large.regions=[west]"),
    "Model.rpm": Change("model_list.small.rpm=20"),
    "Model.tpm": Change("model_list.large.tpm=10_000"),
    "Model.max_parallel_requests": Change("model_list.middle.max_parallel_requests=3"),
    "Model.weight": Change("model_list.listed.weight=3"),
    "Model.ttft": Change("model_list.middle.ttft={distribution: constant, value: 500ms}"),
    "Model.tpot": Change("model_list.middle.tpot={distribution: constant, value: 13ms}"),
    "Model.error_rate": Change("model_list.small.error_rate=20%"),
    "Model.success_rate": Change("model_list.middle.success_rate=50%"),
    "Model.prices": Change("model_list.listed.prices={input: 1, output: 4}", "ledger"),
    "Model.provisioned": Change("model_list.held.provisioned=null", "costs"),
    "Network.rtt": Change("network.rtt.east.west=150ms"),
    "Network.default": Change("network.default=100ms"),
    "Network.local": Change("network.local=5ms"),
    "NormalRange.distribution": Change("economics.uncertain.prompt_tokens.distribution=lognormal", "factors"),
    "NormalRange.cv": Change("economics.uncertain.output_tokens.cv=30%", "factors"),
    "NormalRange.mean": Change("economics.uncertain.output_tokens.mean=20%", "factors"),
    "Objective.statistic": Change('slos.latency.objective="p(50) < 4s"', "verdicts"),
    "Objective.op": Change('slos.latency.objective="p(95) <= 4s"', "verdicts"),
    "Objective.limit": Change('slos.latency.objective="p(95) < 5s"', "verdicts"),
    "Pool.model": Change(f"{_POOL}.model=Qwen/Qwen3-8B", "pools"),
    "Pool.gpu": Change(f"{_POOL}.gpu=a100_sxm", "pools"),
    "Pool.engine": Change(f"{_POOL}.engine=sglang", "pools"),
    "Pool.tensor_parallel": Change(f"{_SCALED}.tensor_parallel=8", "pools"),
    "Pool.replicas": Change(f"{_POOL}.replicas.west=2", "pools"),
    "Pool.max_num_seqs": Change(f"{_POOL}.max_num_seqs=16", "pools"),
    "Pool.max_num_batched_tokens": Change(f"{_POOL}.max_num_batched_tokens=1024", "pools"),
    "Pool.kv_cache_tokens": Change(f"{_POOL}.kv_cache_tokens=16_000", "pools"),
    "Pool.max_model_len": Change(f"{_POOL}.max_model_len=2_000", "pools"),
    "Pool.prefix_caching": Change(
        f"{_POOL}.prefix_caching=false", "pools", given=(f"{_BLOCKS}.hash_ids=null",)
    ),
    "Pool.load_balancing": Change(f"{_POOL}.load_balancing=prefix-affinity", "pools"),
    "Pool.max_queued_requests": Change(f"{_POOL}.max_queued_requests=2", "pools"),
    "Pool.price": Change(f"{_POOL}.price=$4/gpu_hour", "pools ledger"),
    "Pool.reserved": Change(f"{_POOL}.reserved=null", "pools ledger"),
    "Pool.spot": Change(f"{_SCALED_SPOT}=null", "pools"),
    "Spot.share": Change(f"{_SCALED_SPOT}.share=50%", "pools"),
    "Spot.price": Change(f"{_SCALED_SPOT}.price=$2/gpu_hour", "pools ledger"),
    "Spot.interruptions": Change(f"{_SCALED_SPOT}.interruptions=0.5 rpm", "pools"),
    "Spot.notice": Change(f"{_SCALED_SPOT}.notice=1s", "pools"),
    "Spot.wait": Change(f"{_SCALED_SPOT}.wait=20s", "pools"),
    "Spot.startup_delay": Change(f"{_SCALED_SPOT}.startup_delay=6s", "pools"),
    "Spot.fallback": Change(f"{_SCALED_SPOT}.fallback=none", "pools"),
    "Pool.gpu_memory_utilization": Change(f"{_SCALED}.gpu_memory_utilization=47.2%", "pools"),
    "Pool.async_scheduling": Change(f"{_POOL}.async_scheduling=true", "pools"),
    "Pool.speculation": Change(f"{_POOL}.speculation={_DRAFTS}", "pools"),
    "Speculation.tokens": Change(
        f"{_POOL}.speculation.tokens=3", "pools", given=(f"{_POOL}.speculation={_DRAFTS}",)
    ),
    "Speculation.acceptance": Change(
        f"{_POOL}.speculation.acceptance=70%", "pools", given=(f"{_POOL}.speculation={_DRAFTS}",)
    ),
    "Speculation.draft_cost": Change(
        f"{_POOL}.speculation.draft_cost=20%", "pools", given=(f"{_POOL}.speculation={_DRAFTS}",)
    ),
    "Pool.iteration_overhead": Change(f"{_POOL}.iteration_overhead=3ms", "pools"),
    "Pool.profile": Change(f"{_POOL}.profile=steps.csv", "pools"),
    "Pool.autoscaling": Change(f"{_POOL_SCALING}=null", "pools"),
    "PoolAutoscaling.min_replicas": Change(f"{_POOL_SCALING}.min_replicas=2", "pools"),
    "PoolAutoscaling.max_replicas": Change(
        f"{_POOL_SCALING}.max_replicas=2", "pools", (f"{_POOL_SCALING}.target_ongoing_requests=2",)
    ),
    "PoolAutoscaling.target_ongoing_requests": Change(f"{_POOL_SCALING}.target_ongoing_requests=20", "pools"),
    "PoolAutoscaling.target_queued_requests": Change(
        f"{_POOL_SCALING}.target_queued_requests=3",
        "pools",
        (
            f"{_POOL_SCALING}.target_ongoing_requests=null",
            f"{_POOL_SCALING}.target_queued_requests=1",
            f"{_SCALED}.max_num_seqs=8",
        ),
    ),
    "PoolAutoscaling.target_kv_usage": Change(
        f"{_POOL_SCALING}.target_kv_usage=30%",
        "pools",
        (f"{_POOL_SCALING}.target_ongoing_requests=null", f"{_POOL_SCALING}.target_kv_usage=3%"),
    ),
    "PoolAutoscaling.target_ttft": Change(
        f"{_POOL_SCALING}.target_ttft=2s",
        "pools",
        (f"{_POOL_SCALING}.target_ongoing_requests=null", f"{_POOL_SCALING}.target_ttft=100ms"),
    ),
    "PoolAutoscaling.upscale_delay": Change(f"{_POOL_SCALING}.upscale_delay=20s", "pools"),
    "PoolAutoscaling.downscale_delay": Change(f"{_POOL_SCALING}.downscale_delay=1s", "pools"),
    "PoolAutoscaling.look_back_period": Change(f"{_POOL_SCALING}.look_back_period=20s", "pools"),
    "PoolAutoscaling.metrics_interval": Change(f"{_POOL_SCALING}.metrics_interval=5s", "pools"),
    "PoolAutoscaling.startup_delay": Change(f"{_POOL_SCALING}.startup_delay=10s", "pools"),
    "Popularity.exponent": Change(f"{_TICKETS}.popularity.exponent=0.3"),
    "Popularity.items": Change(f"{_TICKETS}.popularity.items=20"),
    "Popularity.phrasings": Change(f"{_LOGS}.popularity.phrasings=5"),
    "Grounded.right": Change("model_list.small.grounded.right=50%"),
    "Grounded.wrong": Change("model_list.small.grounded.wrong=50%"),
    "Prices.input": Change("model_list.small.prices.input=2", "ledger"),
    "Prices.output": Change("model_list.small.prices.output=9", "ledger"),
    "Prices.cached_share": Change("model_list.large.prices.cached_share=60%", "costs"),
    "Prices.cached_input": Change("model_list.large.prices.cached_input=$0.05/Mtok", "costs"),
    "Prices.discount": Change("model_list.large.prices.discount=15%", "costs"),
    "Prices.batch_discount": Change(
        "model_list.held.prices.batch_discount=20%",
        "costs",
        given=("model_list.large.prices.batch_discount=0",),
    ),
    "Provisioned.units": Change("model_list.held.provisioned.units=1", "costs"),
    "Provisioned.price": Change("model_list.held.provisioned.price=$1/unit_hour", "costs"),
    "Provisioned.tpm_per_unit": Change("model_list.held.provisioned.tpm_per_unit=2_000", "costs"),
    "Provisioned.output_weight": Change("model_list.held.provisioned.output_weight=1", "costs"),
    "Provisioned.overflow": Change("model_list.held.provisioned.overflow=false", "costs"),
    "Region.timezone": Change("regions.east.timezone=Asia/Kolkata"),
    "Region.holidays": Change(f"regions.east.holidays=[{', '.join(_DAYS)}]"),
    "Reserved.replicas": Change(f"{_POOL}.reserved.replicas.east=2", "pools ledger"),
    "Reserved.price": Change(f"{_POOL}.reserved.price=$1/gpu_hour", "pools ledger"),
    "ReviewRule.team": Change(f"{_TICKETS}.steps.4.review.team=others"),
    "ReviewRule.sample": Change(f"{_TICKETS}.steps.4.review.sample=50%"),
    "ReviewRule.before": Change(f"{_TICKETS}.steps.4.review.before=50%"),
    "ReviewRule.of": Change(
        f"{_TICKETS}.steps.4.review.of=hard", given=(f"{_TICKETS}.steps.4.review.before=80%",)
    ),
    "ReviewRule.draft": Change(
        f"{_TICKETS}.steps.4.review.draft=true", given=(f"{_TICKETS}.steps.4.review.before=80%",)
    ),
    "Team.drafts": Change(
        "teams.agents.drafts={rejected: 90%, reject: {distribution: constant, value: 9s}}", given=_DRAFTED
    ),
    "Drafts.approve": Change(
        "teams.agents.drafts.approve={distribution: constant, value: 2s}", given=_DRAFTED
    ),
    "Drafts.change": Change("teams.agents.drafts.change={distribution: constant, value: 9s}", given=_DRAFTED),
    "Drafts.reject": Change("teams.agents.drafts.reject={distribution: constant, value: 9s}", given=_DRAFTED),
    "Drafts.rejected": Change("teams.agents.drafts.rejected=10%", given=_DRAFTED),
    "ReviewRule.when": Change(f"{_LOGS}.steps.3.review.when=[exhausted]"),
    "ReviewStep.review": Change(
        f"{_TICKETS}.steps.4.review={{team: agents, sample: 40%, when: [exhausted, low_confidence]}}"
    ),
    "Route.timeout": Change(f"{_ANSWER}.timeout=3s"),
    "Route.per_try_timeout": Change(f"{_ANSWER}.per_try_timeout=1500ms"),
    "Route.num_retries": Change(f"{_ANSWER}.num_retries=2"),
    "Route.retry_on": Change(f"{_ANSWER}.retry_on=[error]"),
    "Route.backoff": Change(f"{_ANSWER}.backoff=null"),
    "Route.failover_after": Change(f"{_ANSWER}.failover_after=null"),
    "Route.routing_strategy": Change("routes.bulk.routing_strategy=cascade"),
    "Route.choose": Change("routes.bulk.choose=[large, middle]"),
    "Route.fallbacks": Change(f"{_ANSWER}.fallbacks=[middle, human]"),
    "Route.confidence": Change(f"{_ANSWER}.confidence=null"),
    "Route.max_context_tokens": Change(f"{_ANSWER}.max_context_tokens=400"),
    "Scenario.thresholds": Change("thresholds={queue_wait: [mean < 3s]}", "check"),
    "Scenario.currency": Change("currency=GBP", "costs"),
    "Scenario.fx": Change("fx.rates.GBP=1.6", "costs"),
    "Service.regions": Change("services.crm.regions=[west]"),
    "Service.replicas": Change("services.archive.replicas=2"),
    "Service.max_ongoing_requests": Change("services.archive.max_ongoing_requests=2"),
    "Service.max_queued_requests": Change("services.archive.max_queued_requests=0"),
    "Service.patience": Change("services.search.patience=null"),
    "Service.service_time": Change("services.stock.service_time={distribution: constant, value: 500ms}"),
    "Service.rate_limit": Change("services.crm.rate_limit=0.4"),
    "Service.burst": Change("services.crm.burst=1"),
    "Service.error_rate": Change("services.crm.error_rate=30%"),
    "Service.context_tokens": Change("services.search.context_tokens=100"),
    "Service.cost": Change("services.crm.cost=$0.01/call", "ledger"),
    "Service.price": Change("services.search.price=$3/hour", "ledger"),
    "Service.autoscaling": Change(f"{_SCALING}=null"),
    "Shift.days": Change("teams.agents.shifts.0.days=[1, 2]"),
    "Shift.start_hour": Change("teams.agents.shifts.0.start_hour=9"),
    "Shift.end_hour": Change("teams.agents.shifts.1.end_hour=7"),
    "Shift.share": Change("teams.agents.shifts.1.share=100%"),
    "Slo.indicator": Change("slos.latency.indicator=ttft", "verdicts"),
    "Slo.objective": Change('slos.latency.objective="mean < 4s"', "verdicts"),
    "Slo.workload": Change("slos.latency.workload=logs", "verdicts"),
    "Stage.duration": Change("stages.dark.duration=20w"),
    "Stage.exposure": Change("stages.pilot.exposure=50%"),
    "Stage.workloads": Change("stages.pilot.workloads=[tickets]"),
    "Stage.adoption": Change("stages.pilot.adoption=null"),
    "Scenario.telemetry": Change("telemetry=null", "costs"),
    "Telemetry.bytes_per_action": Change("telemetry.bytes_per_action=3MB", "costs"),
    "Telemetry.region": Change(
        "telemetry.region=west",
        "costs",
        given=("telemetry.region=east", "network.egress={price: $0.50/GB}"),
    ),
    "Telemetry.sample": Change("telemetry.sample=100%", "costs"),
    "Telemetry.retention": Change("telemetry.retention=9d", "costs"),
    "Telemetry.ingestion": Change("telemetry.ingestion=$3/GB", "costs"),
    "Telemetry.storage": Change("telemetry.storage=$0.90/GB", "costs"),
    "Stage.investment": Change("stages.all.investment=$900", "costs"),
    "Stage.changes": Change("stages.all.changes={services.shelf.service_time.value: 900ms}", "plan"),
    "Stage.gates": Change("stages.all.gates={approval: {by: cfo}}", "plan"),
    "Gates.entry": Change('stages.all.gates={entry: {"availability": [">= 1%"]}}', "plan"),
    "Gates.exit": Change('stages.half.gates={exit: {"availability": [">= 1%"]}}', "plan"),
    "Gates.pause": Change("stages.half.gates={pause: 1w}", "plan"),
    "Gates.approval": Change("stages.half.gates={approval: {by: cto}}", "plan"),
    "Approval.by": Change(
        "stages.half.gates={approval: {by: cfo}}", "plan", given=("stages.half.gates={approval: {by: cto}}",)
    ),
    "Approval.takes": Change(
        "stages.half.gates={approval: {by: cto, takes: 3d}}",
        "plan",
        given=("stages.half.gates={approval: {by: cto}}",),
    ),
    "CsvCurve.file": Change(
        "stages.pilot.adoption={curve: {file: late.csv}}",
        "demand",
        given=("stages.pilot.adoption={curve: {file: early.csv}}",),
    ),
    "Stage.growth": Change("stages.pilot.growth=50%"),
    "Team.staff": Change("teams.agents.staff=1"),
    "Team.shifts": Change("teams.agents.shifts=always"),
    "Team.handle_time": Change("teams.agents.handle_time.mean=5s"),
    "Team.patience": Change("teams.agents.patience=null"),
    "Team.success_rate": Change("teams.agents.success_rate=50%", given=_REVIEWED),
    "Overrides.wrong": Change("teams.agents.overrides.wrong=20%", given=_REVIEWED),
    "Overrides.right": Change("teams.agents.overrides.right=60%", given=_REVIEWED),
    "Team.cost": Change("teams.agents.cost=$40/hour", "ledger"),
    "Team.cost by region": Change("teams.agents.cost.west=$40/hour", "costs"),
    "TokenTrace.scale": Change(f"{_LOGS}.output_tokens.scale=2"),
    "Trace.file": Change(f"{_LOGS}.trace.file=lengths.csv"),
    "Trace.time": Change(f"{_LOGS}.trace.time=later"),
    "Trace.time_unit": Change(f"{_LOGS}.trace.time_unit=ms", given=(f"{_LOGS}.trace.scale=0.002",)),
    "Trace.prompt_tokens": Change(f"{_LOGS}.trace.prompt_tokens=output"),
    "Trace.output_tokens": Change(f"{_LOGS}.trace.output_tokens=prompt"),
    "Trace.replay": Change(f"{_LOGS}.trace.replay=lengths", given=(f"{_LOGS}.arrival_rate=1",)),
    "Trace.session": Change(f"{_LOGS}.trace.session=whose", given=_SESSIONS),
    "Trace.latency": Change(f"{_LOGS}.trace.latency=took", given=_SESSIONS),
    "Trace.scale": Change(f"{_LOGS}.trace.scale=2"),
    "Trace.hash_ids": Change(f"{_BLOCKS}.hash_ids=others", "pools"),
    "Trace.block_tokens": Change(f"{_BLOCKS}.block_tokens=128", "pools"),
    "Trace.spread": Change(f"{_BLOCKS}.spread=true", "pools"),
    "Trace.rotate": Change(f"{_LOGS}.trace.rotate=false"),
    "TriangularRange.distribution": Change(
        "economics.uncertain.users={distribution: uniform, low: -20%, high: 35%}", "factors"
    ),
    "TriangularRange.low": Change("economics.uncertain.users.low=-50%", "factors"),
    "TriangularRange.mode": Change("economics.uncertain.users.mode=20%", "factors"),
    "TriangularRange.high": Change("economics.uncertain.users.high=50%", "factors"),
    "Turns.distribution": Change(
        f"{_TICKETS}.turns.distribution=constant", given=(f"{_TICKETS}.turns.mean=2",)
    ),
    "Turns.mean": Change(f"{_TICKETS}.turns.mean=3"),
    "Turns.think_time": Change(f"{_TICKETS}.turns.think_time=1s"),
    "Uncertain.users": Change("economics.uncertain.users=null", "ranges"),
    "Uncertain.prompt_tokens": Change("economics.uncertain.prompt_tokens=null", "ranges"),
    "Uncertain.output_tokens": Change("economics.uncertain.output_tokens=null", "ranges"),
    "Uncertain.token_price": Change("economics.uncertain.token_price=null", "ranges"),
    "Uncertain.handle_time": Change("economics.uncertain.handle_time=null", "ranges"),
    "Uncertain.people_cost": Change("economics.uncertain.people_cost=null", "ranges"),
    "Uncertain.success_rate": Change("economics.uncertain.success_rate=null", "ranges"),
    "Uncertain.hand_off_rate": Change("economics.uncertain.hand_off_rate=null", "ranges"),
    "Uncertain.adoption_delay": Change("economics.uncertain.adoption_delay=null", "ranges"),
    "Uncertain.exchange_rate": Change("economics.uncertain.exchange_rate=null", "ranges"),
    "Uncertain.error_share": Change("economics.uncertain.error_share=null", "ranges"),
    "Uniform.distribution": Change("services.search.patience={distribution: constant, value: 3s}"),
    "Uniform.low": Change("services.search.patience.low=100ms"),
    "Uniform.high": Change("services.search.patience.high=2s"),
    "UniformRange.distribution": Change(
        "economics.uncertain.token_price={distribution: triangular, low: -30%, high: 10%}", "factors"
    ),
    "UniformRange.low": Change("economics.uncertain.token_price.low=-10%", "factors"),
    "UniformRange.high": Change("economics.uncertain.token_price.high=30%", "factors"),
    "ValidateRule.reject": Change(f"{_TICKETS}.steps.0.validate.reject=30%"),
    "ValidateRule.latency": Change(f"{_TICKETS}.steps.0.validate.latency=90ms"),
    "ValidateStep.validate": Change(f"{_TICKETS}.steps.0.validate={{reject: 20%}}"),
    "Window.start": Change("window.start=peak"),
    "Window.duration": Change("window.duration=50s"),
    "Window.warmup": Change("window.warmup=10s"),
    "Workload.users": Change(f"{_CALLS}.users.west=500"),
    "Workload.actions_per_user": Change(f"{_CALLS}.actions_per_user=0.002"),
    "WorkdayRate.per_workday": Change(
        f"{_CALLS}.actions_per_user=90 per workday", given=(f"{_CALLS}.actions_per_user=60 per workday",)
    ),
    "Workload.arrival_rate": Change(f"{_TICKETS}.arrival_rate.east=2"),
    "Workload.clients": Change(f"{_TICKETS}.clients=9", given=_CLIENTS),
    "Workload.think_time": Change(f"{_TICKETS}.think_time.mean=4s", given=_CLIENTS),
    "Workload.trace": Change(f"{_LOGS}.trace.file=lengths.csv"),
    "Workload.profile": Change(f"{_TICKETS}.profile=flat"),
    "Workload.burstiness": Change(f"{_TICKETS}.burstiness=0.7"),
    "Workload.prompt_tokens": Change(f"{_CALLS}.prompt_tokens.p50=700"),
    "Workload.output_tokens": Change(f"{_CALLS}.output_tokens={{distribution: constant, value: 60}}"),
    "Workload.wander": Change(f"{_TICKETS}.wander={_WANDER}"),
    "Wander.cv": Change(f"{_TICKETS}.wander.cv=0.2", given=(f"{_TICKETS}.wander={_WANDER}",)),
    "Wander.time_constant": Change(
        f"{_TICKETS}.wander.time_constant=9m", given=(f"{_TICKETS}.wander={_WANDER}",)
    ),
    "Wander.common": Change(f"{_TICKETS}.wander.common=100%", given=(f"{_TICKETS}.wander={_WANDER}",)),
    "Workload.joint_lengths": Change(f"{_TICKETS}.joint_lengths={{correlation: 0.5}}"),
    "JointLengths.correlation": Change(
        f"{_TICKETS}.joint_lengths.correlation=-0.4",
        given=(f"{_TICKETS}.joint_lengths={{correlation: 0.5}}",),
    ),
    "JointLengths.ranks": Change(
        f"{_TICKETS}.joint_lengths.ranks=[[1, 3], [3, 1]]",
        given=(f"{_TICKETS}.joint_lengths={{ranks: [[3, 1], [1, 3]]}}",),
    ),
    "Workload.system_prompt_tokens": Change("workloads.chat.system_prompt_tokens=300", "pools"),
    "Workload.turns": Change(f"{_TICKETS}.turns=null"),
    "Workload.complexity": Change(f"{_TICKETS}.complexity={{easy: 0.2, hard: 0.8}}"),
    "Workload.popularity": Change(f"{_TICKETS}.popularity={{items: 10}}"),
    "Workload.priority": Change(f"{_CALLS}.priority=interactive"),
    "Workload.timeout": Change(f"{_TICKETS}.timeout=3s"),
    "Workload.steps": Change(
        f"{_LOGS}.steps=[{{call: stock}}, {{generate: hosted}}, {{call: stock}}, "
        "{cache: words}, {generate: hosted}, {review: {team: others, sample: 5%}}]"
    ),
    "Workload.budget": Change(f"{_TICKETS}.budget={{max_budget: 0.0005, check_every: 5s}}"),
    "Workload.tenants": Change(_SHARED[0]),
    "Tenant.share": Change(_SHARED[0].replace("60%", "50%").replace("40%", "50%"), given=_SHARED),
    "Tenant.burstiness": Change(f"{_ACME}.burstiness=4", given=_SHARED),
    "Tenant.limits": Change(f"{_ACME}.limits=null", given=_SHARED),
    "Tenant.budget": Change(f"{_ACME}.budget={{max_budget: 0.0005, check_every: 2s}}", given=_SHARED),
    "WorkloadBudget.max_budget": Change(f"{_TICKETS}.budget.max_budget=0.003", given=_BUDGET),
    "WorkloadBudget.budget_duration": Change(f"{_TICKETS}.budget.budget_duration=20s", given=_BUDGET),
    "WorkloadBudget.timezone": Change(
        f"{_TICKETS}.budget.timezone=Pacific/Noumea",  # where it is midnight 30 s into the window
        given=(
            f"{_TICKETS}.budget={{max_budget: 0.0005, check_every: 2s, budget_duration: 1d, spent: 0.0004}}",
        ),
    ),
    "WorkloadBudget.provisioned": Change(
        "workloads.bulk.budget={max_budget: $0.05, check_every: 60s, provisioned: true}",
        "costs",
        ("workloads.bulk.budget={max_budget: $0.05, check_every: 60s}",),
    ),
    "WorkloadBudget.on_exceed": Change(f"{_TICKETS}.budget.on_exceed=alert", given=_BUDGET),
    "WorkloadBudget.rpm": Change(f"{_TICKETS}.budget.rpm=40", given=_THROTTLE),
    "WorkloadBudget.models": Change(f"{_TICKETS}.budget.models.small=middle", given=_DOWNGRADE),
    "WorkloadBudget.spent": Change(
        f"{_TICKETS}.budget.spent=0.0029",
        given=(f"{_TICKETS}.budget={{max_budget: 0.003, check_every: 2s}}",),
    ),
    "WorkloadBudget.check_every": Change(f"{_TICKETS}.budget.check_every=30s", given=_BUDGET),
}
