"""Base values and effects compose in any order, and nothing is left when the last effect has ended."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.compiler.places import BlueprintPlaces
from simulator.control.active_effects import ActiveEffects
from simulator.control.data_plane import DataPlane
from simulator.kernel.codes import Phase
from simulator.mechanisms.incidents.codes import Aspect, Effect
from simulator.mechanisms.replicas.codes import ReplicaState
from simulator.numerics.events import NONE
from tests.differential import incident_scenarios
from tests.unit.kernel.desk import blueprint_of, desk_scenario

_BLUEPRINT = blueprint_of(incident_scenarios.every_kind(), 60.0)
_INCIDENTS = [
    tuple(incident.effects(BlueprintPlaces(_BLUEPRINT)))
    for incident in _BLUEPRINT.scenario.incidents
    if incident.kind != "flush"
]
_READ_ONLY = ("is_down", "refused_share", "error_rate", "slowness", "ttft_slowness", "servers", "request_rate_per_s",
              "request_depth", "token_rate_per_s", "token_depth")  # fmt: skip


def _state(plane: DataPlane) -> dict[str, list[Any]]:
    """Everything that an incident may change."""
    world = plane.world
    tables = {name: world.stations.stations[name].tolist() for name in _READ_ONLY}
    return tables | {
        "ways": world.stations.one_way_s.tolist(),
        "lanes": world.stations.one_way_lane.tolist(),
        "loss": world.stations.way_loss.tolist(),
        "success": world.stations.targets["success_shift"].tolist(),
        "contracts": world.program["probability"].tolist(),
        "shares": world.traffic.streams["share"].tolist(),
        "shifts": world.traffic.workloads["success_shift"].tolist(),
        "lengths": world.traffic.workloads["output_factor"].tolist(),
        "caches": world.caching.instances["is_down"].tolist(),
    }


def _active() -> tuple[DataPlane, ActiveEffects]:
    plane = DataPlane(_BLUEPRINT.world(1))
    active = ActiveEffects(plane)
    for station, name in enumerate(_BLUEPRINT.targets.station_names):
        if name.kind == "service" and plane.servers(station) < 1 << 60:
            active.employ(station, lambda replicas: 2 * replicas, 3)
            active.set_units(station, 3)
        elif name.kind == "team":
            active.employ(station, lambda people: people, 0)
            active.set_units(station, 5)
    return plane, active


@settings(max_examples=40, deadline=None)
@given(st.permutations(range(len(_INCIDENTS))), st.permutations(range(len(_INCIDENTS))))
def test_effects_compose_in_any_order_and_leave_nothing_behind(begins: list[int], ends: list[int]) -> None:
    plane, active = _active()
    before = _state(plane)
    happenings = {number: active.begin(_INCIDENTS[number]) for number in begins}
    other_plane, other = _active()
    for effects in _INCIDENTS:
        other.begin(effects)
    together = _state(plane)
    assert together == _state(other_plane)
    assert all(together[name] != before[name] for name in before)
    for number in ends:
        active.end(happenings[number])
    assert _state(plane) == before


def test_what_is_set_under_an_effect_holds_when_it_is_over() -> None:
    plane, active = _active()
    surge = [Effect(Aspect.DEMAND, (0,), 3.0)]
    active.set_share(0, 0.2)
    happening = active.begin(surge)
    assert plane.world.traffic.streams["share"][0] == pytest.approx(0.6)
    active.set_share(0, 0.4)
    assert plane.world.traffic.streams["share"][0] == pytest.approx(1.2)
    active.end(happening)
    assert plane.world.traffic.streams["share"][0] == 0.4


def test_shares_combine_as_independent_mishaps() -> None:
    plane, active = _active()
    base = float(plane.world.stations.stations["error_rate"][0])
    active.begin([Effect(Aspect.ERROR, (0,), 0.5), Effect(Aspect.ERROR, (0,), 0.2)])
    found = plane.world.stations.stations["error_rate"][0]
    assert found == pytest.approx(1.0 - (1.0 - base) * 0.5 * 0.8)


def _desk(replicas: int = 4, rate_rps: float = 20.0, **desk: Any) -> tuple[DataPlane, ActiveEffects]:
    """A crowded desk of servers with one place each, some seconds after its opening."""
    scenario = desk_scenario(rate_rps, replicas=replicas, max_ongoing_requests=1, **desk)
    plane = DataPlane(blueprint_of(scenario, 100.0).world(1))
    active = ActiveEffects(plane)
    active.employ(0, lambda units: units, replicas)
    plane.advance(10.0)
    return plane, active


def _phases(plane: DataPlane) -> dict[Phase, int]:
    phases = plane.world.requests["phase"]
    return {phase: int((phases == phase).sum()) for phase in Phase}


def test_a_crash_takes_about_its_share_of_those_in_service() -> None:
    plane, active = _desk(400, 1000.0)
    assert plane.servers(0) == 400
    waiting = plane.queued(0)
    happening = active.begin([Effect(Aspect.LOST, (0,), 100.0)])
    n_lost = _phases(plane)[Phase.RETURNING]
    assert n_lost == pytest.approx(100, abs=4 * np.sqrt(400 * 0.25 * 0.75))
    assert plane.servers(0) == 300
    assert plane.queued(0) >= waiting - max(0, n_lost - 100)  # others go on only where there is a server
    active.end(happening)
    assert plane.servers(0) == 400


def test_an_outage_takes_everybody_who_waits_too() -> None:
    plane, active = _desk()
    assert plane.queued(0) > 0
    outage = [Effect(Aspect.DOWN, (0,), 1.0)]
    happening = active.begin(outage)
    assert plane.in_system(0) == 0
    plane.advance(20.0)
    assert plane.in_system(0) == 0
    active.end(happening)
    plane.advance(30.0)
    assert plane.in_system(0) > 0


def test_a_second_crash_draws_anew() -> None:
    """Who has survived one crash is no safer, and no less safe, in the next."""
    plane, active = _desk(1000, 3000.0, service_time={"distribution": "constant", "value": 90.0})
    for number in range(3):
        before = plane.in_system(0) - plane.queued(0)
        active.begin([Effect(Aspect.LOST, (0,), 100.0)])
        share = 100.0 / (1000 - 100 * number)
        n_lost = _phases(plane)[Phase.RETURNING]
        assert n_lost == pytest.approx(share * before, abs=4 * np.sqrt(share * before))
        plane.advance(10.0 + number + 1.0)


def test_a_replica_comes_back_as_what_it_should_be() -> None:
    blueprint = blueprint_of(incident_scenarios.pools_in_zones(), 60.0)
    plane = DataPlane(blueprint.world(1))
    active = ActiveEffects(plane)
    station = next(s for s, name in enumerate(blueprint.targets.station_names) if name.target == "own")
    pool, first = active.pool(station), next(iter(plane.replica_states(station)))
    two, alone = [Effect(Aspect.LOST, (station,), 2.0)], [Effect(Aspect.LOST_REPLICA, (station, 0), 1.0)]
    of_two, of_one = active.begin(two), active.begin(alone)
    assert list(plane.replica_states(station).values())[:3] == [
        ReplicaState.OFF,
        ReplicaState.OFF,
        ReplicaState.SERVING,
    ]
    assert pool.stoppable()[:2] == [first + 1, first]  # gone ones are the first to be given up
    pool.plan(first + 1, ReplicaState.DRAINING)
    active.end(of_two)
    states = plane.replica_states(station)
    assert states[first] == ReplicaState.OFF, "it is still down by itself"
    assert states[first + 1] == ReplicaState.OFF, "it was given up meanwhile"
    active.end(of_one)
    assert plane.replica_states(station)[first] == ReplicaState.SERVING
    plane.advance(5.0)
    assert active.gone_replica_s()[station] == 0.0


def test_of_two_crashes_alike_each_gives_back_what_it_took() -> None:
    """The second finds nothing left to take, is over first, and must not repair what the first has broken."""
    blueprint = blueprint_of(incident_scenarios.pools_in_zones(), 60.0)
    plane = DataPlane(blueprint.world(1))
    active = ActiveEffects(plane)
    station = next(s for s, name in enumerate(blueprint.targets.station_names) if name.target == "own")
    n_replicas = len(plane.replica_states(station))
    effects = [Effect(Aspect.LOST, (station,), float(n_replicas))]
    first, second = active.begin(effects), active.begin(effects)
    active.end(second)
    assert set(plane.replica_states(station).values()) == {ReplicaState.OFF}
    active.end(first)
    assert ReplicaState.OFF not in plane.replica_states(station).values()


def test_replicas_that_are_gone_are_metered() -> None:
    blueprint = blueprint_of(incident_scenarios.pools_in_zones(), 60.0)
    plane = DataPlane(blueprint.world(1))
    active = ActiveEffects(plane)
    station = next(s for s, name in enumerate(blueprint.targets.station_names) if name.target == "own")
    plane.advance(5.0)
    happening = active.begin([Effect(Aspect.LOST, (station,), 3.0)])
    plane.advance(15.0)
    active.end(happening)
    plane.advance(20.0)
    assert active.gone_replica_s()[station] == pytest.approx(30.0)


def test_a_flushed_cache_is_empty() -> None:
    plane, active = _active()
    plane.advance(40.0)
    instances = plane.world.caching.instances
    assert instances["n_entries"].min() > 0
    active.begin([Effect(Aspect.FLUSH, (0,), 1.0)])
    assert instances["n_entries"][0] == 0
    assert instances["newest"][0] == instances["oldest"][0] == NONE
    n_kept = int((plane.world.caching.places != NONE).sum())
    assert n_kept == instances["n_entries"].sum()
    plane.advance(60.0)
    assert instances["n_entries"][0] > 0
