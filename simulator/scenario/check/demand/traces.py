"""Does every key of a recorded request log change something?"""

from collections.abc import Iterator

from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.traffic.config import GenerateStep, TokenTrace, Trace, Workload
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import Route, Scenario
from simulator.scenario.read.yaml_source import Path_


def check_traces(scenario: Scenario) -> list[Finding]:
    """Findings about the traces of workloads."""
    found: list[Finding] = []
    for index, workload in enumerate(scenario.workloads):
        if workload.trace is not None:
            path: Path_ = ("workloads", index)
            found += _arrivals(workload, workload.trace, path)
            found += _lengths(workload.trace, path)
            found += _sessions(workload, workload.trace, path)
            found += _hash_ids(scenario, workload, workload.trace, path)
    return found


def _arrivals(workload: Workload, trace: Trace, path: Path_) -> Iterator[Finding]:
    if trace.says_when:
        if trace.time is None:
            yield Finding(
                (*path, "trace", "time"), f"is missing: replaying {trace.replay} needs the column of times"
            )
        if "burstiness" in workload.model_fields_set:
            yield Finding((*path, "burstiness"), "changes nothing: the gaps come from the trace")
        if workload.wander is not None:
            yield Finding(
                (*path, "wander"),
                "does not go with a replayed trace, whose rate wanders by itself",
                "remove it",
            )
    has_rate = any(given is not None for given in (workload.users, workload.arrival_rate, workload.clients))
    if "scale" in trace.model_fields_set and (trace.replay == "lengths" or has_rate):
        yield Finding((*path, "trace", "scale"), "changes nothing: the rate comes from elsewhere")


def _sessions(workload: Workload, trace: Trace, path: Path_) -> Iterator[Finding]:
    if trace.replay != "sessions":
        for key in ("session", "latency"):
            if key in trace.model_fields_set:
                hint = "use `replay: sessions`, or leave it out"
                yield Finding((*path, "trace", key), f"changes nothing with `replay: {trace.replay}`", hint)
        return
    for key, what in (
        ("session", "the column that says whose session a call belongs to"),
        ("prompt_tokens", "a call adds what its prompt has beyond the last one"),
        ("output_tokens", "what was answered is part of the next prompt"),
    ):
        if getattr(trace, key) is None:
            yield Finding((*path, "trace", key), f"is missing: {what}", "name the column")
    for tokens in ("prompt_tokens", "output_tokens"):
        if not isinstance(getattr(workload, tokens), TokenTrace):
            hint = f"write `{tokens}: {{trace: true}}`"
            yield Finding((*path, tokens), "is not that of the trace whose sessions are replayed", hint)
    if workload.turns is not None:
        hint = "leave `turns` out: the calls of a session are its turns"
        yield Finding((*path, "turns"), "does not go with `replay: sessions`", hint)
    if trace.hash_ids is not None:
        hint = "leave it out: a call repeats what its session said before"
        yield Finding((*path, "trace", "hash_ids"), "does not go with `replay: sessions`", hint)


def _lengths(trace: Trace, path: Path_) -> Iterator[Finding]:
    if trace.says_when:
        return
    if trace.prompt_tokens is None and trace.output_tokens is None:
        yield Finding(
            (*path, "trace"),
            "gives neither arrivals nor lengths",
            "name `prompt_tokens` and `output_tokens`",
        )
    for key in ("rotate", "spread"):
        if key in trace.model_fields_set:
            yield Finding((*path, "trace", key), "changes nothing: lengths are drawn at random")


def _hash_ids(scenario: Scenario, workload: Workload, trace: Trace, path: Path_) -> Iterator[Finding]:
    if trace.hash_ids is None:
        if "block_tokens" in trace.model_fields_set:
            yield Finding((*path, "trace", "block_tokens"), "changes nothing without `hash_ids`")
        return
    if trace.block_tokens % BLOCK_TOKENS:
        nearest = max(1, round(trace.block_tokens / BLOCK_TOKENS)) * BLOCK_TOKENS
        yield Finding(
            (*path, "trace", "block_tokens"),
            f"{trace.block_tokens} is no multiple of {BLOCK_TOKENS}, the block of the KV cache",
            f"e.g. {nearest}",
        )
    if trace.prompt_tokens is None:
        yield Finding((*path, "trace", "prompt_tokens"), "is missing: `hash_ids` are about these prompts")
    if workload.turns is not None:
        hint = "leave `turns` out: the turns of recorded conversations are rows of their own"
        yield Finding((*path, "turns"), "does not go with `hash_ids`", hint)
    if workload.system_prompt_tokens is not None:
        hint = "leave it out: recorded prompts begin with theirs"
        yield Finding((*path, "system_prompt_tokens"), "does not go with `hash_ids`", hint)
    if not _is_cached(scenario, workload):
        yield Finding(
            (*path, "trace", "hash_ids"),
            "changes nothing: no `generate` step asks a pool with `prefix_caching`",
        )


def _is_cached(scenario: Scenario, workload: Workload) -> bool:
    """Whether a workload's prompts may go to a pool that keeps prefixes."""
    keeps = {model.model_name for model in scenario.model_list if model.pool and model.pool.prefix_caching}
    for step in workload.steps:
        if isinstance(step, GenerateStep):
            route = scenario.routes.get(step.generate, Route(choose=[step.generate]))
            chosen = route.choose.values() if isinstance(route.choose, dict) else route.choose
            if keeps & {*chosen, *route.fallbacks}:
                return True
    return False
