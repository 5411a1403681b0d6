"""Small scenarios about self-hosted pools, each about a few mechanisms, that the engine and the reference both run."""

from typing import Any

from simulator.scenario.model import Scenario
from tests.differential.scenarios import exponential, gamma, lognormal, model, scenario_of

TOKENS = {"prompt_tokens": lognormal(700.0, 1.0), "output_tokens": gamma(110.0, 0.7)}


def pool(name: str, replicas: int | dict[str, int] = 1, **values: Any) -> dict[str, Any]:
    """An 8B model on H100s."""
    own = {"model": "meta-llama/Meta-Llama-3.1-8B", "gpu": "h100_sxm", "replicas": replicas, "price": 2.99}
    listed = {key: values.pop(key) for key in ("error_rate", "max_parallel_requests") if key in values}
    return {"model_name": name, "pool": own | values, **listed}


def chat(rate: float, **values: Any) -> dict[str, Any]:
    """A workload that asks the pool `own`."""
    return {"name": "chat", "arrival_rate": rate, "steps": [{"generate": "own"}], **TOKENS, **values}


def one_replica() -> Scenario:
    """Batches of a dozen."""
    return scenario_of(workloads=[chat(9.0)], model_list=[pool("own")])


def bursts() -> Scenario:
    """Arrivals in bursts (CV 4): empty and crowded in turns."""
    return scenario_of(workloads=[chat(6.0, burstiness=4.0)], model_list=[pool("own", 2)])


def speculating() -> Scenario:
    """Drafts that take most of an iteration's budget: prompts in chunks, little memory, batches that no graph holds."""
    settings = {
        "max_num_batched_tokens": 512,
        "max_num_seqs": 64,
        "kv_cache_tokens": 24_000,
        "max_model_len": 9_000,
    }
    drafts = {"tokens": 5, "acceptance": 0.7}
    return scenario_of(
        workloads=[chat(9.0, burstiness=2.0)],
        model_list=[pool("own", speculation=drafts, async_scheduling=True, **settings)],
    )


def long_prompts() -> Scenario:
    """Prompts longer than the budget of an iteration: worked on in chunks beside the decodes."""
    tokens = {"prompt_tokens": lognormal(3000.0, 1.2), "output_tokens": gamma(60.0, 0.8)}
    return scenario_of(
        workloads=[chat(3.0) | tokens], model_list=[pool("own", max_num_batched_tokens=1024, max_num_seqs=24)]
    )


def little_memory() -> Scenario:
    """A cache that is too small for those who run: preemption, recomputation."""
    return scenario_of(
        workloads=[chat(8.0, burstiness=2.0)],
        model_list=[pool("own", kv_cache_tokens=12_000, max_model_len=6_000, prefix_caching=False)],
    )


def stalled() -> Scenario:
    """Iterations of whole prompts alone, for which decodes wait."""
    settings = {"chunked_prefill": False, "engine_version": "0.9", "max_model_len": 8_192}
    return scenario_of(workloads=[chat(5.0, burstiness=2.0)], model_list=[pool("own", 2, **settings)])


def stalled_in_little_memory() -> Scenario:
    """The same with few seats, preemption, and turns that find what was said before."""
    settings = {"chunked_prefill": False, "engine_version": "0.9", "max_model_len": 6_000, "max_num_seqs": 24}
    turns = {"distribution": "geometric", "mean": 3.0, "think_time": 4.0}
    return scenario_of(
        workloads=[chat(2.0, turns=turns)], model_list=[pool("own", kv_cache_tokens=12_000, **settings)]
    )


def conversations() -> Scenario:
    """Turns that repeat what was said: the cache still has it, or has lost it."""
    turns = {"distribution": "geometric", "mean": 4.0, "think_time": 8.0}
    return scenario_of(
        workloads=[chat(1.2, turns=turns)],
        model_list=[
            pool("own", 3, kv_cache_tokens=30_000, max_model_len=20_000, load_balancing="prefix-affinity")
        ],
    )


def conversations_with_calls() -> Scenario:
    """Calls add to the prompt, and a route cuts it: part of what was said is not repeated."""
    turns = {"distribution": "geometric", "mean": 5.0, "think_time": 4.0}
    steps = [{"call": "search"}, {"generate": "route"}]
    return scenario_of(
        workloads=[
            chat(1.0, turns=turns) | {"steps": steps},
            chat(1.0, turns=turns) | {"name": "plain", "steps": [{"generate": "route"}]},
        ],
        services={"search": {"service_time": exponential(0.2), "context_tokens": 300}},
        routes={"route": {"choose": ["own"], "max_context_tokens": 4_000}},
        model_list=[
            pool("own", 2, kv_cache_tokens=20_000, max_model_len=6_000, load_balancing="round-robin")
        ],
    )


def priorities() -> Scenario:
    """Interactive before batch: in line, and when memory runs out."""
    return scenario_of(
        workloads=[chat(3.0), chat(5.0) | {"name": "sort", "priority": "batch"}],
        model_list=[pool("own", max_num_seqs=16, kv_cache_tokens=9_000, max_model_len=5_000)],
    )


def impatience() -> Scenario:
    """Time-outs cut attempts off in the queue, in the prompt and in the answer; others are shed or fall back."""
    steps = [{"generate": "route"}]
    return scenario_of(
        regions={"east": {}, "west": {}},
        network={"rtt": {"east": {"west": 0.0703}}, "local": 0.0021},
        workloads=[
            chat(9.0, burstiness=2.0, timeout=4.0) | {"steps": steps},
            chat(5.0) | {"name": "sort", "priority": "batch", "steps": steps},
        ],
        routes={
            "route": {
                "choose": ["own"],
                "fallbacks": ["hosted"],
                "per_try_timeout": 1.1,
                "num_retries": 2,
                "retry_on": ["timeout", "error", "overload"],
            }
        },
        model_list=[
            pool("own", 2, max_num_seqs=10, max_queued_requests=6, error_rate=0.02, max_model_len=2_500)
            | {"regions": ["east"]},
            model("hosted", 0.4, 0.01),
        ],
    )


def absent_in_one_region() -> Scenario:
    """A pool with replicas in one of two regions: the other's users are sent on at once, and wait for nobody."""
    rates = {"east": 3.0, "west": 2.0}
    return scenario_of(
        regions={"east": {}, "west": {}},
        workloads=[chat(0.0) | {"arrival_rate": rates, "steps": [{"generate": "route"}]}],
        routes={"route": {"choose": ["own"], "fallbacks": ["hosted"], "num_retries": 0}},
        model_list=[pool("own", {"east": 1, "west": 0}), model("hosted", 0.4, 0.01)],
    )


def spot_with_stand_ins() -> Scenario:
    """Half of what is not reserved is taken back once a minute, and replaced on demand until there is spot again."""
    spot = {
        "share": 0.5,
        "price": 1.25,
        "interruptions": 1.0 / 60.0,
        "notice": 2.1,
        "wait": 7.0,
        "startup_delay": 3.3,
    }
    reserved = {"replicas": 1, "price": 2.0}
    return _lent(pool("own", 5, max_num_seqs=8, spot=spot, reserved=reserved))


def spot_alone() -> Scenario:
    """All on spot, lost with little notice: at times nobody serves, and who waits is sent on."""
    spot = {"share": 1.0, "price": 1.25, "interruptions": 1.0 / 60.0, "notice": 0.4, "wait": 20.0}
    return _lent(pool("own", 3, max_num_seqs=12, spot=spot | {"startup_delay": 5.0, "fallback": "none"}))


def _lent(own: dict[str, Any]) -> Scenario:
    steps = [{"generate": "route"}]
    route = {"choose": ["own"], "fallbacks": ["hosted"], "num_retries": 1, "per_try_timeout": 6.0}
    return scenario_of(
        workloads=[
            chat(16.0) | {"steps": steps},
            chat(5.0) | {"name": "sort", "priority": "batch", "steps": steps},
        ],
        routes={"route": route | {"retry_on": ["timeout", "error"]}},
        model_list=[own, model("hosted", 0.4, 0.01)],
    )


def system_prompts() -> Scenario:
    """What all prompts begin with is held together, evicted as a whole, and found again; two kinds of users."""
    turns = {"distribution": "geometric", "mean": 3.0, "think_time": 5.0}
    return scenario_of(
        workloads=[
            chat(2.0, turns=turns, system_prompt_tokens=1_500),
            chat(1.5, system_prompt_tokens=407) | {"name": "sort", "priority": "batch"},
            chat(1.0) | {"name": "plain"},
        ],
        model_list=[
            pool("own", 2, kv_cache_tokens=14_000, max_model_len=9_000, load_balancing="prefix-affinity")
        ],
    )


def cut_system_prompts() -> Scenario:
    """A route that cuts prompts shorter than the system prompt; seats and memory are short."""
    return scenario_of(
        workloads=[chat(7.0, burstiness=2.0, system_prompt_tokens=900) | {"steps": [{"generate": "route"}]}],
        routes={"route": {"choose": ["own"], "max_context_tokens": 880, "per_try_timeout": 6.0}},
        model_list=[pool("own", 2, kv_cache_tokens=8_000, max_num_seqs=12, max_num_batched_tokens=512)],
    )


def recorded_chat() -> Scenario:
    """Recorded arrivals and lengths."""
    trace = {
        "file": "azure_llm_2023_conv.csv.gz",
        "time": "TIMESTAMP",
        "prompt_tokens": "ContextTokens",
        "output_tokens": "GeneratedTokens",
        "replay": "arrivals",
    }
    return scenario_of(workloads=[_replayed(trace)], model_list=[pool("own", kv_cache_tokens=60_000)])


def recorded_blocks() -> Scenario:
    """Recorded long prompts with the hashes of their blocks; one in three seconds is on time."""
    trace = {
        "file": "mooncake_conversation.jsonl.gz",
        "time": "timestamp",
        "time_unit": "ms",
        "prompt_tokens": "input_length",
        "output_tokens": "output_length",
        "hash_ids": "hash_ids",
        "spread": True,
        "replay": "arrivals",
        "scale": 0.6,
    }
    own = pool("own", 3, kv_cache_tokens=200_000, load_balancing="prefix-affinity")
    return scenario_of(workloads=[_replayed(trace)], model_list=[own])


def _replayed(trace: dict[str, Any]) -> dict[str, Any]:
    lengths = {"prompt_tokens": {"trace": True}, "output_tokens": {"trace": True, "scale": 1.3}}
    return {"name": "chat", "trace": trace, "steps": [{"generate": "own"}], **lengths}
