"""The bundled scenario of two regions that stand in for one another: what its comments and its guide say of it is so."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simulator.compiler.demand import stage_window
from simulator.economics.costs import Category, costs
from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.read.load import load_scenario

ROOT = Path(__file__).parents[2]
FILE = ROOT / "scenarios" / "eu-residency.yaml"
ALONE = (
    "routes.answer.failover_after=null",
    "routes.documents-anywhere.failover_after=null",
    "network.region_policy=nearest",
    "network.health_check=null",
)
LOST_S, BACK_S = 1200.0, 2100.0  # of the window


@cache
def played(overrides: Sequence[str] = ()) -> RunResult:
    """One run of the scenario."""
    loaded = load_scenario(FILE, overrides)
    asked = loaded.scenario.window
    assert asked.warmup != "auto"
    window = stage_window(loaded.scenario, None, asked.start, asked.duration, asked.warmup, loaded.base_dir)
    return Runner(loaded.base_dir).run(loaded.scenario, window, 1)


def irish(result: RunResult, column: CountColumn, begin_s: float, end_s: float) -> float:
    """Counts of Irish users in a span of the window."""
    begins_s = np.arange(len(result.counts)) * result.bucket_s - result.warmup_s
    is_in = (begins_s >= begin_s) & (begins_s < end_s)
    [stream] = [number for number, stream in enumerate(result.streams) if stream.region == "ireland"]
    return float(result.counts[is_in, stream, column].sum())


def attempts(result: RunResult) -> dict[tuple[str, str], float]:
    """Attempts by region of the users and region of the station."""
    used = result.usage[..., UsageColumn.ATTEMPTS].sum(axis=0)
    found: dict[tuple[str, str], float] = {}
    for stream_id, stream in enumerate(result.streams):
        for station_id, station in enumerate(result.stations):
            way = stream.region, station.region
            found[way] = found.get(way, 0.0) + float(used[stream_id, station_id])
    return found


@pytest.mark.parametrize("overrides", [(), ALONE])
def test_nothing_of_the_union_leaves_it(overrides: Sequence[str]) -> None:
    ways = attempts(played(overrides))
    assert ways["ireland", "virginia"] == ways["netherlands", "virginia"] == 0
    assert ways["ireland", "ireland"] > 1000
    assert played(overrides).counts[..., CountColumn.RESIDENCY_BLOCKED].sum() == 0


def test_the_dutch_serve_the_irish_and_the_bill_for_it_adds_up() -> None:
    result = played()
    assert attempts(result)["ireland", "netherlands"] > 500
    priced = costs(result, price_book(load_scenario(FILE).scenario))
    is_egress = np.array([line.category == Category.EGRESS for line in priced.lines])
    assert priced.quantity[0, :, is_egress].sum() > 0.001  # GB
    abroad = sum(n for (origin, there), n in attempts(result).items() if origin != there)
    assert priced.quantity[0, :, is_egress].sum() < abroad * 30e-6


def test_the_lost_cache_begins_cold_and_warms_up() -> None:
    def hit_rate(begin_s: float, end_s: float) -> float:
        lookups = irish(played(), CountColumn.CACHE_LOOKUPS, begin_s, end_s)
        return irish(played(), CountColumn.CACHE_HITS, begin_s, end_s) / lookups

    before, elsewhere = hit_rate(0.0, LOST_S), hit_rate(LOST_S + 120.0, BACK_S)
    cold, later = hit_rate(BACK_S + 120.0, BACK_S + 420.0), hit_rate(BACK_S + 900.0, 3600.0)
    assert before > 0.6
    assert before > elsewhere > 0.5  # warm with the questions of the Dutch
    assert cold < later < before


def test_when_the_model_is_lost_people_are_stormed() -> None:
    """Without another region every question that misses becomes a hand-off; eight people take over few of them."""
    storm, calm = played(ALONE), played()
    handed_off = irish(storm, CountColumn.HANDED_OFF, LOST_S, BACK_S)
    assert irish(calm, CountColumn.HANDED_OFF, LOST_S, BACK_S) <= 2
    assert irish(storm, CountColumn.HANDED_OFF, 0.0, LOST_S) <= 2
    assert handed_off > 0.9 * 3.0 * (BACK_S - LOST_S - 60.0)
    gone = irish(storm, CountColumn.ABANDONED, LOST_S, 3600.0)
    assert gone > 0.8 * handed_off
    ways = attempts(storm)
    helped = [ways[origin, "netherlands"] for origin in ("ireland",)]
    assert helped[0] > 0.3 * handed_off  # the Dutch team has taken a part


def test_without_overflow_the_storm_stays_at_home() -> None:
    alone = played((*ALONE, "teams.agents.overflow=null"))
    assert attempts(alone)["ireland", "netherlands"] == 0
    gone = irish(alone, CountColumn.ABANDONED, LOST_S, 3600.0)
    assert gone > irish(played(ALONE), CountColumn.ABANDONED, LOST_S, 3600.0)
