"""Which models on which GPUs there are profiles of, and what the pools of a scenario can do and cost at most."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text

from simulator.economics.break_even import break_even
from simulator.economics.price_book import price_book
from simulator.mechanisms.replicas.catalog import load_profile, shipped_profiles
from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import Profile
from simulator.mechanisms.replicas.sizes import kv_blocks, limit_tokens
from simulator.mechanisms.replicas.throughput import saturation
from simulator.render.numbers import Unit, quantity
from simulator.render.step_times import known
from simulator.render.terminal_tables import Document, spaced, table, words
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.run.document import JsonObject

_PROMPT_TOKENS, _OUTPUT_TOKENS = 1024.0, 256.0  # of the requests that pairs are compared by
_WIDE = 110  # cells from which on there is room for the energy


def catalog_document() -> JsonObject:
    """Every shipped profile."""
    pools = [
        Pool(model=model, gpu=gpu, engine=engine, tensor_parallel=parallel)
        for model, gpu, engine, parallel in shipped_profiles()
    ]
    return {"schema": 1, "profiles": [_profile_document(pool, load_profile(pool, Path())) for pool in pools]}


def scenario_document(loaded: LoadedScenario) -> JsonObject:
    """The pools of a scenario, and where they begin to be cheaper than its hosted models."""
    scenario, base_dir = loaded.scenario, loaded.base_dir
    profiles = [
        {"pool": model.model_name, **_profile_document(model.pool, load_profile(model.pool, base_dir))}
        for model in scenario.model_list
        if model.pool is not None
    ]
    rows = [
        {
            "workload": found.workload,
            "pool": found.pool,
            "provider": found.provider,
            "prompt_tokens": found.prompt_tokens,
            "output_tokens": found.output_tokens,
            "full_rps": found.full_rps,
            "pool_usd": found.pool_usd,
            "provider_usd": found.provider_usd,
            "break_even_utilization": found.utilization if found.provider_usd > 0.0 else None,
        }
        for found in break_even(loaded, price_book(scenario))
    ]
    return {"schema": 1, "scenario": scenario.metadata.name, "profiles": profiles, "break_even": rows}


def _profile_document(pool: Pool, profile: Profile) -> JsonObject:
    full = saturation(pool, profile, _PROMPT_TOKENS, _OUTPUT_TOKENS)
    power_w = profile.gpu_power_w * pool.tensor_parallel
    return {
        "model": profile.model,
        "gpu": profile.gpu,
        "engine": profile.engine,
        "tensor_parallel": profile.tensor_parallel,
        "kv_tokens": kv_blocks(pool, profile) * BLOCK_TOKENS,
        "max_request_tokens": limit_tokens(pool, profile),
        "tpot_alone_s": profile.step_time_s(0.0, 1.0, _PROMPT_TOKENS),
        "full_rps": full.requests_per_s,
        "full_batch": full.batch,
        "full_output_tokens_per_s": full.requests_per_s * _OUTPUT_TOKENS,
        "full_energy_per_request_wh": known(power_w / full.requests_per_s / 3600.0),
        "fit_error_mean": known(profile.fit_error_mean),
        "fit_error_worst": known(profile.fit_error_worst),
        "gpu_power_w": known(profile.gpu_power_w),
        "source": profile.source,
    }


def pools_report(document: Document, width: int) -> Group:
    """Tables of profiles and, for a scenario, of break-even points."""
    parts: list[RenderableType] = [_profiles(document["profiles"], has_energy=width >= _WIDE)]
    parts.append(
        words(
            f"token alone, full: requests of {_PROMPT_TOKENS:,.0f} + {_OUTPUT_TOKENS:,.0f} tokens, one at a time and at "
            "the roofline; error: of the table against its source, mean (worst)"
            + (
                "; Wh: per request at the roofline, at most (rated power of the GPUs)"
                if width >= _WIDE
                else ""
            ),
            "dim",
        )
    )
    if document.get("break_even"):
        parts.append(_break_even(document["break_even"]))
    parts.append(_sources(document["profiles"]))
    return spaced(parts)


def _profiles(profiles: Sequence[Mapping[str, object]], *, has_energy: bool) -> RenderableType:
    headers = ["model", "GPUs", "KV cache", "longest", "token alone", "full", "tokens/s", "error"]
    headers += ["Wh"] if has_energy else []
    made = table(*headers, right=range(2, 9))
    for row in profiles:
        name = f"{row['pool']}: {row['model']}" if "pool" in row else str(row["model"])
        error, worst = _share(row["fit_error_mean"]), _share(row["fit_error_worst"])
        made.add_row(
            words(name),
            words(f"{row['tensor_parallel']} × {row['gpu']}"),
            _number(row["kv_tokens"], "count"),
            _number(row["max_request_tokens"], "count"),
            _number(row["tpot_alone_s"], "time"),
            _number(row["full_rps"], "rate"),
            _number(row["full_output_tokens_per_s"], "count"),
            f"{error} ({worst})",
            *([_number(row["full_energy_per_request_wh"], "number")] if has_energy else []),
        )
    return made


def _break_even(rows: Sequence[Mapping[str, object]]) -> RenderableType:
    headers = ("workload", "pool", "against", "tokens", "full", "$/request", "there", "cheaper above")
    made = table(*headers, right=range(3, 8))
    for row in rows:
        share = row["break_even_utilization"]
        above = "never" if share is None or float(str(share)) > 1.0 else _share(share)
        made.add_row(
            words(str(row["workload"])),
            words(str(row["pool"])),
            words(str(row["provider"])),
            f"{row['prompt_tokens']:.0f} + {row['output_tokens']:.0f}",
            _number(row["full_rps"], "rate"),
            _number(row["pool_usd"], "money"),
            _number(row["provider_usd"], "money"),
            above,
        )
    return made


def _sources(profiles: Sequence[Mapping[str, object]]) -> Text:
    return words("\n".join(dict.fromkeys(f"source: {row['source']}" for row in profiles)), "dim")


def _number(value: object, unit: Unit) -> str:
    if value is None:
        return quantity(None, unit)
    rounded = round(float(str(value))) if unit == "count" else float(str(value))
    return quantity(rounded, unit)


def _share(value: object) -> str:
    return quantity(None if value is None else float(str(value)), "share")
