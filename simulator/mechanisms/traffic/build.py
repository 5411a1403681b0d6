"""From the demand of a scenario to the tables of streams and workloads."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.distributions import Distribution
from simulator.mechanisms.keys import name_key
from simulator.mechanisms.popularity import PopularityTable, popularity_table
from simulator.mechanisms.station import UNLIMITED
from simulator.mechanisms.targets import bucket
from simulator.mechanisms.traffic.clients import cycle_s, pause_of
from simulator.mechanisms.traffic.codes import LengthOrder, Priority
from simulator.mechanisms.traffic.config import GenerateStep, Tenant, TokenTrace, Workload, WorkloadLimits
from simulator.mechanisms.traffic.joint_lengths import cumulative_ranks, normal_correlation
from simulator.mechanisms.traffic.language_table import LanguageTable
from simulator.mechanisms.traffic.table import MAX_CLASSES, STREAM, WORKLOAD, Traffic
from simulator.mechanisms.traffic.trace import TraceData
from simulator.mechanisms.traffic.units import UnitList
from simulator.mechanisms.traffic.wander import Wander
from simulator.mechanisms.traffic.wandering import steps_of_piece, wandering
from simulator.numerics import joint_draws
from simulator.numerics.draws import derive, uniform
from simulator.numerics.events import NONE


@dataclass(frozen=True, eq=False)
class TrafficPlan:
    """Everything about demand but the seed."""

    traffic: Traffic
    names: tuple[tuple[str, str, str], ...]  # (workload, region, tenant) of every stream
    rotates: tuple[bool, ...]  # whether a stream starts its trace at a drawn row
    wanders: tuple[Wander | None, ...]  # of every stream
    unit_keys: NDArray[np.uint64]  # of the leading parts that prompts have in common


def build_traffic(
    workloads: Sequence[Workload],
    streams: Sequence[tuple[str, str, str]],
    regions: Sequence[str],
    rate_rps: NDArray[np.float64],
    piece_s: float,
    lead_s: float,
    traces: Mapping[str, TraceData],
    first_pcs: Sequence[int],
    timeout_lanes: Sequence[int],
    limits_s: Sequence[tuple[float, float]],
    class_names: Sequence[str],
    recorded_classes: Sequence[Sequence[str]],
    languages: LanguageTable,
    table: DistributionTable,
) -> TrafficPlan:
    """Tables of demand; `rate_rps`: [stream, piece], `limits_s`: latency and TTFT limits per workload,
    `class_names`: complexity classes of all workloads, in the order of their numbers, `recorded_classes`: those of each
    that results tell apart.
    """
    records = np.zeros(len(workloads), dtype=WORKLOAD).view(np.recarray)
    classes = np.ones((len(workloads), MAX_CLASSES))
    class_place = np.zeros((len(workloads), MAX_CLASSES), dtype=np.int64)
    gaps: list[NDArray[np.float64]] = []
    lengths: list[NDArray[np.int64]] = []
    calls: list[NDArray[np.float64]] = []
    sessions: list[NDArray[np.int64]] = []
    units = UnitList()
    items: list[PopularityTable] = []
    first_gap: dict[str, int] = {}
    n_gap_rows = n_length_rows = n_item_rows = n_sessions = 0
    for index, workload in enumerate(workloads):
        record = records[index]
        record.first_pc = first_pcs[index]
        record.priority = Priority[workload.priority.upper()]
        record.prompt_distribution = _lengths_or_none(workload.prompt_tokens, table)
        record.output_distribution = _lengths_or_none(workload.output_tokens, table)
        _link(record, workload, table)
        record.turns_distribution = NONE
        if workload.turns is not None and workload.turns.mean > 1:
            is_geometric = workload.turns.distribution == "geometric"
            record.turns_distribution = table.add_turns(workload.turns.mean, is_geometric)
            record.think_s = workload.turns.think_time
        record.first_length = NONE
        record.first_unit = NONE
        if workload.system_prompt_tokens is not None:
            record.system_tokens = record.unit_tokens = workload.system_prompt_tokens
            record.first_unit = units.add(name_key("system prompt", workload.name))
        record.pause_distribution = table.add(pause_of(workload)) if workload.is_closed else NONE
        trace = traces.get(workload.name)
        if trace is not None and trace.lengths is not None:
            record.first_length = n_length_rows
            record.n_lengths = len(trace.lengths)
            lengths.append(trace.lengths)
            if trace.units is not None:
                record.unit_tokens = trace.units.tokens
            units.add_rows(len(trace.lengths), trace.units)
            calls.append(
                np.zeros((len(trace.lengths), 3)) if trace.sessions is None else trace.sessions.calls
            )
            n_length_rows += len(trace.lengths)
        if (
            trace is not None
            and trace.gap is not None
            and workload.trace is not None
            and workload.trace.says_when
        ):
            record.lengths_in_order = LengthOrder.ROWS if trace.lengths is not None else LengthOrder.DRAWN
            if trace.sessions is not None:
                record.lengths_in_order = LengthOrder.SESSIONS
                record.first_session, record.n_sessions = n_sessions, trace.sessions.first.size
                sessions.append(trace.sessions.first + record.first_length)
                n_sessions += trace.sessions.first.size
            first_gap[workload.name] = n_gap_rows
            gaps.append(trace.gap)
            n_gap_rows += trace.gap.size
        record.n_classes = len(class_names)
        classes[index, : len(class_names)] = np.cumsum(
            [workload.complexity.get(name, 0.0) for name in class_names]
        )
        told_apart = recorded_classes[index]
        record.n_recorded_classes = len(told_apart)
        for number, name in enumerate(class_names):
            class_place[index, number] = told_apart.index(name) if name in told_apart else 0
        record.first_item = NONE
        record.n_phrasings = 1
        if workload.popularity is not None:
            record.first_item = n_item_rows
            record.n_items = workload.popularity.items
            record.n_phrasings = workload.popularity.phrasings
            items.append(popularity_table(workload.popularity.exponent, workload.popularity.items))
            n_item_rows += workload.popularity.items
        record.timeout_s = math.inf if workload.timeout is None else workload.timeout
        record.timeout_lane = timeout_lanes[index]
        record.generates = int(any(isinstance(step, GenerateStep) for step in workload.steps))
        record.latency_limit_s, record.ttft_limit_s = limits_s[index]
        parts: list[Workload | Tenant] = [workload, *workload.tenants.values()]
        record.is_limited = int(any(part.limits is not None or part.budget is not None for part in parts))
        if workload.asks_again is not None:
            record.again_share = workload.asks_again.share
            record.wrong_again_share = workload.asks_again.wrong
            record.again_s = workload.asks_again.after
            record.again_limit = workload.asks_again.max
        record.output_factor = 1.0
        record.max_tokens = UNLIMITED if workload.max_tokens is None else workload.max_tokens
    by_name = {workload.name: workload.wander for workload in workloads}
    wanders = tuple(by_name[name] for name, _, _ in streams)
    n_steps = steps_of_piece(wanders, piece_s, rate_rps.shape[1])
    traffic = Traffic(
        _streams(workloads, streams, regions, traces, first_gap, languages, recorded_classes),
        records,
        languages.rows,
        np.repeat(np.asarray(rate_rps, dtype=np.float64), n_steps, axis=1),
        float(piece_s) / n_steps,
        float(lead_s),
        np.concatenate(gaps) if gaps else np.ones(1),
        np.concatenate(lengths) if lengths else np.ones((1, 2), dtype=np.int64),
        units.rows(),
        np.concatenate(calls) if calls else np.zeros((1, 3)),
        np.concatenate(sessions) if sessions else np.zeros(1, dtype=np.int64),
        classes,
        class_place,
        np.concatenate([table.cumulative for table in items]) if items else np.ones(1),
        np.concatenate([table.guide for table in items]) if items else np.zeros(1, dtype=np.int64),
    )
    rotation = {w.name: w.trace is not None and w.trace.rotate for w in workloads}
    rotates = tuple(rotation[name] for name, _, _ in streams)
    return TrafficPlan(traffic, tuple(streams), rotates, wanders, units.keys())


def _lengths_or_none(lengths: Distribution | TokenTrace | None, table: DistributionTable) -> int:
    if lengths is None or isinstance(lengths, TokenTrace):
        return NONE
    return table.add(lengths)


def _link(record: np.record, workload: Workload, table: DistributionTable) -> None:
    """Set how the lengths of prompts and answers go together."""
    joint = workload.joint_lengths
    if joint is None:
        return
    if joint.ranks is None:
        assert joint.correlation is not None
        record.length_link = joint_draws.NORMAL
        record.length_correlation = normal_correlation(joint.correlation)
        return
    cumulative = cumulative_ranks(joint.ranks)
    record.length_link = joint_draws.RANKS
    record.first_rank = table.add_values(cumulative)
    record.n_prompt_ranks, record.n_output_ranks = cumulative.shape


def _streams(
    workloads: Sequence[Workload],
    streams: Sequence[tuple[str, str, str]],
    regions: Sequence[str],
    traces: Mapping[str, TraceData],
    first_gap: Mapping[str, int],
    languages: LanguageTable,
    recorded_classes: Sequence[Sequence[str]],
) -> NDArray[np.void]:
    records = np.zeros(len(streams), dtype=STREAM).view(np.recarray)
    place = {workload.name: index for index, workload in enumerate(workloads)}
    n_recorded = 0
    for record, (name, region, tenant) in zip(records, streams, strict=True):
        asking = workloads[place[name]].of_tenant(tenant)
        record.workload = place[name]
        record.region = regions.index(region)
        record.first_language, after = languages.first[record.region : record.region + 2]
        record.n_languages = after - record.first_language
        record.first_recorded = n_recorded
        n_recorded += record.n_languages * len(recorded_classes[record.workload])
        record.share = 1.0
        record.cycle_s = cycle_s(asking) if asking.is_closed else 0.0
        record.gap_shape = 1.0 / asking.burstiness**2
        record.first_gap = NONE
        _limit(record, asking.limits)
        if name in first_gap:
            gap = traces[name].gap
            assert gap is not None
            record.first_gap = first_gap[name]
            record.n_gaps = gap.size
    return records


def _limit(record: np.record, limits: WorkloadLimits | None) -> None:
    """Set the limits of a stream; without any nothing is turned away."""
    parallel = None if limits is None else limits.max_parallel_requests
    record.parallel_limit = UNLIMITED if parallel is None else parallel
    rpm, tpm = (None, None) if limits is None else (limits.rpm, limits.tpm)
    for prefix, per_minute in (("request", rpm), ("token", tpm)):
        depth = np.inf if per_minute is None else float(per_minute)
        for name, value in bucket(depth / 60.0, depth, prefix).items():
            record[name] = value


def seed_streams(plan: TrafficPlan, seed: int) -> Traffic:
    """Fresh streams for one run: draw keys, where each starts in its trace, how rates wander; workloads that may change."""
    streams = plan.traffic.streams.copy()
    workloads = plan.traffic.workloads.copy()
    for stream, (workload, region, tenant), rotates in zip(streams, plan.names, plan.rotates, strict=True):
        key = name_key(seed, workload, region, tenant) if tenant else name_key(seed, workload, region)
        stream.draw_key = key
        if rotates:
            u = uniform(np.uint64(derive(key, np.uint64(2**63))))
            if stream.first_gap != NONE:
                stream.gap_index = int(u * stream.n_gaps)
            own = workloads[stream.workload]
            if own.lengths_in_order == LengthOrder.ROWS:
                stream.length_index = int(u * own.n_lengths)
            if own.lengths_in_order == LengthOrder.SESSIONS:
                stream.length_index = int(u * own.n_sessions)
    fresh = plan.traffic._replace(streams=streams, workloads=workloads)
    if not any(plan.wanders):
        return fresh
    rates = wandering(fresh.rate_rps, plan.wanders, list(streams["draw_key"]), fresh.piece_s, seed)
    return fresh._replace(rate_rps=rates)
