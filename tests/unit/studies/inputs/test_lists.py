"""What comes with the package, as typed reports: profiles of pools, examples."""

from pathlib import Path

from simulator.render.sections import Quantity, Table
from simulator.scenario.read.load import load_scenario
from simulator.studies.inputs.examples import ExamplesReport, shipped_examples
from simulator.studies.inputs.pools.pools import pools_of, shipped_pools
from simulator.studies.inputs.pools.report import PoolsReport

SCENARIOS = Path(__file__).parents[4] / "scenarios"


def _tables(report: PoolsReport) -> list[Table]:
    return [one for one in report.sections() if isinstance(one, Table)]


def test_every_profile_that_comes_with_the_package_is_listed() -> None:
    report = shipped_pools()
    assert {"profiles", "schema"} == set(report.to_dict())
    assert PoolsReport.model_validate_json(report.to_json()) == report
    table, *compared = [table for table in _tables(report) if table.rows]
    assert [row.label for row in table.rows] == [one.model for one in report.profiles]
    assert table.rows[0].cells[4] == Quantity(report.profiles[0].full_rps, "rate")
    assert len(compared) == sum(bool(one.compared) for one in report.profiles) == 1


def test_a_profile_that_was_compared_says_with_how_many_loads_and_how_far_it_is_off() -> None:
    (profile,) = [one for one in shipped_pools().profiles if one.compared]
    assert (profile.model, profile.gpu, profile.grade) == (
        "meta-llama/Meta-Llama-3.1-8B",
        "h100_sxm",
        "measured",
    )
    (whole,) = [one for one in profile.compared if one.load == "all open arrivals"]
    assert whole.points == sum(
        one.points for one in profile.compared if one.load not in ("saturated", whole.load)
    )
    assert whole.tpot < 0.10
    assert whole.latency_p50 < 0.10
    assert whole.ttft_p50 < 0.15
    assert whole.ttft_p99 < 0.40


def test_what_an_engine_spends_elsewhere_is_an_assumption() -> None:
    others = [one for one in shipped_pools().profiles if not one.compared]
    assert {one.grade for one in others} == {"assumption"}
    assert all(one.host.endswith(("an assumption here", "an assumption")) for one in others)


def test_a_scenario_has_its_pools_and_their_break_even() -> None:
    report = pools_of(load_scenario(SCENARIOS / "own-gpus.yaml"))
    assert report.profiles[0].pool == "own-8b"
    assert report.break_even is not None
    [point] = report.break_even
    assert point.is_ever_cheaper
    assert point.break_even_utilization == point.pool_usd / point.provider_usd
    never = point.model_copy(update={"break_even_utilization": 1.2})
    table = _tables(report.model_copy(update={"break_even": (never,)}))[-1]
    assert table.rows[0].cells[-1].text.value == "never"  # type: ignore[union-attr]


def test_examples_are_listed_with_the_files_that_they_need() -> None:
    report = shipped_examples()
    assert ExamplesReport.model_validate_json(report.to_json()) == report
    found = {one.name: one for one in report.examples}
    assert found["many-languages"].title
    assert report.to_frame()["example"].tolist() == list(found)
