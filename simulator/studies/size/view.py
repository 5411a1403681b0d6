"""The largest loads of a replica for people: a column per load, what stops at more, and the replicas that users need."""

from simulator.render.numbers import quantity
from simulator.render.sections import Notes, Quantity, Row, Section, Words, table_of
from simulator.studies.footer import footer
from simulator.studies.size.loads import WORDS
from simulator.studies.size.report import Carried, SizeReport


def sections(report: SizeReport) -> list[Section]:
    """Everything `rollout size` shows."""
    columns = {
        "requests at random": report.at_random,
        f"users who think {quantity(report.think_time_s, 'time')}": report.by_users,
    }
    if report.users is not None and report.for_users is not None:
        columns[f"{report.users:,} users"] = report.for_users
    rows = _rows(report, list(columns.values()))
    return [
        table_of(f"{report.scenario} carries", "at most", list(columns), rows),
        Notes(_warnings(report)),
        _footer(report),
    ]


def _rows(report: SizeReport, loads: list[Carried]) -> list[Row]:
    p = f"p{report.percentile:g}"
    rows = [
        Row("replicas", [Quantity(of.replicas, "count") for of in loads]),
        Row("requests", [Quantity(of.requests_per_s, "rate") for of in loads]),
        Row("users", [Quantity(of.users, "count") for of in loads]),
        *(
            Row(f"{p} {WORDS[name]}", [Quantity(of.times.get(name), "time") for of in loads])
            for name in report.limits_s
        ),
        Row("mean latency", [Quantity(of.mean_latency_s, "time") for of in loads]),
        Row("tokens out, each", [Quantity(of.output_tokens_per_s, "rate") for of in loads]),
        Row("batch", [Quantity(of.batch, "number") for of in loads]),
        Row("KV cache", [Quantity(of.kv_usage, "share") for of in loads]),
    ]
    if any(of.usd_per_hour is not None for of in loads):
        rows += [
            Row("cost per hour", [Quantity(of.usd_per_hour, "money") for of in loads]),
            Row("cost per Mtok", [Quantity(of.usd_per_mtok, "money") for of in loads]),
            Row("cost per Mtok out", [Quantity(of.usd_per_mtok_output, "money") for of in loads]),
        ]
    return [*rows, Row("at more", [Words(of.binds) for of in loads])]


def _warnings(report: SizeReport) -> list[str]:
    found = []
    if report.at_random.requests_per_s == 0.0:
        found.append("not even a hundredth of the load of a full replica meets the limits; it is shown")
    if report.users is not None and report.for_users is None:
        found.append(f"{report.users:,} users: no number of these replicas serves them within the limits")
    return found


def _footer(report: SizeReport) -> Notes:
    return footer(
        report,
        f"seed {report.seed} · {report.n_runs} replications of every load, with the same luck · 95 % intervals",
        f"engine: {report.max_num_seqs:,} sequences in a batch, {report.max_num_batched_tokens:,} tokens in an iteration",
        "per Mtok: tokens of prompts and answers, or of answers alone, at this load around the clock",
        profiles=report.profiles,
    )
