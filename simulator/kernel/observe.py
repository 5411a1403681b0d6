"""What a run writes down: counters by time bucket, moments and histograms after the warm-up, rows on request."""

import math

from simulator.kernel.codes import Mark, Outcome
from simulator.kernel.world import (
    bucket_histogram_of,
    counts_of,
    histogram_of,
    latency_sum_of,
    moments_of,
    recorder_at,
    row_at,
    target_at,
    usage_of,
    wait_histogram_of,
    workload_at,
)
from simulator.metrics.columns import CountColumn, Metric, UsageColumn
from simulator.numerics.events import INSTANT_S
from simulator.numerics.jit import jit, shared
from simulator.numerics.sketch import COARSE_SHIFT, NEVER, bin_of


@jit
def count(world, stream, column):
    """Add one to a counter of the current time bucket."""
    counts_of(world)[recorder_at(world, 0).bucket, stream, column] += 1


@jit
def use(world, stream, station, column, amount):
    """Add to what a stream used of a station in the current time bucket."""
    usage_of(world)[recorder_at(world, 0).bucket, stream, station, column] += amount


@jit
def turn_bucket(recorder, now_s, n_buckets):
    """Move the current time bucket up to `now_s`; the last one stays open."""
    while now_s >= recorder.bucket_end_s and recorder.bucket < n_buckets - 1:
        recorder.bucket += 1
        recorder.bucket_end_s = (recorder.bucket + 1) * recorder.bucket_s


@jit
def measure(world, stream, metric, value_s, now_s):
    """Add a value to a measure of a stream, if the warm-up is over."""
    if now_s < recorder_at(world, 0).measure_from_s:
        return
    moments_of(world)[stream, metric, 0] += 1.0
    moments_of(world)[stream, metric, 1] += value_s
    moments_of(world)[stream, metric, 2] += value_s * value_s
    histogram_of(world)[stream, metric, bin_of(value_s)] += 1


@jit
def measure_wait(world, station, wait_s, now_s):
    """Add a queue wait to a station's histogram, if the warm-up is over."""
    if now_s >= recorder_at(world, 0).measure_from_s:
        wait_histogram_of(world)[station, bin_of(wait_s)] += 1


@jit
def _never(world, request, workload, now_s):
    """Count who was not answered in the measures of answers: slower than any limit."""
    recorder = recorder_at(world, 0)
    is_measured = now_s >= recorder.measure_from_s
    stream = request.stream
    if is_measured:
        histogram_of(world)[stream, Metric.RESOLUTION, NEVER] += 1
    if (request.marks & Mark.ANSWERED) != 0:
        return
    if is_measured:
        histogram_of(world)[stream, Metric.LATENCY, NEVER] += 1
        histogram_of(world)[stream, Metric.QUEUE_WAIT, NEVER] += 1
        if workload.generates == 1:
            histogram_of(world)[stream, Metric.TTFT, NEVER] += 1
            histogram_of(world)[stream, Metric.TPOT, NEVER] += 1
    if recorder.keeps_buckets == 1:
        histogram = bucket_histogram_of(world)
        histogram[recorder.bucket, request.workload, Metric.LATENCY, NEVER >> COARSE_SHIFT] += 1
        if workload.generates == 1:
            histogram[recorder.bucket, request.workload, Metric.TTFT, NEVER >> COARSE_SHIFT] += 1


@jit
def _measure_in_bucket(world, workload, latency_s, ttft_s):
    """Add a turn's latency, and its time to first token if it has one, to those of the time bucket."""
    bucket = recorder_at(world, 0).bucket
    histogram = bucket_histogram_of(world)
    histogram[bucket, workload, Metric.LATENCY, bin_of(latency_s) >> COARSE_SHIFT] += 1
    if ttft_s >= 0.0:
        histogram[bucket, workload, Metric.TTFT, bin_of(ttft_s) >> COARSE_SHIFT] += 1


@shared
def observe_answer(world, request, workload, now_s):
    """Record the turn's answer, or the notice that a person takes over, whichever comes first."""
    if (request.marks & Mark.ANSWERED) != 0:
        return
    request.marks |= Mark.ANSWERED
    stream = request.stream
    latency_s = now_s - request.turn_start_s
    request.latency_s = latency_s
    count(world, stream, CountColumn.TURNS)
    latency_sum_of(world)[recorder_at(world, 0).bucket, stream] += latency_s
    measure(world, stream, Metric.LATENCY, latency_s, now_s)
    measure(world, stream, Metric.QUEUE_WAIT, request.queue_wait_s, now_s)
    if recorder_at(world, 0).keeps_buckets == 1:
        _measure_in_bucket(world, request.workload, latency_s, request.ttft_s)
    if request.ttft_s >= 0.0:
        measure(world, stream, Metric.TTFT, request.ttft_s, now_s)
        if request.tpot_s > 0.0:
            measure(world, stream, Metric.TPOT, request.tpot_s, now_s)
    if latency_s > workload.latency_limit_s + INSTANT_S or request.ttft_s > workload.ttft_limit_s + INSTANT_S:
        request.marks |= Mark.SLOW


@jit
def observe_end(world, request, outcome, now_s):
    """Record how an action ended."""
    stream = request.stream
    is_answered = outcome == Outcome.SUCCEEDED or outcome == Outcome.DEGRADED
    is_correct = is_answered and (request.marks & (Mark.WRONG | Mark.WRONG_BEFORE)) == 0
    count(world, stream, CountColumn.SUCCEEDED + outcome)
    if is_correct:
        count(world, stream, CountColumn.CORRECT)
    if is_answered:
        measure(world, stream, Metric.RESOLUTION, now_s - request.arrival_s, now_s)
        if (request.marks & Mark.SLOW) == 0:
            count(world, stream, CountColumn.GOOD)
        if (request.marks & Mark.HANDED_OFF) == 0:
            count(world, stream, CountColumn.WITHOUT_PEOPLE)
            if is_correct:
                count(world, stream, CountColumn.RIGHT_WITHOUT_PEOPLE)
    elif (request.marks & Mark.INVALID) == 0:
        _never(world, request, workload_at(world, request.workload), now_s)
    if recorder_at(world, 0).keeps_rows == 1:
        _keep_row(world, request, outcome, is_correct, now_s)


@jit
def _keep_row(world, request, outcome, is_correct, now_s):
    recorder = recorder_at(world, 0)
    row = row_at(world, recorder.n_rows)
    recorder.n_rows += 1
    row.arrival_s = request.arrival_s
    row.end_s = now_s
    row.latency_s = request.latency_s if request.latency_s >= 0.0 else math.nan
    row.ttft_s = request.ttft_s if request.ttft_s >= 0.0 else math.nan
    row.queue_wait_s = request.queue_wait_s
    row.number = request.number
    row.stream = request.stream
    row.outcome = outcome
    row.is_correct = 1 if is_correct else 0
    row.asked = request.asked
    row.turns = request.turn + 1
    row.attempts = request.n_attempts
    row.input_tokens = request.total_input_tokens
    row.output_tokens = request.total_output_tokens


@jit
def observe_attempt(world, request, result_column, input_tokens, output_tokens, is_wasted):
    """Record how an attempt ended and which tokens it is billed for."""
    stream = request.stream
    station = request.station
    use(world, stream, station, result_column, 1.0)
    if input_tokens > 0:
        use(world, stream, station, UsageColumn.INPUT_TOKENS, float(input_tokens))
        use(world, stream, station, UsageColumn.OUTPUT_TOKENS, float(output_tokens))
        request.total_input_tokens += input_tokens
        request.total_output_tokens += output_tokens
        if input_tokens > target_at(world, request.target).long_prompt_tokens:
            use(world, stream, station, UsageColumn.LONG_INPUT_TOKENS, float(input_tokens))
            use(world, stream, station, UsageColumn.LONG_OUTPUT_TOKENS, float(output_tokens))
        if is_wasted:
            use(world, stream, station, UsageColumn.WASTED_INPUT_TOKENS, float(input_tokens))
            use(world, stream, station, UsageColumn.WASTED_OUTPUT_TOKENS, float(output_tokens))
