"""What `rollout size` reports: the largest loads of one replica within the objectives, and what stops at more."""

from collections.abc import Mapping
from typing import ClassVar

from simulator.studies.common.step_times import StepTimesSource
from simulator.studies.record import Interval, Record
from simulator.studies.report import ScenarioReport


class Carried(Record):
    """The largest load within the objectives, and what was measured under it.

    Attributes
    ----------
    requests_per_s : 0: not even the lightest load is carried, under which the rest was measured
    users : who are served; at random arrivals as many as ask so often, by Little's law
    times : at the percentile, by indicator
    output_tokens_per_s, batch, kv_usage : of a replica
    usd_per_mtok : per million tokens of prompts and answers at this load around the clock; None: no price was given
    binds : what is missed at a little more load, or with a replica less, in words
    """

    replicas: int
    requests_per_s: float
    users: int
    times: Mapping[str, Interval]
    mean_latency_s: float
    output_tokens_per_s: float
    batch: float
    kv_usage: float
    usd_per_hour: float | None
    usd_per_mtok: float | None
    usd_per_mtok_output: float | None
    binds: str


class SizeReport(ScenarioReport):
    """How many requests and users one replica carries, and how many replicas some users need.

    Attributes
    ----------
    max_num_seqs, max_num_batched_tokens : of the engine: asked for, or what vLLM takes on this GPU
    limits_s : longest times by indicator, at `percentile`
    at_random : at random (Poisson) arrivals
    by_users : of users who ask, wait for the answer, and think
    for_users : the fewest replicas for `users`; None: none were named, or no number of replicas is enough
    """

    view: ClassVar[str] = "simulator.studies.size.view"

    profiles: Mapping[str, StepTimesSource]
    seed: int
    n_runs: int
    max_num_seqs: int
    max_num_batched_tokens: int
    limits_s: Mapping[str, float]
    percentile: float
    think_time_s: float
    at_random: Carried
    by_users: Carried
    users: int | None
    for_users: Carried | None
