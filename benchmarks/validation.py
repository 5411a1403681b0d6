"""``python -m benchmarks.validation``: simulated pools beside predictions of aiconfigurator-core and published measurements.

Writes the tables of ``docs/validation.md``; needs the extra ``profiles``. Each case runs in the engine itself: a trace of
requests, all alike and all there at the start, on one replica with as many seats as there are clients. When one is
answered the next takes its seat, as under ``--max-concurrency``; the first token is counted from the seat.
"""

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.report import markdown_table, write_section
from simulator import __version__
from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import Runner, simulate
from simulator.mechanisms.replicas.catalog import PROFILES, file_name
from simulator.scenario.model import Scenario

PAGE = Path(__file__).parents[1] / "docs" / "validation.md"
_SPAN_S = 20_000.0  # of the trace: its requests end long before it begins anew
N_WAVES = 20  # requests per client, as benchmarks usually send


class Pair(NamedTuple):
    """A model on so many GPUs of a kind."""

    model: str
    gpu: str
    tensor_parallel: int


class Load(NamedTuple):
    """Clients that ask again as soon as they are answered, all alike."""

    clients: int
    prompt_tokens: int
    output_tokens: int


class Found(NamedTuple):
    """What was simulated, predicted or measured."""

    ttft_ms: float
    tpot_ms: float
    tokens_per_s: float


class Published(NamedTuple):
    """A measurement of others; `tokens_per_s` of outputs."""

    clients: int
    tpot_ms: float
    tokens_per_s: float


PAIRS = (
    Pair("meta-llama/Meta-Llama-3.1-8B", "h100_sxm", 1),
    Pair("meta-llama/Meta-Llama-3.1-8B", "a100_sxm", 1),
    Pair("Qwen/Qwen3-32B", "h100_sxm", 2),
    Pair("meta-llama/Meta-Llama-3.1-70B", "h200_sxm", 4),
)
STATIC = tuple(Load(n, 1024, 256) for n in (1, 4, 16, 64))
AGGREGATED = tuple(Load(n, 1024, 256) for n in (4, 16, 64, 128))
# InferenceBench, recipe "concurrency sweep", 2026-05-16: one H100-80GB-HBM3, vLLM 0.21.0, fp16, short chats whose lengths
# the page does not give; medians. https://yobitelcomm.github.io/bench/recipes/concurrency-sweep/
PUBLISHED = (
    Published(1, 6.48, 122.2),
    Published(4, 6.59, 580.3),
    Published(16, 10.94, 1384.2),
    Published(64, 46.91, 1312.3),
)
PUBLISHED_LENGTHS = (256, 128)  # assumption


def simulated(
    pair: Pair, load: Load, n_waves: int, batched_tokens: int, *, kernels_alone: bool = True
) -> Found:
    """A load on one replica in the engine.

    Parameters
    ----------
    kernels_alone : without what an engine spends beside them, which the package does not predict either
    n_waves : requests per client; of several, output lengths are spread evenly from half to one and a half
    batched_tokens : of one iteration at most
    """
    n_requests = n_waves * load.clients
    outputs = np.full(n_requests, load.output_tokens)
    if n_waves > 1:  # so that they do not all end together
        low, high = round(0.5 * load.output_tokens), round(1.5 * load.output_tokens)
        outputs = np.random.default_rng(2027).integers(low, high, n_requests, endpoint=True)
    with tempfile.TemporaryDirectory() as folder:
        # a request of one token first: while it is worked on all the others come, and are admitted together
        lines = [
            "0.0,16,1",
            *[f"0.001,{load.prompt_tokens},{load.output_tokens}"] * n_requests,
            f"{_SPAN_S},16,1",
        ]
        (Path(folder) / "trace.csv").write_text("\n".join(["time,prompt,output", *lines]))
        scenario = Scenario.model_validate(_scenario(pair, load, batched_tokens, kernels_alone))
        begin_s = _SPAN_S / (n_requests + 1)  # a replayed trace begins after its mean gap
        window = stage_window(scenario, None, 0.0, begin_s + 0.9 * _SPAN_S, 0.0, Path(folder))
        blueprint = compile_scenario(scenario, window, Path(folder))
    rows = simulate(blueprint, 1, Runner(record_rows=True)).rows
    assert rows is not None
    rows = rows.sort_values("number").iloc[1 : n_requests + 1]
    if len(rows) < n_requests:
        raise RuntimeError(f"only {len(rows)} of {n_requests} requests ended")
    seat_s = (rows["arrival_s"] + rows["queue_wait_s"]).to_numpy()
    end_s = rows["end_s"].to_numpy()
    begin_s, until_s = float(seat_s.min()), float(end_s.max())
    if n_waves > 1:  # neither the first waves, which begin together, nor the last, which leave seats empty
        begin_s, until_s = begin_s + 0.2 * (until_s - begin_s), begin_s + 0.8 * (until_s - begin_s)
    outputs = rows["output_tokens"].to_numpy()  # a trace may hand out lengths in another order
    ended = (end_s >= begin_s) & (end_s <= until_s)
    ttft_s = (rows["ttft_s"] - rows["queue_wait_s"]).to_numpy()[ended]
    pace_s = ((rows["latency_s"] - rows["ttft_s"]).to_numpy() / (outputs - 1))[ended]
    tokens_per_s = float(outputs[ended].sum()) / (until_s - begin_s)
    return Found(float(ttft_s.mean()) * 1e3, float(pace_s.mean()) * 1e3, tokens_per_s)


def _scenario(pair: Pair, load: Load, batched_tokens: int, kernels_alone: bool) -> dict[str, Any]:
    kernels = PROFILES / file_name(*pair[:2], "vllm", pair.tensor_parallel)
    return {
        "metadata": {"name": "validation"},
        "workloads": [
            {
                "name": "ask",
                "trace": {
                    "file": "trace.csv",
                    "time": "time",
                    "prompt_tokens": "prompt",
                    "output_tokens": "output",
                    "replay": "arrivals",
                    "rotate": False,
                },
                "prompt_tokens": {"trace": True},
                "output_tokens": {"trace": True},
                "steps": [{"generate": "own"}],
            }
        ],
        "model_list": [
            {
                "model_name": "own",
                "pool": {
                    **pair._asdict(),
                    **({"profile": str(kernels)} if kernels_alone else {}),
                    "prefix_caching": False,
                    "max_num_seqs": load.clients,
                    "max_num_batched_tokens": batched_tokens,
                },
            }
        ],
    }


def predicted_static(pair: Pair, load: Load) -> Found:
    """One batch: all prompts in one go, then all decodes together."""
    from aiconfigurator_core.sdk.engine import EngineHandle

    engine = EngineHandle.compile(pair.model, pair.gpu, "vllm", tp_size=pair.tensor_parallel)
    prompts_ms, decodes_ms, total_ms = engine.run_static(
        batch_size=load.clients, isl=load.prompt_tokens, osl=load.output_tokens
    )
    tokens_per_s = load.clients * load.output_tokens / total_ms * 1e3
    return Found(float(prompts_ms), float(decodes_ms) / (load.output_tokens - 1), float(tokens_per_s))


def predicted_aggregated(pair: Pair, load: Load, context_tokens: int) -> Found:
    """Continuous batching, as the package works it out from a step with prompts and one without."""
    from aiconfigurator_core.sdk.backends.factory import get_backend
    from aiconfigurator_core.sdk.config import RuntimeConfig
    from aiconfigurator_core.sdk.engine import build_model_config, get_model
    from aiconfigurator_core.sdk.perf_database import get_database

    config = build_model_config(pair.tensor_parallel, 1, 1, 1, 1)
    model = get_model(pair.model, config, "vllm")
    database = get_database(pair.gpu, "vllm", _engine_version(pair))
    runtime = RuntimeConfig(batch_size=load.clients, isl=load.prompt_tokens, osl=load.output_tokens)
    found = get_backend("vllm").run_agg(model, database, runtime, ctx_tokens=context_tokens).get_result_dict()
    return Found(float(found["ttft"]), float(found["tpot"]), float(found["tokens/s"]))


def _engine_version(pair: Pair) -> str:
    from simulator.mechanisms.replicas import make_profiles

    return make_profiles.read_facts(make_profiles.Pair(*pair)).engine_version


def _rows(found: Sequence[tuple[Pair, Load, Found, Found]]) -> list[list[str]]:
    return [
        [
            f"{pair.model.split('/')[1]} on {pair.tensor_parallel} × {pair.gpu}",
            str(load.clients),
            *(
                cell
                for ours, theirs in zip(simulated_, predicted, strict=True)
                for cell in (f"{ours:.4g}", f"{theirs:.4g}", f"{ours / theirs - 1.0:+.1%}")
            ),
        ]
        for pair, load, simulated_, predicted in found
    ]


_HEADER = (
    "model and GPUs",
    "clients",
    "TTFT, ms",
    "theirs",
    "",
    "TPOT, ms",
    "theirs",
    "",
    "tokens/s",
    "theirs",
    "",
)


def static_table() -> str:
    """One batch at a time."""
    found = []
    for pair in PAIRS:
        for load in STATIC:
            budget = load.clients * load.prompt_tokens + load.clients
            ours = simulated(pair, load, 1, budget)
            found.append((pair, load, ours, predicted_static(pair, load)))
    return markdown_table(_HEADER, _rows(found))


def aggregated_table() -> str:
    """Prompts worked on beside decodes."""
    found = []
    for pair in PAIRS:
        for load in AGGREGATED:
            ours = simulated(pair, load, N_WAVES, load.prompt_tokens + load.clients)
            found.append((pair, load, ours, predicted_aggregated(pair, load, load.prompt_tokens)))
    return markdown_table(_HEADER, _rows(found))


def published_table() -> str:
    """Llama 3.1 8B on one H100 by others."""
    rows = []
    for theirs in PUBLISHED:
        load = Load(theirs.clients, *PUBLISHED_LENGTHS)
        ours = simulated(PAIRS[0], load, N_WAVES, 8192, kernels_alone=False)
        rows.append(
            [
                "Meta-Llama-3.1-8B on 1 × h100_sxm",
                str(theirs.clients),
                *(
                    cell
                    for name in ("tpot_ms", "tokens_per_s")
                    for cell in (
                        f"{getattr(ours, name):.4g}",
                        f"{getattr(theirs, name):.4g}",
                        f"{getattr(ours, name) / getattr(theirs, name) - 1.0:+.1%}",
                    )
                ),
            ]
        )
    return markdown_table((*_HEADER[:2], *_HEADER[5:]), rows)


def main() -> None:
    """Write every table of the page."""
    made = (
        f"`python -m benchmarks.validation`: rollout {__version__}, aiconfigurator-core "
        f"{version('aiconfigurator-core')}, {datetime.now(UTC).date().isoformat()}."
    )
    for name, table in (
        ("static", static_table),
        ("aggregated", aggregated_table),
        ("published", published_table),
    ):
        write_section(PAGE, name, f"{table()}\n\n{made}")
        print(f"{PAGE.name}: {name}", flush=True)


if __name__ == "__main__":
    main()
