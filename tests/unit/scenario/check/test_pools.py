"""Pools that cannot be: each has one message, with the line and what would be right."""

import pytest

from simulator.compiler.external_files import check_external_files
from simulator.scenario.read.errors import ScenarioError
from tests.unit.scenario.conftest import Load

BESIDE = """\
metadata: {name: beside}
workloads:
  - name: ask
    arrival_rate: 1 rps
    prompt_tokens: {distribution: constant, value: 100}
    output_tokens: {distribution: constant, value: 100}
    steps: [{generate: answer}]
model_list:
  - {model_name: own, pool: {model: meta-llama/Meta-Llama-3.1-8B, gpu: h100_sxm}}
  - {model_name: hosted, provider: openai, model: gpt-4o-mini,
     ttft: {distribution: constant, value: 1s}, tpot: {distribution: constant, value: 10ms}}
routes: {answer: {choose: [own], fallbacks: [hosted]}}
capacity:
  knobs: [{path: model_list.own.pool.replicas, min: 1, max: 4}]
"""


def test_replicas_without_a_price_cannot_be_weighed_against_tokens(load: Load) -> None:
    with pytest.raises(ScenarioError) as error:
        load(BESIDE)
    (problem,) = error.value.problems
    assert (problem.path, problem.line) == ("capacity.knobs.0", 14)
    assert "cannot be weighed against the tokens of `hosted`" in str(problem)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("gpu: h100_sxm", "gpu: h100_sxm, price: $2.99/gpu_hour"),
        ("gpu: h100_sxm", "gpu: h100_sxm, price: $0/gpu_hour"),  # said to be free
        ("max: 4", "max: 4, unit_cost: $2_000/month"),
        ("fallbacks: [hosted]", "fallbacks: [human]"),
    ],
)
def test_replicas_with_a_price_or_alone_can_be_planned(load: Load, old: str, new: str) -> None:
    text = BESIDE.replace(old, new)
    if "human" in new:
        text = text.replace(
            "generate: answer}]",
            "generate: answer}, {review: {team: t, when: [exhausted]}}, {generate: hosted}]",
        )
        text += "teams: {t: {staff: 1, handle_time: {distribution: constant, value: 1s}}}\n"
    assert load(text).scenario.capacity.knobs


@pytest.mark.parametrize(
    ("size", "message"),
    [
        ("max_model_len: 500_000", "500,000 tokens are more than the model takes (at most 131,072)"),
        ("kv_cache_tokens: 9_000_000", "9,000,000 tokens do not fit into the GPUs' memory"),
        (
            "chunked_prefill: false, engine_version: '0.9'",
            "8,192 tokens of an iteration do not hold a request of 131,072",
        ),
        ("max_model_len: 90", "the shortest prompt has 100 tokens, and `own` takes 90"),
    ],
)
def test_sizes_beyond_the_model_or_its_gpus_are_told_with_what_is_possible(
    load: Load, size: str, message: str
) -> None:
    loaded = load(BESIDE.replace("gpu: h100_sxm", f"gpu: h100_sxm, price: $2.99/gpu_hour, {size}"))
    with pytest.raises(ScenarioError) as error:
        check_external_files(loaded)
    (problem,) = error.value.problems
    assert message in str(problem)
    assert problem.line is not None


@pytest.mark.parametrize(
    ("keys", "path", "message"),
    [
        ("engine_version: latest", "engine_version", "write major and minor number, e.g. '0.11'"),
        (
            "engine_version: 0.10",
            "engine_version",
            "0.1 is a number, in which 0.10 is 0.1: write it in quotes",
        ),
        ("request_overhead: -1ms", "request_overhead", "must be at least 0"),
        ("iteration_overhead: -1us", "iteration_overhead", "must be at least 0"),
        ("iteration_overhead: 5s", "iteration_overhead", "must be at most 1"),
        (
            "chunked_prefill: false",
            "chunked_prefill",
            "vLLM from 0.11 on mixes prompts with decodes whatever the flag says",
        ),
        ("async_scheduling: true, profile: own.csv", "async_scheduling", "has no effect beside `profile`"),
        (
            "gpu_memory_utilization: 0.9, kv_cache_tokens: 9_000",
            "gpu_memory_utilization",
            "has no effect beside",
        ),
        ("gpu_memory_utilization: 120%", "gpu_memory_utilization", "outside 0 % to 100 %"),
        ("speculation: {tokens: 0, acceptance: 50%}", "speculation.tokens", "must be at least 1"),
        (
            "speculation: {tokens: 9, acceptance: 50%}",
            "max_num_batched_tokens",
            "8,192 is below `max_num_seqs` (1,024) with 9 proposed tokens each",
        ),
        ("engine_version: '0.11', profile: own.csv", "engine_version", "has no effect beside `profile`"),
    ],
)
def test_engines_that_cannot_be(load: Load, keys: str, path: str, message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load(BESIDE.replace("gpu: h100_sxm", f"gpu: h100_sxm, price: $2.99/gpu_hour, {keys}"))
    (problem,) = [one for one in error.value.problems if one.path.endswith(f"pool.{path}")]
    assert problem.line == 9
    assert message in str(problem)


ON_SPOT = """\
metadata: {name: spot}
workloads: [{name: ask, arrival_rate: 1 rps, prompt_tokens: {distribution: constant, value: 100},
  output_tokens: {distribution: constant, value: 100}, steps: [{generate: own}]}]
model_list:
  - model_name: own
    pool: {model: meta-llama/Meta-Llama-3.1-8B, gpu: h100_sxm, replicas: 3, price: $3/gpu_hour,
      spot: {share: 50%, price: $1/gpu_hour, interruptions: 0.1 per hour}}
"""


@pytest.mark.parametrize(
    ("old", "new", "path", "message"),
    [
        ("replicas: 3", "replicas: 1", "share", "is not one whole replica (raise it, or the replicas)"),
        ("share: 50%", "share: 0%", "share", "must be above 0"),
        ("0.1 per hour", "40 rpm", "interruptions", "0.0166"),
        ("$1/gpu_hour", "-$1/gpu_hour", "price", "must be at least 0"),
        (
            "$1/gpu_hour",
            "azure-a100-80gb-spot",
            "price",
            "is the price of a a100, and the pool runs on h100_sxm",
        ),
        ("$1/gpu_hour", "azure-h100-spt", "price", "azure-h100-spot"),
    ],
)
def test_spot_that_cannot_be(load: Load, old: str, new: str, path: str, message: str) -> None:
    with pytest.raises(ScenarioError) as error:
        load(ON_SPOT.replace(old, new))
    (problem,) = error.value.problems
    assert problem.path.endswith(f"pool.spot.{path}")
    assert problem.line in (6, 7)
    assert message in str(problem)


def test_a_spot_price_may_be_named(load: Load) -> None:
    pool = load(ON_SPOT.replace("$1/gpu_hour", "azure-h100-spot")).scenario.model_list[0].pool
    assert pool is not None
    assert pool.spot is not None
    assert pool.spot.price == 2.271
