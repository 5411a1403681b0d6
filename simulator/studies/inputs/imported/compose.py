"""A complete scenario from what configurations say: every line with its origin, every stub marked, and it runs."""

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from simulator.compiler.external_files import check_external_files
from simulator.compiler.model_prices import paid_prices
from simulator.formats.configs.parts import Block, Imported
from simulator.mechanisms.providers.prices import UnknownPriceError
from simulator.mechanisms.replicas.catalog import Shipped, shipped_profiles
from simulator.scenario.model import ListedModel, Scenario
from simulator.scenario.read.load import LoadedScenario, load_text
from simulator.scenario.write.edit import flow
from simulator.studies.inputs.imported.tested import sources_of_rates, tested_models, with_rate

STUB = "STUB"
_USUAL = "meta-llama/Meta-Llama-3.1-8B"  # where nobody says which
_STUB_PRICES = {"input": "$1/Mtok", "output": "$4/Mtok"}
_QUALITY = {
    "interval": "10m",
    "count": 6,
    "compare": {"metric": "success_rate", "worse_by": "0%", "alpha": "5%"},
}
_WORKLOAD = (
    ("arrival_rate", "1 rps", "how much is asked: `rollout calibrate LOGS --into` this file measures it"),
    ("prompt_tokens", {"distribution": "lognormal", "p50": 1000, "p95": 4000}, "lengths of prompts"),
    ("output_tokens", {"distribution": "lognormal", "p50": 150, "p95": 450}, "lengths of answers"),
)


def composed(found: Imported, name: str) -> str:
    """The text of a scenario."""
    models = [*_hosted(found), *_pools(found)] or list(tested_models(found))
    models = [with_rate(model, found) for model in models]
    if not models:
        models = [_stub_model()]
        found.open.append("which models answer? `model_list` has a stub")
    sources = list(sources_of_rates(models, found))
    canary = list(_canary(found)) if found.canary is not None else []
    routes = found.routes or {}
    own = [model.text("model_name") for model in models if "pool" in model.value]
    targets = [*routes, *own] or [model.text("model_name") for model in models]
    lines = [
        f"# From {', '.join(found.formats)}.",
        f"# What is marked {STUB} was in no file: a round number stands there. Replace or measure it (`rollout calibrate`).",
        *_comments("Still open", found.open),
        *_comments("Not carried over", found.dropped),
        f"metadata: {flow({'name': name})}",
        "",
        "workloads:",
        *(line for target in targets for line in _workload(target, len(targets))),
        "",
        "model_list:",
        *(line for model in models for line in _block(model)),
    ]
    if routes:
        lines += [
            "",
            "routes:",
            *(
                f"  {flow(route)}: {flow(dict(part.value))}{_remark(part.origin)}"
                for route, part in routes.items()
            ),
        ]
    if found.slos:
        lines += [
            "",
            "slos:",
            *(f"  - {flow(dict(part.value))}{_remark(part.origin)}" for part in _named_apart(found.slos)),
        ]
    if sources:
        lines += ["", "sources:", *(f"  - {flow(source)}" for source in sources)]
    if canary:
        lines += ["", *canary]
    return "\n".join(lines) + "\n"


def loaded(text: str, name: str, folder: Path) -> LoadedScenario:
    """The scenario, checked as `rollout validate` does.

    Raises
    ------
    ScenarioError
        If it is none.
    """
    found = load_text(text, name, folder)
    check_external_files(found)
    return found


def _workload(target: str, n: int) -> Iterator[str]:
    """A workload that asks a route or a model: callers ask each by its name, and nothing says how often."""
    name = target.removesuffix("-route") if n > 1 else "requests"
    yield f"  - name: {flow(name)}{_remark(f'{STUB}: what users ask for')}"
    yield from (f"    {key}: {flow(value)}{_remark(f'{STUB}: {why}')}" for key, value, why in _WORKLOAD)
    yield f"    steps: {flow([{'generate': target}])}"


def _comments(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield "#"
        yield f"# {title}:"
        yield from (f"#   - {_one_line(line)}" for line in dict.fromkeys(lines))


def _one_line(text: str) -> str:
    return re.sub(r"[^ -~\u00a1-\u2fff]+", " ", text)[:200]


def _remark(text: str) -> str:
    return f"  # {_one_line(text)}" if text else ""


def _block(part: Block) -> Iterator[str]:
    """An item of a list with a line per key."""
    dash = "  - "
    for key, value in part.value.items():
        is_stub = key in part.stubs
        remark = f"{STUB}: measure it, or ask its vendor" if is_stub else part.origin
        if key == "pool":
            yield f"{dash}pool:"
            for inner, below in value.items():
                stub = f"{STUB}: not in the files" if inner in part.stubs else part.origin
                yield f"      {inner}: {flow(below)}{_remark(stub)}"
        else:
            yield f"{dash}{key}: {flow(value)}{_remark(remark)}"
        dash = "    "


def _hosted(found: Imported) -> Iterator[Block]:
    """Hosted models; where nobody knows a price, a stub."""
    for part in found.models:
        if _has_price(part):
            yield part
        else:
            found.open.append(
                f"what does {part.text('model')} of {part.text('provider')} cost? No list price is known"
            )
            yield Block({**part.value, "prices": _STUB_PRICES}, part.origin, (*part.stubs, "prices"))


def _has_price(part: Block) -> bool:
    try:
        model = ListedModel.model_validate(dict(part.value))
        example = {
            "metadata": {"name": "x"},
            "workloads": [{"name": "x", "arrival_rate": 1, "steps": [{"generate": model.model_name}]}],
        }
        paid_prices(Scenario.model_validate({**example, "model_list": [dict(part.value)]}), model)
    except (UnknownPriceError, ValidationError):
        return False
    return True


def _pools(found: Imported) -> Iterator[Block]:
    """Models on replicas, each with its autoscaling; an autoscaler of nothing known scales a stub."""
    for own in dict.fromkeys([*found.pools, *found.scaling]):
        part = found.pools.get(own) or Block(
            {"model": "", "gpu": "h100_sxm", "replicas": 1}, found.scaling[own].origin, ("gpu",)
        )
        shipped, is_same = _nearest(part)
        stubs = set(part.stubs)
        if not is_same:
            found.open.append(
                f"{part.text('model') or own} on {part.text('gpu')} has no step times: {shipped.model} stands for "
                "it, see `rollout profile`"
            )
            stubs.add("model")
        pool = {**part.value, "model": shipped.model, "gpu": shipped.gpu}
        if shipped.tensor_parallel > 1 or "tensor_parallel" in pool:
            pool |= {"tensor_parallel": shipped.tensor_parallel}
        if own in found.scaling:
            scaling = found.scaling[own]
            pool |= {"autoscaling": dict(scaling.value)}
            stubs |= {"autoscaling"} if scaling.stubs else set()
        yield Block({"model_name": own, "pool": pool}, part.origin, tuple(stubs))


def _nearest(pool: Block) -> tuple[Shipped, bool]:
    """The shipped step times of a model on a GPU, or those of one that is alike."""
    known = [one for one in shipped_profiles() if one.engine == "vllm"]
    parallel = int(pool.value.get("tensor_parallel", 1))
    wanted, gpu = _plain(pool.text("model")), pool.text("gpu")
    for one in known:
        if _plain(one.model) == wanted and one.gpu == gpu and one.tensor_parallel == parallel:
            return one, True
    if not wanted:
        wanted = _plain(_USUAL)
    same_gpu = [one for one in known if one.gpu == gpu] or known
    close = get_close_matches(wanted, [_plain(one.model) for one in same_gpu], 1, 0.0) or [
        _plain(same_gpu[0].model)
    ]
    alike = [one for one in same_gpu if _plain(one.model) == close[0]]
    return min(alike, key=lambda one: abs(one.tensor_parallel - parallel)), False


def _plain(model: str) -> str:
    name = model.lower().rpartition("/")[2]
    return re.sub(r"[^a-z0-9.]+", "-", re.sub(r"^meta-|-(instruct|chat|it|hf)\b", "", name)).strip("-")


def _stub_model() -> Block:
    times = {
        "ttft": {"distribution": "lognormal", "p50": "500ms", "p95": "1.5s"},
        "tpot": {"distribution": "lognormal", "p50": "15ms", "p95": "30ms"},
    }
    value = {"model_name": "model", "provider": "openai", "model": "gpt-4.1", **times}
    return Block(value, f"{STUB}: no file names a model", ("ttft", "tpot"))


def _named_apart(parts: Sequence[Block]) -> Iterator[Block]:
    seen: dict[str, int] = {}
    for part in parts:
        name = part.text("name")
        seen[name] = seen.get(name, 0) + 1
        own = name if seen[name] == 1 else f"{name}-{seen[name]}b"
        yield Block({**part.value, "name": own}, part.origin)


def _canary(found: Imported) -> Iterator[str]:
    """The canary's lines; an analysis whose template no file has is a stub."""
    assert found.canary is not None
    templates = iter(found.canary.value.get("templates", ()))
    steps: list[object] = []
    used: dict[str, Block | None] = {}
    for step in found.canary.value["steps"]:
        if "analysis" not in step:
            steps.append(step)
            continue
        known = [name for name in next(templates, []) if name in found.analyses] or ["quality"]
        steps += [{"analysis": name} for name in known]
        used |= {name: found.analyses.get(name) for name in known}
    if used.get("quality", found.canary) is None:
        found.open.append(
            "what does the analysis `quality` look at, how often and how long? A comparison of success rates stands for it"
        )
    yield "releases:"
    yield f"  - {flow({'name': 'next'})}{_remark(f'{STUB}: what does the next version change?')}"
    yield ""
    yield "canary:"
    yield f"  steps:{_remark(found.canary.origin)}"
    yield from (f"    - {flow(step)}" for step in steps)
    yield "  analyses:"
    for name, block in used.items():
        value, remark = (
            (_QUALITY, f"{STUB}: what the analysis looks at")
            if block is None
            else (block.value, block.origin)
        )
        yield f"    {flow(name)}: {flow(dict(value))}{_remark(remark)}"
