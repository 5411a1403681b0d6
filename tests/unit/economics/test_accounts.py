"""Unit costs by hand and with intervals: against the textbook jackknife, and against their coverage."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from simulator.economics.accounts import Basis, accounts, total_cost, unit_cost, unit_cost_sample
from simulator.economics.categories import Category
from simulator.economics.price_book import PriceBook
from simulator.economics.unit_cost import unit_costs
from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn
from simulator.metrics.dimensions import Selection
from simulator.results.run_result import RunResult

Run = Callable[..., RunResult]
Book = Callable[..., PriceBook]


def run_with(make_run: Run, seed: int, tokens: tuple[float, float], actions: tuple[int, int]) -> RunResult:
    """Two streams with so many million input tokens and correct actions; half as many fail, two turns."""
    usage = {(0, stream, 0, UsageColumn.INPUT_TOKENS): 1e6 * n for stream, n in enumerate(tokens)}
    counts = {}
    for stream, n in enumerate(actions):
        counts |= {
            (0, stream, CountColumn.ARRIVED): n + n // 2,
            (0, stream, CountColumn.SUCCEEDED): n,
            (0, stream, CountColumn.CORRECT): n,
            (0, stream, CountColumn.FAILED): n // 2,
            (0, stream, CountColumn.TURNS): 2 * n,
        }
    stations = [("model", "large", "eu")]
    return make_run(
        streams=[("ask", "eu"), ("bulk", "us")], stations=stations, usage=usage, counts=counts, seed=seed
    )


def test_each_basis_by_hand(make_run: Run, make_book: Book) -> None:
    runs = [run_with(make_run, 1, (2, 0), (40, 0)), run_with(make_run, 2, (4, 6), (60, 20))]
    of = accounts(runs, make_book(platform=0.0))
    # 12 Mtok at $3 = $36; 120 correct, 180 ended, 240 turns
    values = {basis: unit_cost(of, basis) for basis in Basis}
    assert values[Basis.ACTION].value == pytest.approx(36 / 180)
    assert values[Basis.SUCCESSFUL_ACTION].value == pytest.approx(36 / 120)
    assert values[Basis.TURN].value == pytest.approx(36 / 240)
    bulk = unit_cost(of, Basis.SUCCESSFUL_ACTION, Selection(workload="bulk", region="us"))
    assert bulk.value == pytest.approx(18 / 20)
    assert total_cost(of).value == pytest.approx(18.0)  # mean of $6 and $30
    assert total_cost(of, Selection(target="large", region="eu")).value == pytest.approx(18.0)
    assert total_cost(of, Selection(target="large", region="us")).value == 0.0
    assert total_cost(of, category=Category.OUTPUT_TOKENS).value == 0.0


def test_the_interval_is_the_jackknifes(make_run: Run, make_book: Book) -> None:
    tokens, actions = [2.0, 3.5, 4.0, 2.5, 5.0], [40, 62, 80, 44, 96]
    runs = [
        run_with(make_run, seed, (token, 0), (n, 0))
        for seed, (token, n) in enumerate(zip(tokens, actions, strict=True))
    ]
    cost, n = 3.0 * np.array(tokens), 1.5 * np.array(actions, dtype=float)
    k = len(runs)
    theta = cost.sum() / n.sum()
    left_out = (cost.sum() - cost) / (n.sum() - n)
    pseudo = k * theta - (k - 1) * left_out
    half_width = stats.t.ppf(0.975, k - 1) * pseudo.std(ddof=1) / math.sqrt(k)
    found = unit_cost(accounts(runs, make_book(platform=0.0)), Basis.ACTION)
    assert (found.value, found.low, found.high) == pytest.approx(
        (theta, theta - half_width, theta + half_width)
    )


def test_the_total_has_students_interval(make_run: Run, make_book: Book) -> None:
    runs = [run_with(make_run, seed, (2.0 + seed, 0), (40, 0)) for seed in range(4)]
    totals = 3.0 * np.array([2.0, 3.0, 4.0, 5.0])
    half_width = stats.t.ppf(0.975, 3) * totals.std(ddof=1) / 2.0
    found = total_cost(accounts(runs, make_book(platform=0.0)))
    assert (found.value, found.low, found.high) == pytest.approx((10.5, 10.5 - half_width, 10.5 + half_width))


def test_one_run_has_an_interval_from_batches_of_buckets(random_run: Run, make_book: Book) -> None:
    run = random_run(1, n_buckets=32)
    in_batches = accounts([run], make_book())
    whole = accounts([run], make_book(), in_batches=False)
    assert len(in_batches.hours) == 10
    assert in_batches.span_h == pytest.approx(run.duration_s / 3600.0)
    one, other = unit_cost(in_batches, Basis.ACTION), unit_cost(whole, Basis.ACTION)
    assert one.value == pytest.approx(other.value, rel=1e-12)
    assert total_cost(in_batches).value == pytest.approx(total_cost(whole).value, rel=1e-12)
    assert 0.0 < one.low < one.value < one.high < math.inf
    assert other.high == math.inf


def test_what_does_not_vary_is_known_exactly(make_run: Run, make_book: Book) -> None:
    runs = [run_with(make_run, seed, (2.0 + seed, 0), (40, 0)) for seed in range(4)]
    platform = total_cost(accounts(runs, make_book()), category=Category.PLATFORM)
    assert platform.low == pytest.approx(10.0, rel=1e-12)
    assert platform.high == pytest.approx(10.0, rel=1e-12)


def test_without_traffic_there_is_a_total_and_no_unit_cost(make_run: Run, make_book: Book) -> None:
    runs = [run_with(make_run, seed, (0, 0), (0, 0)) for seed in range(2)]
    table = unit_costs(runs, make_book())
    assert table.everything.total.value == pytest.approx(10.0)
    assert table.everything.per_action is None
    assert table.cost_per_action is None
    assert table.cost_per_successful_action is None
    assert unit_cost_sample(accounts(runs, make_book()), Basis.TURN) is None


def test_only_failures_cost_per_action_but_not_per_success(make_run: Run, make_book: Book) -> None:
    run = make_run(
        streams=[("ask", "eu")],
        stations=[("model", "large", "eu")],
        counts={(0, 0, CountColumn.FAILED): 4},
        usage={(0, 0, 0, UsageColumn.INPUT_TOKENS): 1e6},
    )
    table = unit_costs([run], make_book(platform=0.0))
    assert table.cost_per_action.value == pytest.approx(0.75)
    assert table.cost_per_successful_action is None


def test_an_unknown_selection_is_an_error(random_run: Run, make_book: Book) -> None:
    of = accounts([random_run(1)], make_book())
    with pytest.raises(ValueError, match="no demand for workload 'asc'"):
        unit_cost(of, Basis.ACTION, Selection(workload="asc"))


def test_the_table_has_every_part(random_run: Run, make_book: Book) -> None:
    table = unit_costs([random_run(seed) for seed in (1, 2, 3)], make_book())
    assert list(table.by_workload) == ["ask", "bulk"]
    assert list(table.by_region) == ["eu", "us"]
    assert list(table.by_target) == ["large", "crm", "agents"]
    assert table.by_stage == {"pilot": table.everything}
    assert list(table.everything.by_category) == [
        Category.INPUT_TOKENS,
        Category.OUTPUT_TOKENS,
        Category.SERVICE_CALLS,
        Category.SERVICE_HOURS,
        Category.SERVICE_IDLE_HOURS,
        Category.HUMAN_HOURS,
        Category.HUMAN_IDLE_HOURS,
        Category.PLATFORM,
    ]
    assert table.cost_per_successful_action == table.everything.per_successful_action.total
    assert table.everything.wasted.value > 0.0


def test_the_lines_are_the_same_when_a_replication_had_no_replicas(random_run: Run, make_book: Book) -> None:
    runs = [random_run(1), random_run(2)]
    runs[1].replica_s[:] = 0.0
    runs[1].areas[:, AreaColumn.SERVERS_S] = 0.0
    hours = total_cost(accounts(runs, make_book()), category=Category.HUMAN_IDLE_HOURS)
    alone = total_cost(accounts(runs[:1], make_book()), category=Category.HUMAN_IDLE_HOURS)
    assert hours.value == pytest.approx(alone.value / 2.0)


def test_intervals_of_unit_costs_cover(make_run: Run, make_book: Book) -> None:
    """In 1,000 experiments of 8 replications; beyond 95 % ± 4 standard errors: a false alarm of 6e-5."""
    rng = np.random.default_rng(20270104)
    n_experiments, n_runs = 1000, 8
    n_covered = 0
    book = make_book(platform=0.0)
    run = run_with(make_run, 0, (1, 0), (1, 0))
    runs = [run_with(make_run, seed, (1, 0), (1, 0)) for seed in range(n_runs)]
    for _ in range(n_experiments):
        for run in runs:
            n = rng.poisson(400)
            run.measured_counts[0, CountColumn.SUCCEEDED : CountColumn.ABANDONED + 1] = [n, 0, 0, 0, 0]
            run.measured_usage[0, 0, UsageColumn.INPUT_TOKENS] = rng.exponential(1000.0, n).sum()
        found = unit_cost(accounts(runs, book), Basis.ACTION)
        n_covered += found.low <= 3e-3 <= found.high
    z = (n_covered / n_experiments - 0.95) / math.sqrt(0.95 * 0.05 / n_experiments)
    assert abs(z) <= 4.0, f"covered {n_covered} of {n_experiments}, z = {z:.2f}"


@pytest.mark.parametrize("outcome", ["SUCCEEDED", "DEGRADED", "FAILED", "REJECTED", "ABANDONED"])
def test_an_action_that_ended_counts_however_it_ended(make_run: Run, make_book: Book, outcome: str) -> None:
    counts = {(0, 0, CountColumn.ARRIVED): 9, (0, 0, CountColumn[outcome]): 4, (0, 0, CountColumn.GOOD): 3}
    run = make_run(streams=[("ask", "eu")], counts=counts)
    found = unit_cost(accounts([run], make_book()), Basis.ACTION)
    assert found is not None
    assert found.value == pytest.approx(10.0 / 4)
