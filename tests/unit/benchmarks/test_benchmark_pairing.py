"""What pairing is worth: the ratio as it is defined, and at least ten times on the bundled scenario."""

import numpy as np
import pytest

from benchmarks.pairing import worth
from benchmarks.whole_runs import SCENARIO
from simulator.engine import Runner
from simulator.results.paired import sample_difference
from simulator.scenario.read.load import load_scenario
from simulator.studies.common.replications import Replications
from simulator.studies.common.verdicts.criteria import Measure


def test_the_ratio_of_known_variances() -> None:
    rng = np.random.default_rng(3)
    common, own = rng.normal(0.0, 3.0, 20_000), rng.normal(0.0, 1.0, (2, 20_000))
    found = worth(common[:200] + own[0, :200], common[:200] + own[1, :200])
    assert found.low < 10.0 < found.high  # (9 + 1 + 9 + 1) / (1 + 1)
    assert worth(common[:9], common[:9]).ratio == float("inf")


@pytest.mark.parametrize("measure", [Measure("latency"), Measure("latency", 0.95)], ids=str)
def test_ten_times_fewer_replications_on_the_bundled_scenario(measure: Measure) -> None:
    sides = []
    for overrides in ([], ["services.vector-search.service_time.mean=40ms"]):
        loaded = load_scenario(SCENARIO, overrides)
        trial = Replications(loaded.scenario, Runner(loaded.base_dir, n_threads=2), "pilot", 1)
        trial.extend(8)
        sides.append(trial.sample(measure))
    assert sample_difference(*sides).variance_ratio < 0.1
