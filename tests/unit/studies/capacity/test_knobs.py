"""Knobs: axes by region, levels, costs, and a setting written into a scenario."""

from typing import Any

import pytest

from simulator.scenario.model import Scenario
from simulator.studies.capacity.knobs import (
    KnobError,
    amounts,
    axes_of,
    present_amounts,
    with_amounts,
    with_setting,
)

FAST = {"distribution": "constant", "value": 0.1}


def _scenario(*knobs: dict[str, Any]) -> Scenario:
    return Scenario.model_validate(
        {
            "metadata": {"name": "knobs"},
            "start": "2027-01-04",
            "regions": {
                "eu": {"timezone": "Europe/Dublin"},
                "us": {"timezone": "America/New_York"},
                "ap": {},
            },
            "workloads": [{"name": "ask", "arrival_rate": 1.0, "steps": [{"generate": "gpt-4.1"}]}],
            "model_list": [
                {"model_name": "gpt-4.1", "provider": "openai", "model": "gpt-4.1", "regions": ["us", "eu"]}
                | {"tpm": {"us": 300_000}, "rpm": 1000, "ttft": FAST, "tpot": FAST}
            ],
            "services": {
                "desk": {"replicas": {"eu": 2, "ap": 1}, "service_time": FAST, "price": 0.5},
                "elastic": {"service_time": FAST, "autoscaling": {"max_replicas": 4}},
            },
            "teams": {
                "agents": {
                    "staff": {"eu": 3, "us": 4},
                    "shifts": "office-hours",
                    "handle_time": FAST,
                    "cost": 28.0,
                }
            },
            "capacity": {"knobs": list(knobs)},
        }
    )


TPM = {"path": "model_list.gpt-4.1.tpm", "steps": [200_000, 1_000_000], "lead_time": 86_400.0}
STAFF = {"path": "teams.agents.staff", "min": 0, "max": 10}
DESK = {"path": "services.desk.replicas", "min": 1, "max": 3}


def _sharing(scope: str, tpm: object) -> Scenario:
    quota = {"models": ["gpt-4.1"], "scope": scope, "tpm": tpm}
    plain = _scenario({"path": "quotas.class.tpm", "steps": [200_000, 1_000_000]})
    return Scenario.model_validate(plain.model_dump(exclude_unset=True) | {"quotas": {"class": quota}})


def test_a_quota_of_the_organisation_is_one_axis_and_of_a_region_one_each() -> None:
    scenario = _sharing("organisation", 300_000)
    (axis,) = axes_of(scenario)
    assert (axis.region, axis.kind, axis.target) == ("all regions", "quota", "class")
    assert with_setting(scenario, [axis], (1,)).quotas["class"].tpm == 1_000_000
    assert present_amounts(scenario, ["quotas.class.tpm"]) == {"quotas.class.tpm": {"all regions": 300_000}}
    apart = _sharing("region", {"eu": 100_000, "us": 200_000})
    assert [axis.region for axis in axes_of(apart)] == ["eu", "us", "ap"]
    changed = with_amounts(apart, {"quotas.class.tpm": {"us": 400_000}})
    assert changed.quotas["class"].tpm == {"eu": 100_000, "us": 400_000}


def test_axes_are_the_knobs_in_every_region_of_their_target() -> None:
    axes = axes_of(_scenario(TPM, STAFF, DESK))
    assert [(axis.path.split(".")[0], axis.region) for axis in axes] == [
        ("model_list", "us"),
        ("model_list", "eu"),
        ("teams", "eu"),
        ("teams", "us"),
        ("services", "eu"),
        ("services", "ap"),
    ]
    assert axes[0].levels == (200_000.0, 1_000_000.0)
    assert axes[0].lead_time_s == 86_400.0
    assert axes[2].levels == tuple(float(n) for n in range(11))


def test_cost_is_that_of_the_target_for_a_month() -> None:
    axes = axes_of(_scenario(TPM, STAFF, DESK))
    assert axes[0].cost_usd[-1] == pytest.approx(0.0, abs=2e-3)
    assert axes[0].cost_usd[0] < axes[0].cost_usd[1]  # free quota, and still no more than needed
    assert axes[2].cost_usd[10] == pytest.approx(10 * 28.0 * 730 * 50 / 168, rel=1e-6)
    assert axes[4].cost_usd[2] == pytest.approx(3 * 0.5 * 730, rel=1e-4)
    (own,) = (axis for axis in axes_of(_scenario({**DESK, "unit_cost": 99.0})) if axis.region == "eu")
    assert own.cost_usd[1] == pytest.approx(2 * 99.0, rel=1e-4)


def test_setting_is_written_by_region_and_the_rest_is_untouched() -> None:
    scenario = _scenario(TPM, STAFF, DESK)
    axes = axes_of(scenario)
    planned = with_setting(scenario, axes, (1, 0, 7, 9, 0, 2))
    assert planned.model_list[0].tpm == {"us": 1_000_000, "eu": 200_000}
    assert planned.model_list[0].rpm == 1000
    assert planned.teams["agents"].staff == {"eu": 7, "us": 9}
    assert planned.services["desk"].replicas == {"eu": 1, "ap": 3}
    assert planned.services["elastic"] == scenario.services["elastic"]
    assert amounts(axes, (1, 0, 7, 9, 0, 2))["teams.agents.staff"] == {"eu": 7.0, "us": 9.0}
    assert scenario.teams["agents"].staff == {"eu": 3, "us": 4}


def test_amounts_for_some_regions_keep_the_others() -> None:
    scenario = _scenario()
    planned = with_amounts(
        scenario, {"model_list.gpt-4.1.rpm": {"us": 50.0}, "teams.agents.staff": {"eu": 5.0}}
    )
    assert planned.model_list[0].rpm == {"us": 50, "eu": 1000}
    assert planned.model_list[0].tpm == {"us": 300_000}
    assert planned.teams["agents"].staff == {"eu": 5, "us": 4}


def test_present_amounts_say_infinite_where_nothing_limits() -> None:
    found = present_amounts(_scenario(), ["model_list.gpt-4.1.tpm", "model_list.gpt-4.1.rpm"])
    assert found["model_list.gpt-4.1.tpm"] == {"us": 300_000.0, "eu": float("inf")}
    assert found["model_list.gpt-4.1.rpm"] == {"us": 1000.0, "eu": 1000.0}


def test_wide_range_has_a_bounded_number_of_levels_and_both_ends() -> None:
    (axis, _) = axes_of(_scenario({"path": "model_list.gpt-4.1.tpm", "min": 0, "max": 4_000_000}))
    assert axis.levels[0] == 0.0
    assert axis.levels[-1] == 4_000_000.0
    assert 300 < len(axis.levels) <= 401
    assert all(low < high for low, high in zip(axis.levels, axis.levels[1:], strict=False))


@pytest.mark.parametrize(
    "path",
    [
        "model_list.small.tpm",
        "model_list.gpt-4.1.price",
        "services.agents.replicas",
        "caches.x.size",
        "tpm",
        "",
    ],
)
def test_unknown_knob_is_named(path: str) -> None:
    with pytest.raises(KnobError, match="is not one of"):
        axes_of(_scenario({"path": path, "min": 0, "max": 1}))


def test_service_that_scales_itself_is_no_knob() -> None:
    with pytest.raises(KnobError, match="scales itself"):
        axes_of(_scenario({"path": "services.elastic.replicas", "min": 0, "max": 1}))
