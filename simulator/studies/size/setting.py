"""The scenario that the options of `rollout size` describe: one pool, asked at random or by users who think."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from simulator.errors import OptionError
from simulator.mechanisms.replicas.catalog import load_profile, near_name, shipped_profiles
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import PoolProfileError
from simulator.mechanisms.replicas.sizes import limit_tokens
from simulator.mechanisms.traffic.config import Workload
from simulator.scenario.model import Scenario
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import LoadedScenario, load_text
from simulator.studies.size.study import SizeStudy

TARGET = "replica"
_HERE = Path()


def scenario_of(options: SizeStudy, overrides: Sequence[str]) -> LoadedScenario:
    """One replica, asked once a second.

    Raises
    ------
    OptionError
        If there is no such profile, requests do not fit into it, or the price is none.
    """
    _check_size(options)
    price = {} if options.price is None else {"price": options.price}
    workload: dict[str, Any] = {
        "name": "requests",
        "unit": "request",
        "arrival_rate": 1.0,
        "prompt_tokens": _lengths(options.input_tokens, options.spread),
        "output_tokens": _lengths(options.output_tokens, options.spread),
        "steps": [{"generate": TARGET}],
    }
    if options.prefix:
        workload["system_prompt_tokens"] = options.prefix
    document = {
        "metadata": {"name": f"{options.model} on {options.tensor_parallel} x {options.gpu}"},
        "workloads": [workload],
        "model_list": [{"model_name": TARGET, "pool": _pool(options) | price}],
    }
    try:
        return load_text(json.dumps(document), "size", _HERE, overrides)
    except ScenarioError as error:  # all else was checked
        raise OptionError(f"`{options.price}` is no price: {error}", "--price") from None


def asked_by_users(scenario: Scenario, think_time_s: float) -> Scenario:
    """The same with one client in a closed loop, in place of arrivals at random."""
    pause = {"distribution": "exponential", "mean": think_time_s}
    fields = scenario.workloads[0].model_dump(by_alias=True, exclude_unset=True, exclude={"arrival_rate"})
    workload = Workload.model_validate({**fields, "clients": 1, "think_time": pause})
    return scenario.model_copy(update={"workloads": [workload]})


def with_replicas(scenario: Scenario, replicas: int) -> Scenario:
    """The same with more replicas."""
    [model] = scenario.model_list
    assert model.pool is not None
    pool = model.pool.model_copy(update={"replicas": replicas})
    return scenario.model_copy(update={"model_list": [model.model_copy(update={"pool": pool})]})


def pool_of(scenario: Scenario) -> Pool:
    """The pool that is sized."""
    pool = scenario.model_list[0].pool
    assert pool is not None
    return pool


def _pool(options: SizeStudy) -> dict[str, Any]:
    pool: dict[str, Any] = {
        "model": options.model,
        "gpu": options.gpu,
        "tensor_parallel": options.tensor_parallel,
    }
    stated = {
        "engine_version": options.engine_version,
        "max_num_seqs": options.max_num_seqs,
        "max_num_batched_tokens": options.max_num_batched_tokens,
    }
    return pool | {key: value for key, value in stated.items() if value is not None}


def _check_size(options: SizeStudy) -> None:
    """Complain where there is no profile, where a batch is impossible, and about requests that are too long."""
    models = sorted({shipped.model for shipped in shipped_profiles()})
    if options.model not in models:
        near = near_name(options.model, models)
        raise OptionError(f"no profile of `{options.model}`{near}; there are: {', '.join(models)}", "--model")
    try:
        pool = Pool.model_validate(_pool(options))
    except ValidationError as error:
        raise OptionError(
            error.errors()[0]["msg"].removeprefix("Value error, "), "--engine-version"
        ) from None
    try:
        profile = load_profile(pool, _HERE)
    except PoolProfileError as error:
        raise OptionError(str(error), "--gpu") from None
    limits = pool.batch_limits
    if limits.max_num_batched_tokens < limits.max_num_seqs:
        raise OptionError(
            f"{limits.max_num_batched_tokens:,} is below the {limits.max_num_seqs:,} sequences of a batch",
            "--max-num-batched-tokens",
        )
    longest = options.prefix + options.input_tokens + options.output_tokens
    most = limit_tokens(pool, profile)
    if longest > most:
        raise OptionError(
            f"a request of {longest:,} tokens does not fit: at most {most:,.0f} for a prompt and its answer",
            "--input",
        )


def _lengths(mean: int, spread: float) -> dict[str, Any]:
    if spread == 0.0:
        return {"distribution": "constant", "value": mean}
    return {"distribution": "lognormal", "mean": mean, "cv": spread}
