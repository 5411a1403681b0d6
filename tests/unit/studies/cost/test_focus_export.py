"""The FOCUS export: what the specification asks for, and the totals of the ledger and of the report."""

from pathlib import Path

import pandas as pd
import pytest
from pyarrow import parquet

from simulator.economics.accounts import Basis
from simulator.economics.bridge import Driver, bridge
from simulator.economics.categories import Category
from simulator.economics.forecast import Forecast
from simulator.economics.waterfall import WaterfallPart, waterfall
from simulator.engine import Runner
from simulator.formats.focus.columns import focus_problems
from simulator.formats.focus.export import focus_frame
from simulator.formats.focus.period import Period
from simulator.scenario.read.load import load_scenario
from simulator.studies.cost.amounts import total
from simulator.studies.cost.costs import CostOptions, RolloutCosts, rollout_costs
from simulator.studies.cost.focus_export import percentiles, write_focus_export

EVERYTHING = Path(__file__).parents[3] / "property" / "every_key_costs.yaml"


@pytest.fixture(scope="module")
def costs() -> RolloutCosts:
    loaded = load_scenario(EVERYTHING)
    return rollout_costs(loaded.scenario, CostOptions(n_runs=2, n_draws=8), Runner(loaded.base_dir))


def frames_of(costs: RolloutCosts, period: Period) -> dict[str, pd.DataFrame]:
    """Rows of every file, by percentile."""
    return {one.name: focus_frame(costs.scenario, one, period) for one in percentiles(costs)}


@pytest.fixture(scope="module")
def frames(costs: RolloutCosts) -> dict[str, pd.DataFrame]:
    return frames_of(costs, "day")


@pytest.mark.parametrize("period", ["hour", "day", "month"])
def test_the_export_keeps_the_specification_and_the_total(costs: RolloutCosts, period: Period) -> None:
    for name, frame in frames_of(costs, period).items():
        assert focus_problems(frame) == []
        if name == "stated":
            assert frame["BilledCost"].sum() == pytest.approx(costs.forecast.total_usd / 1.25, rel=1e-9)


def test_percentiles_add_up_to_what_the_reports_say(
    costs: RolloutCosts, frames: dict[str, pd.DataFrame]
) -> None:
    amount = total(costs)
    for name, level in zip(("stated", "P10", "P50", "P90"), (amount.value, *amount.percentiles), strict=True):
        assert frames[name]["EffectiveCost"].sum() == pytest.approx(level, rel=1e-9)
        assert set(frames[name]["x_Percentile"]) == {name}


def test_months_and_stages_have_the_totals_of_the_forecast(
    costs: RolloutCosts, frames: dict[str, pd.DataFrame]
) -> None:
    frame = frames["stated"]
    by_month = frame.groupby("BillingPeriodStart")["BilledCost"].sum().tolist()
    expected = [costs.forecast.in_month(month).total_usd / 1.25 for month in costs.forecast.months]
    assert by_month == pytest.approx(expected, rel=1e-9)
    meter = frame[(frame["x_Category"] == "platform")]
    successes = float(costs.forecast.numbers(Basis.SUCCESSFUL_ACTION).mean())
    assert meter["x_SuccessfulActions"].sum() == pytest.approx(successes, rel=1e-9)


def test_list_prices_are_above_contract_prices_by_the_discounts(frames: dict[str, pd.DataFrame]) -> None:
    frame = frames["stated"]
    large = frame[(frame["ServiceName"] == "large")]
    ratio = large["ContractedUnitPrice"] / large["ListUnitPrice"]
    assert ratio.to_numpy() == pytest.approx(0.95 * 0.9)  # contract and commitment
    assert set(large["ProviderName"]) == {"openai"}
    assert (frame["ListCost"] >= frame["ContractedCost"] * (1 - 1e-12)).all()


def test_files_are_read_back_as_they_were(
    costs: RolloutCosts, frames: dict[str, pd.DataFrame], tmp_path: Path
) -> None:
    paths = write_focus_export(costs, tmp_path, "day")
    assert sorted(path.name for path in paths) == sorted(
        f"focus-{name.lower()}.{kind}" for name in frames for kind in ("csv", "parquet")
    )
    table = parquet.read_table(tmp_path / "focus-stated.parquet")
    assert str(table.schema.field("ChargeClass").type) == "string"
    assert str(table.schema.field("ChargePeriodStart").type) == "timestamp[us, tz=UTC]"
    total = frames["stated"]["BilledCost"].sum()
    assert table.to_pandas()["BilledCost"].sum() == pytest.approx(total, rel=1e-12)
    assert pd.read_csv(tmp_path / "focus-stated.csv")["BilledCost"].sum() == pytest.approx(total, rel=1e-12)


def test_data_that_leaves_a_region_is_exported_and_shown() -> None:
    """A model in another region: egress has a part of the waterfall, rows of its own, and the same total."""
    stages = "stages=[{name: all, duration: 4d, exposure: 100%, adoption: {start: 90%}}]"
    egress = "network={egress: {price: $9/GB, bytes_per_token: 4, bytes_per_call: 20kB}}"
    loaded = load_scenario(EVERYTHING, [stages, egress, "model_list.large.regions=[east]"])
    found = rollout_costs(loaded.scenario, CostOptions(n_runs=2, n_draws=0), Runner(loaded.base_dir))
    parts = waterfall(found.forecast)
    assert sum(float(part.mean()) for part in parts.values()) == pytest.approx(
        found.forecast.total_usd, rel=1e-9
    )
    egress_usd = float(parts[WaterfallPart.EGRESS].mean())
    assert egress_usd > 0.0
    [frame] = frames_of(found, "month").values()
    assert focus_problems(frame) == []
    rows = frame[frame["x_Category"] == "egress"]
    assert rows["BilledCost"].sum() == pytest.approx(egress_usd / 1.25, rel=1e-9)
    assert set(rows["ServiceCategory"]) == {"Networking"}
    cheaper = Forecast(tuple(span.repriced({Category.EGRESS: 0.5}) for span in found.forecast.spans))
    split = bridge(cheaper, found.forecast)
    assert float(split[Driver.PRICE].mean()) == pytest.approx(egress_usd / 2.0)


def test_what_breaks_the_specification_is_told(frames: dict[str, pd.DataFrame]) -> None:
    frame = frames["stated"]
    assert focus_problems(frame.drop(columns="ListCost")) == ["no column ListCost"]
    broken = {
        "is empty": frame.assign(ServiceName=None),
        "not allowed": frame.assign(ChargeCategory="Use"),
        "BilledCost": frame.assign(BilledCost=frame["BilledCost"] * 1.01),
        "ListCost": frame.assign(ListCost=0.0),
        "ends before": frame.assign(ChargePeriodEnd=frame["ChargePeriodStart"]),
        "outside its billing": frame.assign(BillingPeriodEnd=frame["ChargePeriodStart"]),
        "subcategory": frame.assign(ServiceSubcategory="Bots"),
        "consumed": frame.assign(ConsumedUnit=None),
    }
    for message, wrong in broken.items():
        assert any(message in problem for problem in focus_problems(wrong)), message
    text = frame.assign(ChargePeriodStart="2027-01-04")
    assert focus_problems(text) == ["ChargePeriodStart is not made of times in UTC"]
