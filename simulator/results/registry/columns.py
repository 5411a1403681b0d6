"""The data dictionary: name, type, unit and meaning of everything a user can read about a run.

One place for the summary document, the data frames, the Parquet files and the reference page, written by
`python -m simulator.results.registry.columns > docs/reference/columns.md`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from simulator.metrics.columns import CountColumn

ColumnType = Literal["int64", "float64", "bool", "str", "datetime64[us, UTC]", "quantiles"]

_TYPE_NAMES: dict[ColumnType, str] = {
    "int64": "integer",
    "float64": "number",
    "bool": "true / false",
    "str": "text",
    "datetime64[us, UTC]": "time (UTC)",
    "quantiles": "mean, p50, p95, p99",
}


@dataclass(frozen=True)
class Column:
    """One name a user reads, with its type, unit and meaning."""

    name: str
    type: ColumnType
    unit: str
    description: str


COUNTS = (
    Column(
        "arrived", "int64", "actions", "Asked for in the window, or still open when it began (`carried_in`)."
    ),
    Column("succeeded", "int64", "actions", "Answered in full, by the system or by people."),
    Column(
        "degraded",
        "int64",
        "actions",
        "Answered with a stale answer from a cache, or by rules in place of a model.",
    ),
    Column("failed", "int64", "actions", "Not answered: timed out, or every try and fallback failed."),
    Column(
        "rejected", "int64", "actions", "Turned away: the data contract was not met, or a full queue shed it."
    ),
    Column("abandoned", "int64", "actions", "The user's patience ran out in a queue."),
    Column("in_flight", "int64", "actions", "Still open when the window ended."),
    Column("carried_in", "int64", "actions", "Part of `arrived`: open when the warm-up ended."),
    Column("correct", "int64", "actions", "Answered (or resolved by people) and right."),
    Column("invalid", "int64", "actions", "Part of `rejected`: the data contract was not met."),
    Column("good", "int64", "actions", "Answered within every per-request limit of the SLOs."),
    Column(
        "turns", "int64", "turns", "Turns with a latency: answered, handed off, or failed after an answer."
    ),
    Column("cache_lookups", "int64", "look-ups", "Questions looked up in a response cache."),
    Column("cache_hits", "int64", "look-ups", "Look-ups that found an answer."),
    Column("false_hits", "int64", "look-ups", "Hits that answered another question."),
    Column("handed_off", "int64", "turns", "Taken over by people."),
    Column("reviewed", "int64", "answers", "Sampled reviews finished by a team."),
    Column("retries", "int64", "attempts", "Tries beyond the first at the same entry of a route."),
    Column("fallbacks", "int64", "attempts", "Moves to the next entry of a route after one failed."),
    Column("timeouts", "int64", "turns", "Given up by the user's own time-out."),
    Column(
        "retries_denied", "int64", "attempts", "Retries not made, as the route's retry budget was used up."
    ),
    Column(
        "held_back",
        "int64",
        "attempts",
        "Tries not sent: a breaker was open, a target ejected, or a limit of the route reached.",
    ),
    Column(
        "expired", "int64", "attempts", "Tries turned away before service, as their time would have run out."
    ),
    Column("hedges", "int64", "attempts", "Second tries beside slow first ones."),
    Column("hedges_won", "int64", "attempts", "Part of `hedges`: answered before the first try."),
    Column("limited", "int64", "actions", "Part of `rejected`: beyond the workload's own limits."),
    Column("asked_again", "int64", "actions", "Part of `arrived`: by users who got nothing before."),
    Column(
        "residency_blocked",
        "int64",
        "entries",
        "Entries of a route and teams passed over: no region where the data may go has them.",
    ),
    Column(
        "reviewed_right", "int64", "answers", "Part of `reviewed`: people let the answer stand as it was."
    ),
    Column("generated", "int64", "answers", "Answers of models that were taken."),
    Column(
        "ungrounded", "int64", "answers", "Part of `generated`: do not rest on what was retrieved for them."
    ),
)

METRICS = (
    Column(
        "latency_s",
        "quantiles",
        "s",
        "Per turn: from the user's ask to the answer, or to the hand-off to people.",
    ),
    Column(
        "ttft_s", "quantiles", "s", "Per turn: from the ask to the first token of the answer that was used."
    ),
    Column("tpot_s", "quantiles", "s", "Per turn: mean time per output token after the first."),
    Column(
        "queue_wait_s",
        "quantiles",
        "s",
        "Per turn: all waits in queues of services and models, not for people.",
    ),
    Column(
        "resolution_s",
        "quantiles",
        "s",
        "Per answered action: until it is closed, people and pauses included.",
    ),
    Column("availability", "float64", "share", "(succeeded + degraded) / (ended - invalid)."),
    Column("success_rate", "float64", "share", "correct / (ended - invalid)."),
    Column("failed_rate", "float64", "share", "failed / ended."),
    Column("rejected_rate", "float64", "share", "rejected / ended."),
    Column("abandoned_rate", "float64", "share", "abandoned / ended."),
    Column("handed_off_rate", "float64", "share", "handed_off / turns."),
    Column("residency_blocked_rate", "float64", "entries per action", "residency_blocked / ended."),
    Column("groundedness", "float64", "share", "(generated - ungrounded) / generated."),
    Column("override_rate", "float64", "share", "(reviewed - reviewed_right) / reviewed."),
    Column("goodput_rps", "float64", "1/s", "Good actions per second."),
    Column(
        "arrival_rps",
        "float64",
        "1/s",
        "Actions asked for per second of the window (without those carried in).",
    ),
    Column("throughput_rps", "float64", "1/s", "Actions answered (succeeded or degraded) per second."),
    Column("cache_hit_rate", "float64", "share", "cache_hits / cache_lookups."),
    Column("cost_per_action", "float64", "currency", "Cost of the window / actions ended."),
    Column("cost_per_successful_action", "float64", "currency", "Cost of the window / correct actions."),
    Column(
        "energy_per_action_wh",
        "float64",
        "Wh",
        "At most: rated power of the pools' GPUs x time they worked / actions ended; only of all actions.",
    ),
)

TARGET_METRICS = (
    Column("kind", "str", "", "`model`, `service` or `team`."),
    Column(
        "utilization",
        "float64",
        "share",
        "Busy server-seconds / available ones; none where servers are unlimited.",
    ),
    Column(
        "offered_load_erlangs",
        "float64",
        "erlangs",
        "Attempts per second, turned away included, x mean service time.",
    ),
    Column("carried_load_erlangs", "float64", "erlangs", "Mean number of busy servers."),
    Column("in_system", "float64", "attempts", "Mean number waiting or served (L of Little's law)."),
    Column("queue_wait_s", "quantiles", "s", "Wait in the target's queue, per attempt; the mean to 0.8 %."),
    Column("max_in_system", "int64", "attempts", "Most waiting or served at one time in one region."),
    Column(
        "attempts", "int64", "attempts", "Tries that reached the target: first tries, retries and fallbacks."
    ),
    Column("succeeded", "int64", "attempts", "Tries that were answered."),
    Column("errors", "int64", "attempts", "Tries that failed with an error of the target."),
    Column(
        "rate_limited", "int64", "attempts", "Tries answered with 429: beyond requests or tokens per minute."
    ),
    Column("timed_out", "int64", "attempts", "Tries given up by a time-out."),
    Column("shed", "int64", "attempts", "Tries turned away by a full queue."),
    Column("abandoned", "int64", "attempts", "Tries that left the queue when patience ran out."),
    Column("cancelled", "int64", "attempts", "Tries cut off, as another of their pair was answered first."),
    Column("error_rate", "float64", "share", "errors / attempts."),
    Column("rate_limited_rate", "float64", "share", "rate_limited / attempts."),
    Column("shed_rate", "float64", "share", "shed / attempts."),
    Column(
        "right_rate",
        "float64",
        "share",
        "Right answers / answers; those that a cascade passes on are among them.",
    ),
    Column(
        "grounded_rate", "float64", "share", "Answers that rest on what was retrieved / answers, likewise."
    ),
    Column("input_tokens_per_minute", "float64", "tokens/min", "Billed input tokens per minute."),
    Column("output_tokens_per_minute", "float64", "tokens/min", "Billed output tokens per minute."),
    Column("requests_per_minute", "float64", "1/min", "Attempts per minute."),
    Column(
        "batch_size", "float64", "sequences", "Pools: sequences that run while a replica works, on average."
    ),
    Column("kv_usage", "float64", "share", "Pools: tokens held by those that run / room in the KV cache."),
    Column("preemptions_per_minute", "float64", "1/min", "Pools: sequences sent back for want of KV cache."),
    Column("prefix_hit_rate", "float64", "share", "Pools: prompt tokens found in the cache / prompt tokens."),
    Column("interruptions_per_hour", "float64", "1/h", "Pools: replicas on spot that were taken back."),
    Column(
        "energy_per_action_wh",
        "float64",
        "Wh",
        "Pools, at most: rated power of the GPUs x time they worked / actions ended, all workloads together.",
    ),
    Column("cost", "float64", "currency", "Cost of the target in the window."),
    Column("cost_per_million_tokens", "float64", "currency", "cost / (input and output tokens / 10⁶)."),
)

_BUCKET = (
    Column("seed", "int64", "", "Seed of the replication."),
    Column("stage", "str", "", "Rollout stage; empty: full exposure."),
    Column("window", "str", "", "Name of the simulated window."),
    Column("bucket_start", "datetime64[us, UTC]", "", "Start of the time bucket."),
    Column(
        "time_s",
        "float64",
        "s",
        "Start of the bucket since the start of the window; negative in the warm-up.",
    ),
    Column("bucket_s", "float64", "s", "Length of the bucket; the last may be short."),
    Column("measured", "bool", "", "False in the warm-up."),
)

_COUNTS_BY_NAME = {column.name: column for column in COUNTS}

SERIES = (
    *_BUCKET,
    Column("workload", "str", "", "Class of actions."),
    Column("region", "str", "", "Region of the users."),
    Column("tenant", "str", "", "Tenant of the workload; empty: it has none."),
    Column("language", "str", "", "Language of the users; empty: their region names none."),
    Column("complexity", "str", "", "Class of complexity; empty: there is one."),
    Column("arrived", "int64", "actions", "Asked for in the bucket."),
    *(_COUNTS_BY_NAME[column.name.lower()] for column in CountColumn if column != CountColumn.ARRIVED),
    Column("arrival_rps", "float64", "1/s", "Actions asked for per second."),
    Column("answered_rps", "float64", "1/s", "Actions answered (succeeded or degraded) per second."),
    Column("goodput_rps", "float64", "1/s", "Good actions per second."),
    Column(
        "latency_mean_s",
        "float64",
        "s",
        "Mean latency of the turns that ended in the bucket; empty if none did.",
    ),
)

USAGE = (
    Column("attempts", "float64", "attempts", "Tries at the target."),
    Column("succeeded", "float64", "attempts", "Tries that were answered."),
    Column("errors", "float64", "attempts", "Tries that failed with an error of the target."),
    Column("rate_limited", "float64", "attempts", "Tries answered with 429."),
    Column("timed_out", "float64", "attempts", "Tries given up by a time-out."),
    Column("shed", "float64", "attempts", "Tries turned away by a full queue."),
    Column("abandoned", "float64", "attempts", "Tries that left the queue when patience ran out."),
    Column("input_tokens", "float64", "tokens", "Billed input tokens."),
    Column("output_tokens", "float64", "tokens", "Billed output tokens."),
    Column(
        "wasted_input_tokens",
        "float64",
        "tokens",
        "Part of `input_tokens`: of tries whose answer was not used.",
    ),
    Column(
        "wasted_output_tokens",
        "float64",
        "tokens",
        "Part of `output_tokens`: of tries whose answer was not used.",
    ),
    Column("busy_s", "float64", "s", "Server-seconds used, counted when the try ended."),
    Column("cancelled", "float64", "attempts", "Tries cut off, as another of their pair was answered first."),
    Column(
        "long_input_tokens",
        "float64",
        "tokens",
        "Part of `input_tokens`: of prompts so long that they are priced by another tier.",
    ),
    Column("long_output_tokens", "float64", "tokens", "Part of `output_tokens`: answers to such prompts."),
    Column("judged", "float64", "answers", "Answers, those that a cascade passes on among them."),
    Column("right", "float64", "answers", "Part of `judged`."),
    Column("grounded", "float64", "answers", "Part of `judged`: rest on what was retrieved for them."),
)

TARGET_SERIES = (
    *_BUCKET,
    Column("kind", "str", "", "`model`, `service` or `team`."),
    Column("target", "str", "", "Name of the model, service or team."),
    Column("target_region", "str", "", "Region the target runs in."),
    *USAGE,
)

REQUESTS = (
    Column("seed", "int64", "", "Seed of the replication."),
    Column("request_id", "int64", "", "Number of the action within its stream (workload x region x tenant)."),
    Column("workload", "str", "", "Class of actions."),
    Column("region", "str", "", "Region of the user."),
    Column("tenant", "str", "", "Tenant of the workload; empty: it has none."),
    Column("language", "str", "", "Language of the user; empty: their region names none."),
    Column("complexity", "str", "", "Class of complexity; empty: there is one."),
    Column(
        "arrival_s", "float64", "s", "Time of the ask since the start of the window; negative in the warm-up."
    ),
    Column("end_s", "float64", "s", "Time it was closed, on the same clock."),
    Column("outcome", "str", "", "`succeeded`, `degraded`, `failed`, `rejected` or `abandoned`."),
    Column("is_correct", "bool", "", "Answered (or resolved by people) and right."),
    Column("asked", "int64", "", "How often the user had asked the same before and got nothing."),
    Column("turns", "int64", "turns", "Turns of the conversation that began."),
    Column("attempts", "int64", "attempts", "Tries at services and models, retries and fallbacks included."),
    Column("latency_s", "float64", "s", "Latency of the last turn answered; empty if none was."),
    Column("ttft_s", "float64", "s", "Time to first token of the last turn; empty if it had none."),
    Column("queue_wait_s", "float64", "s", "Waits of the last turn in queues of services and models."),
    Column("input_tokens", "int64", "tokens", "Billed input tokens, all turns and tries together."),
    Column("output_tokens", "int64", "tokens", "Billed output tokens, all turns and tries together."),
)

GROUPS = {
    "Counts": ("`counts` of a summary: whole actions, added up over all replications.", COUNTS),
    "Metrics": (
        "`metrics` of a summary: estimates `{value, low, high}` with 95 % intervals; null where unknown.",
        METRICS,
    ),
    "Targets": ("`by.target` of a summary, per model, service and team.", TARGET_METRICS),
    "Series": (
        "`series.parquet`: a row per replication x time bucket x workload x region and language of the users x complexity.",
        SERIES,
    ),
    "Target series": ("A row per replication x time bucket x target x region of the target.", TARGET_SERIES),
    "Requests": ("`requests.parquet`, on request: a row per action that ended.", REQUESTS),
}


def names(columns: Iterable[Column]) -> list[str]:
    """Names in the order of the dictionary."""
    return [column.name for column in columns]


def dtypes(columns: Iterable[Column]) -> dict[str, str]:
    """Pandas type of each column of a data frame, by name."""
    return {column.name: column.type for column in columns}


def to_markdown() -> str:
    """Return the reference page `docs/reference/columns.md`: a table per group."""
    lines = [
        "# Columns and metrics",
        "",
        "Every name you can read in a summary, a data frame or a Parquet file. This page is written by",
        "`python -m simulator.results.registry.columns`; edit `simulator/results/registry/columns.py` instead.",
    ]
    for title, (introduction, columns) in GROUPS.items():
        lines += [
            "",
            f"## {title}",
            "",
            introduction,
            "",
            "| name | type | unit | meaning |",
            "| --- | --- | --- | --- |",
        ]
        lines += [
            f"| `{column.name}` | {_TYPE_NAMES[column.type]} | {column.unit} | {column.description} |"
            for column in columns
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(to_markdown(), end="")
