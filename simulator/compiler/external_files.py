"""Is what a scenario names outside of itself there and usable? Traces, profiles, list prices, step times.

`load_scenario` has seen that the files exist. This reads them, so that an error in one is reported with the place of
the key that names it, before anything is simulated.
"""

from collections.abc import Iterator

from simulator.compiler.adoption import adoption_points
from simulator.compiler.demand import stage_window
from simulator.compiler.profiles import DemandProfileError, local_week
from simulator.compiler.work import MOST_ACTIONS, TooManyActionsError, at_most_in_windows, refuse_too_many
from simulator.mechanisms.distributions import Constant
from simulator.mechanisms.providers.prices import UnknownPriceError, token_prices
from simulator.mechanisms.replicas.catalog import load_profile
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import PoolProfileError
from simulator.mechanisms.replicas.sizes import limit_tokens
from simulator.mechanisms.traffic.config import GenerateStep, Workload
from simulator.mechanisms.traffic.log_file import LogFileError
from simulator.mechanisms.traffic.trace import load_trace, trace_of
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import CsvCurve, ListedModel, Route, Scenario
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.explain import problem_at
from simulator.scenario.read.load import LoadedScenario
from simulator.scenario.read.yaml_source import Path_

_IN_8_BITS = 2  # tokens in the KV cache where one has room in 16 bits


def check_external_files(loaded: LoadedScenario) -> None:
    """Read every trace and profile, and look up every price.

    Raises
    ------
    ScenarioError
        With every one that cannot be used.
    """
    findings = [
        *_demand(loaded),
        *_adoption(loaded),
        *_prices(loaded.scenario),
        *_pools(loaded),
    ]
    findings = findings or list(_work(loaded))  # demand is known once traces and profiles can be read
    if findings:
        raise ScenarioError(
            [problem_at(loaded.tree, found.path, found.message, found.hint) for found in findings]
        )


def _demand(loaded: LoadedScenario) -> Iterator[Finding]:
    for index, workload in enumerate(loaded.scenario.workloads):
        try:
            if workload.trace is not None:
                load_trace(workload.trace, loaded.base_dir)
        except LogFileError as error:
            yield Finding(("workloads", index, "trace"), _one_line(error))
        try:
            local_week(workload.profile, loaded.base_dir)
        except DemandProfileError as error:
            yield Finding(("workloads", index, "profile"), _one_line(error))


def _adoption(loaded: LoadedScenario) -> Iterator[Finding]:
    for index, stage in enumerate(loaded.scenario.stages):
        if stage.adoption is None or not isinstance(stage.adoption.curve, CsvCurve):
            continue
        path: Path_ = ("stages", index, "adoption", "curve")
        try:
            _, shares = adoption_points(stage.adoption.curve, loaded.base_dir)
        except DemandProfileError as error:
            yield Finding(path, _one_line(error))
            continue
        if (shares == 1.0).all():
            yield Finding(path, "changes nothing: everybody is active from the start")


def _work(loaded: LoadedScenario) -> Iterator[Finding]:
    """Stages whose window nobody would see the end of."""
    scenario, window = loaded.scenario, loaded.scenario.window
    if at_most_in_windows(scenario, loaded.base_dir) <= MOST_ACTIONS:
        return  # without looking for each stage's busiest hour
    for index, stage in enumerate(scenario.stages or [None]):
        name = None if stage is None else stage.name
        asked = (scenario, name, window.start, window.duration, window.known_warmup_s)
        try:
            refuse_too_many(stage_window(*asked, loaded.base_dir))
        except TooManyActionsError as error:
            yield Finding(("workloads",) if stage is None else ("stages", index), _one_line(error))


def _prices(scenario: Scenario) -> Iterator[Finding]:
    for index, model in enumerate(scenario.model_list):
        if model.pool is not None:
            continue
        try:
            token_prices(model, scenario.economics.price_date or scenario.start)
        except UnknownPriceError as error:
            yield Finding(("model_list", index), str(error))


def _pools(loaded: LoadedScenario) -> Iterator[Finding]:
    for index, model in enumerate(loaded.scenario.model_list):
        if model.pool is None:
            continue
        path: Path_ = ("model_list", index, "pool")
        try:
            profile = load_profile(model.pool, loaded.base_dir)
        except PoolProfileError as error:
            yield Finding(path if model.pool.profile is None else (*path, "profile"), _one_line(error))
            continue
        yield from _sizes(loaded, model.pool, path)
        yield from _whole_prompts(model.pool, limit_tokens(model.pool, profile), path)
        yield from _long_prompts(loaded, model, limit_tokens(model.pool, profile))


def _sizes(loaded: LoadedScenario, pool: Pool, path: Path_) -> Iterator[Finding]:
    """Sizes that a pool sets beyond what its profile says of the model and the GPUs."""
    try:
        bare = pool.model_copy(update={"kv_cache_tokens": "auto", "max_model_len": None})
        stated = load_profile(bare, loaded.base_dir)
    except PoolProfileError:  # a profile of one's own need not say them
        return
    if pool.max_model_len is not None and pool.max_model_len > stated.max_model_len:
        yield Finding(
            (*path, "max_model_len"),
            f"{pool.max_model_len:,} tokens are more than the model takes",
            f"at most {stated.max_model_len:,}",
        )
    if pool.kv_cache_tokens != "auto" and pool.kv_cache_tokens > _IN_8_BITS * stated.kv_tokens:
        yield Finding(
            (*path, "kv_cache_tokens"),
            f"{pool.kv_cache_tokens:,} tokens do not fit into the GPUs' memory beside the weights",
            f"there is room for {stated.kv_tokens:,}, or twice as many in 8 bits",
        )


def _whole_prompts(pool: Pool, longest: float, path: Path_) -> Iterator[Finding]:
    """Without chunks, an iteration must hold the longest prompt."""
    budget = pool.batch_limits.max_num_batched_tokens
    if not pool.chunked_prefill and budget < longest:
        yield Finding(
            (*path, "max_num_batched_tokens"),
            f"{budget:,} tokens of an iteration do not hold a request of {longest:,}, "
            "and without `chunked_prefill` a prompt is not cut",
            "raise it, or set a smaller `max_model_len`",
        )


def _long_prompts(loaded: LoadedScenario, model: ListedModel, limit_tokens: int) -> Iterator[Finding]:
    """Workloads whose shortest prompt is too long for a pool: it would refuse every request."""
    for index, workload in enumerate(loaded.scenario.workloads):
        asks = _asks(loaded.scenario, workload, model)
        shortest = _shortest_prompt(loaded, workload) if asks else None
        if shortest is not None and shortest >= limit_tokens:
            yield Finding(
                ("workloads", index),
                f"the shortest prompt has {shortest:,} tokens, and `{model.model_name}` takes {limit_tokens:,} "
                "for prompt and answer: every request would be refused",
                "raise `max_model_len` and `kv_cache_tokens`, or give the route `max_context_tokens`",
            )


def _shortest_prompt(loaded: LoadedScenario, workload: Workload) -> int | None:
    """Fewest tokens that a prompt of a workload has, if it has a bound."""
    system = workload.system_prompt_tokens or 0
    if isinstance(workload.prompt_tokens, Constant):
        return system + int(workload.prompt_tokens.value)
    if workload.trace is None or workload.trace.prompt_tokens is None:
        return None
    trace = trace_of(workload, loaded.base_dir)
    return None if trace is None or trace.lengths is None else system + int(trace.lengths[:, 0].min())


def _asks(scenario: Scenario, workload: Workload, model: ListedModel) -> bool:
    """Whether a workload's whole prompts go to a model."""
    for step in workload.steps:
        if isinstance(step, GenerateStep):
            route = scenario.routes.get(step.generate, Route(choose=[step.generate]))
            chosen = route.choose.values() if isinstance(route.choose, dict) else route.choose
            if model.model_name in chosen and route.max_context_tokens is None:
                return True
    return False


def _one_line(error: Exception) -> str:
    """Message of an error; those of the libraries that read files may hold line breaks."""
    return " ".join(str(error).split())
