"""Agreement, sizes and the writer of the page."""

from pathlib import Path

import pytest

from benchmarks import registry
from benchmarks.agreement import compare
from benchmarks.harness import FULL, QUICK, Measurement, Size, measure, n_replications
from benchmarks.models import MODELS, Model, arrivals_per_s
from benchmarks.peer import Outcome, Peer, Replication
from benchmarks.peers.cpp_peer import parameters_header
from benchmarks.report import agreement_table, speed_table, write_section


def _replications(mean_latency_s: float, n: int = 20) -> list[Replication]:
    return [Replication(100 + i % 3, i % 2, mean_latency_s + 0.01 * (i % 5)) for i in range(n)]


def test_peers_of_one_distribution_agree() -> None:
    comparisons = compare({"a": _replications(1.0), "b": _replications(1.0, 60)})
    assert len(comparisons) == 6
    assert all(c.agrees for c in comparisons)


def test_a_peer_that_differs_is_found() -> None:
    comparisons = compare({"a": _replications(1.0), "b": _replications(1.0), "c": _replications(1.05)})
    beyond = {(c.peer, c.statistic) for c in comparisons if not c.agrees}
    assert ("c", "mean latency, s") in beyond
    assert {statistic for _, statistic in beyond} == {"mean latency, s"}


def test_standard_error_is_pooled() -> None:
    a, b = [Replication(1, 0, x) for x in (0.0, 2.0)], [Replication(1, 0, x) for x in (1.0, 3.0)]
    latency = next(c for c in compare({"a": a, "b": b}) if c.statistic == "mean latency, s")
    assert latency.standard_error == pytest.approx((2.0 * (1 / 2 + 1 / 2)) ** 0.5)
    assert latency.z == pytest.approx(-1.0 / 2.0**0.5)


def test_a_difference_without_variance_does_not_agree() -> None:
    comparisons = compare({"a": [Replication(1, 0, 1.0)] * 2, "b": [Replication(2, 0, 1.0)] * 2})
    assert {c.statistic for c in comparisons if not c.agrees} == {"requests ended"}


def test_one_peer_alone_has_nothing_to_compare() -> None:
    assert compare({"a": _replications(1.0)}) == []


def test_arrivals_add_up_over_streams() -> None:
    assert [arrivals_per_s(m) for m in MODELS] == pytest.approx([7.2, 100.0, 1_700.0])


@pytest.mark.parametrize("size", [FULL, QUICK])
def test_faster_peers_run_more_replications(size: Size) -> None:
    slow, fast = (Peer("p", "1", frozenset(), speed, run=_same_run) for speed in (4e4, 4e6))
    for model in MODELS:
        assert n_replications(slow, model, size) >= 2
        assert n_replications(fast, model, size) > n_replications(slow, model, size)


def _same_run(_model: Model, _horizon_s: float, n_replications: int, _seed: int) -> Outcome:
    return Outcome(tuple(Replication(10, 0, 1.0) for _ in range(n_replications)), wall_s=0.5)


def test_every_round_has_a_seed_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds: list[int] = []

    def run(model: Model, horizon_s: float, n_replications: int, seed: int) -> Outcome:
        seeds.append(seed)
        return _same_run(model, horizon_s, n_replications, seed)

    peer = Peer("p", "1", frozenset({"mm8"}), 1e3, run)
    monkeypatch.setattr("benchmarks.harness.load", lambda name: peer if name == "p" else None)
    measurement = measure(MODELS[0], ["p", "absent", "p"], QUICK, seed=1, cold=False)
    assert len(seeds) == len(set(seeds)) == 2 * QUICK.n_rounds
    assert list(measurement.outcomes) == ["p"]


def test_peers_are_named_once_and_found_by_name() -> None:
    for name in registry.names():
        peer = registry.load(name)
        assert peer is None or peer.name == name
    with pytest.raises(ValueError, match="no peer"):
        registry.load("nobody")


def test_header_carries_every_parameter() -> None:
    header = parameters_header()
    for text in (
        "struct tiers {",
        "uint32_t n_servers = 8;",
        "double service_mean_s = 1.0;",
        "backoff_s[2] = {0.1, 0.2};",
    ):
        assert text in header


def test_speed_table_gives_ratios_of_the_same_round() -> None:
    measurement = Measurement(MODELS[0])
    for name, walls_s in (("C++ lanes", (1.0, 2.0)), (registry.BASELINE, (10.0, 40.0))):
        measurement.versions[name] = "1"
        measurement.outcomes[name] = [Outcome((Replication(100, 0, 1.0),), wall_s) for wall_s in walls_s]
    table = speed_table([measurement])
    assert "| mm8 | C++ lanes (1) | 75 | 50 to 100 | 15 (10 to 20) |" in table
    assert registry.OURS not in table


def test_speed_table_compares_us_with_each_peer() -> None:
    measurement = Measurement(MODELS[0])
    for name, wall_s in ((registry.OURS, 1.0), (registry.BASELINE, 50.0)):
        measurement.versions[name] = "1"
        measurement.outcomes[name] = [Outcome((Replication(100, 0, 1.0),), wall_s)]
        measurement.cold_s[name] = 1.25
    assert "| mm8 | SimPy (1) | 2 | 2 to 2 | 1 | 50 (50 to 50) | 1.2 |" in speed_table([measurement])


def test_agreement_table_has_a_row_per_comparison() -> None:
    table = agreement_table("mm8", compare({"a": _replications(1.0), "b": _replications(1.0)}))
    assert len(table.splitlines()) == 2 + 6


def test_sections_are_replaced_and_the_rest_is_kept(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    write_section(page, "speed", "old")
    page.write_text(page.read_text() + "\nby hand\n")
    write_section(page, "memory", "bytes")
    write_section(page, "speed", "new")
    text = page.read_text()
    assert text.startswith("# Performance\n")
    assert "old" not in text
    assert text.index("new") < text.index("by hand") < text.index("bytes")
    assert text.count("benchmark:speed begin") == text.count("benchmark:speed end") == 1
