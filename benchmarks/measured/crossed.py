"""How far off is the forecast of a set to which nothing was fitted? Times of one set, loads of the other."""

from collections.abc import Sequence

from benchmarks.measured.errors import Compared, mean_error
from benchmarks.measured.points import Point
from benchmarks.measured.replay import forecast
from benchmarks.report import markdown_table
from simulator.mechanisms.replicas import catalog, engines

_PREFIXES = "vllm+chunking_and_prefix_caching"
_N_DRAWS = 4
# Fitted to one set alone, by least absolute errors of time per token, latency, first token and saturated throughput. No
# iteration of the set with prefixes is larger than the largest graph, so that it does not show what a launch takes.
FITTED = {
    "vllm": {"iteration_s": 0.47e-3, "sequence_s": 16.3e-6, "launch_layer_s": 53e-6, "request_s": 15.5e-3},
    _PREFIXES: {"iteration_s": 0.60e-3, "sequence_s": 9.5e-6, "launch_layer_s": 0.0, "request_s": 16.0e-3},
}


def crossed_table(points: Sequence[Point]) -> str:
    """Errors of each set with the times of the other, and with the launch time of both where its own set shows none."""
    shipped = engines.ENGINES
    both = shipped[0].launch_layer_s
    cases = [
        ("vllm", _PREFIXES, FITTED["vllm"], ""),
        (_PREFIXES, "vllm", FITTED[_PREFIXES], ", without a time for launches"),
        (_PREFIXES, "vllm", FITTED[_PREFIXES] | {"launch_layer_s": both}, ", with that of both"),
    ]
    rows = []
    try:
        for fitted_to, forecast_of, times, words in cases:
            engines.ENGINES = (shipped[0]._replace(**times), *shipped[1:])
            catalog._with_engine.cache_clear()
            rows.append([f"`{fitted_to}`{words}", f"`{forecast_of}`", *_errors(points, forecast_of)])
    finally:
        engines.ENGINES = shipped
        catalog._with_engine.cache_clear()
    header = (
        "fitted to",
        "forecast of",
        "TPOT",
        "TTFT p50, up to 90 %",
        "latency p50, up to 90 %",
        "saturated",
    )
    return markdown_table(header, rows)


def _errors(points: Sequence[Point], set_name: str) -> list[str]:
    found = [Compared(one, forecast(one, n_draws=_N_DRAWS)) for one in points if one.set_name == set_name]
    not_late = [one for one in found if not one.point.is_late]
    calm = [one for one in not_late if one.point.load_class != "over 90 %"]
    late = [one for one in found if one.point.is_late]
    errors = (
        mean_error(not_late, "tpot_ms"),
        mean_error(calm, "ttft_p50_ms"),
        mean_error(calm, "latency_p50_ms"),
        mean_error(late, "requests_per_s"),
    )
    return [f"{error:.1%}" for error in errors]
