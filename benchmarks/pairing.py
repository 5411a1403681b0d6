"""What pairing is worth: replications that two independent sides need for the interval that pairs give.

The bundled scenario's second stage against itself with one change. Intervals shrink with the root of the number of
replications, so the ratio of variances is the ratio of replications; it is taken over many pairs, and its own
interval is that of a bootstrap over pairs.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import markdown_table
from benchmarks.whole_runs import SCENARIO
from simulator.engine import Runner
from simulator.results.paired import paired_units
from simulator.scenario.read.load import load_scenario
from simulator.studies.common.replications import Replications
from simulator.studies.common.verdicts.criteria import Measure

_N_BOOTSTRAP = 2_000
_STAGE = "production"
_CHANGES = (
    ("vector search 5 ms slower", "services.vector-search.service_time.mean=40ms"),
    ("a cache that keeps answers 3 h", "caches.answers.ttl=3h"),
    ("first token of the large model 100 ms later", "model_list.large.ttft.p50=800ms"),
    ("per-try timeout 20 s", "routes.support.per_try_timeout=20s"),
)
_MEASURES = (
    Measure("latency"),
    Measure("latency", 0.95),
    Measure("success_rate"),
    Measure("cost_per_successful_action"),
)


@dataclass(frozen=True)
class Worth:
    """Replications that independent sides need for each pair, with a 95 % interval; infinite: nothing moved."""

    ratio: float
    low: float
    high: float


def pairing_table(quick: bool) -> str:
    """A row per change and measure."""
    n_pairs = 10 if quick else 40
    base = _trial([], n_pairs)
    rows = []
    for name, override in _CHANGES:
        head = _trial([override], n_pairs)
        for measure in _MEASURES:
            before, after = base.sample(measure), head.sample(measure)
            if before is None or after is None:
                continue
            first, second = paired_units(before, after)
            change = after.value / before.value - 1.0
            rows.append([name, str(measure), f"{change:+.2%}", *_cells(worth(first, second))])
    return markdown_table(["change", "measure", "effect", "replications saved, ×", "95 % interval"], rows)


def worth(first: NDArray[np.float64], second: NDArray[np.float64]) -> Worth:
    """Variance of the difference if the sides were independent, over that of the pairs."""
    rng = np.random.default_rng(1)
    resampled = rng.integers(0, len(first), (_N_BOOTSTRAP, len(first)))
    ratios = [_ratio(first[index], second[index]) for index in resampled]
    low, high = np.quantile(ratios, [0.025, 0.975], method="nearest")
    return Worth(_ratio(first, second), float(low), float(high))


def _ratio(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    paired = float((second - first).var(ddof=1))
    independent = float(first.var(ddof=1) + second.var(ddof=1))
    return independent / paired if paired > 0.0 else float("inf")


def _cells(found: Worth) -> list[str]:
    if found.ratio == float("inf"):
        return ["unchanged", ""]
    return [f"{found.ratio:,.3g}", f"{found.low:,.3g} to {found.high:,.3g}".replace("inf", "∞")]


def _trial(overrides: list[str], n_pairs: int) -> Replications:
    loaded = load_scenario(SCENARIO, overrides)
    trial = Replications(loaded.scenario, Runner(loaded.base_dir, n_threads=2), _STAGE, loaded.scenario.seed)
    trial.extend(n_pairs)
    return trial
