"""Profiles and break-even points for people."""

from simulator.render.numbers import quantity
from simulator.render.sections import Notes, Quantity, Row, Section, Table, Words, table_of
from simulator.studies.inputs.pools.pools import OUTPUT_TOKENS, PROMPT_TOKENS
from simulator.studies.inputs.pools.report import BreakEvenPoint, PoolProfile, PoolsReport

_PROFILE = ("GPUs", "KV cache", "longest", "token alone", "full", "tokens/s", "error", "Wh", "grade")
_COMPARED = ("loads", "TTFT p50 (p99)", "TPOT", "latency p50 (p99)", "requests/s")
_BREAK_EVEN = ("pool", "against", "tokens", "full", "$/request", "there", "cheaper above")


def sections(report: PoolsReport) -> list[Section]:
    """Everything `rollout pools` shows."""
    sources = dict.fromkeys(f"source: {one.source}" for one in report.profiles)
    hosts = dict.fromkeys(one.host for one in report.profiles if one.host)
    loads = dict.fromkeys(f"loads: {load.source}" for one in report.profiles for load in one.compared)
    return [
        table_of("", "model", _PROFILE, [_profile_row(one) for one in report.profiles]),
        Notes([_legend()], "footer"),
        *map(_compared, report.profiles),
        _break_even(report.break_even or ()),
        Notes([*sources, *hosts, *loads], "footer"),
    ]


def _legend() -> str:
    return (
        f"token alone, full: requests of {PROMPT_TOKENS:,.0f} + {OUTPUT_TOKENS:,.0f} tokens, one at a time and at the "
        "roofline; error: of the table against its source, mean (worst); Wh: per request at the roofline, at most "
        "(rated power of the GPUs); grade: of the engine's times beside the kernels"
    )


def _profile_row(one: PoolProfile) -> Row:
    return Row(
        one.model if one.pool is None else f"{one.pool}: {one.model}",
        [
            f"{one.tensor_parallel} × {one.gpu}",
            Quantity(one.kv_tokens, "count"),
            Quantity(round(one.max_request_tokens), "count"),
            Quantity(one.tpot_alone_s, "time"),
            Quantity(one.full_rps, "rate"),
            Quantity(round(one.full_output_tokens_per_s), "count"),
            Words(quantity(one.fit_error_mean, "share"), f"({quantity(one.fit_error_worst, 'share')})"),
            Quantity(one.full_energy_per_request_wh, "number"),
            one.grade,
        ],
    )


def _compared(profile: PoolProfile) -> Table:
    rows = [
        Row(
            loads.load,
            [
                Quantity(loads.points, "count"),
                _errors(loads.ttft_p50, loads.ttft_p99),
                Quantity(loads.tpot, "share"),
                _errors(loads.latency_p50, loads.latency_p99),
                Quantity(loads.throughput, "share"),
            ],
        )
        for loads in profile.compared
    ]
    title = f"{profile.pool or profile.model} on {profile.tensor_parallel} × {profile.gpu}: off from measured loads by"
    return table_of(title, "load", _COMPARED, rows)


def _errors(p50: float, p99: float) -> Words:
    return Words(quantity(p50, "share"), f"({quantity(p99, 'share')})")


def _break_even(points: tuple[BreakEvenPoint, ...]) -> Table:
    rows = [
        Row(
            one.workload,
            [
                one.pool,
                one.provider,
                f"{one.prompt_tokens:.0f} + {one.output_tokens:.0f}",
                Quantity(one.full_rps, "rate"),
                Quantity(one.pool_usd, "money"),
                Quantity(one.provider_usd, "money"),
                Quantity(
                    one.break_even_utilization if one.is_ever_cheaper else None, "share", nothing="never"
                ),
            ],
        )
        for one in points
    ]
    return table_of("", "workload", _BREAK_EVEN, rows)
