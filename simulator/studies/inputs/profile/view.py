"""A fitted profile for people: the loads, the time of an iteration, and how good the fit is."""

from simulator.render.numbers import quantity
from simulator.render.sections import Notes, Quantity, Row, Section, table_of
from simulator.studies.inputs.profile.report import ProfileReport, Span

_LOAD = ("requests", "rate", "batch", "first token", "per token", "known by")
_TERMS = ("each", "per prompt token", "per sequence that decodes", "per token that it reads")


def sections(report: ProfileReport) -> list[Section]:
    """Everything `rollout profile` shows."""
    loads = [
        Row(
            load.label,
            [
                Quantity(load.requests, "count"),
                Quantity(load.requests_per_s, "rate"),
                Quantity(load.mean_batch, "number"),
                Quantity(load.ttft_s, "time"),
                Quantity(load.tpot_s, "time"),
                load.by,
            ],
        )
        for load in report.loads
    ]
    times = [
        Row(term, [Quantity(value or None, "time", nothing="0")])
        for term, value in zip(_TERMS, report.coefficients.values(), strict=True)
    ]
    return [
        table_of("", "load", _LOAD, loads),
        table_of("", "time of an iteration", ("",), times),
        Notes(_fit_lines(report), "remark"),
        Notes(report.warnings),
        Notes([f"written to {report.file}"], "footer"),
    ]


def span_text(span: Span) -> str:
    """Smallest and largest in words."""
    low, high = (f"{round(end, 1):g}" for end in span)
    return low if low == high else f"{low} to {high}"


def _fit_lines(report: ProfileReport) -> list[str]:
    mean, worst = quantity(report.fit_error_mean, "share"), quantity(report.fit_error_worst, "share")
    batch, context = span_text(report.seen.batch), span_text(report.seen.context_tokens)
    prompt_tokens = f"{report.seen.prefill_tokens[1]:.0f} prompt tokens in an iteration"
    return [
        f"off by {mean} on average, {worst} at worst ({report.requests} requests, {report.points} points)",
        f"seen: batch {batch}, up to {prompt_tokens}, context {context}",
    ]
