"""Steps become instructions: names become numbers, jumps become places in the program."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.compiler.program import Names, compile_programs
from simulator.kernel.codes import Mark, Opcode
from simulator.mechanisms.caching.build import CachePlan
from simulator.mechanisms.caching.config import Cache
from simulator.mechanisms.caching.warm import Asker
from simulator.mechanisms.traffic.config import Workload
from simulator.numerics.events import NONE

ROUTES = {"crm": 4, "search": 5, "big": 6, "small": 7}
TEAMS = {"agents": 2, "experts": 3}
CACHES = {
    "near": Cache(type="exact", size=10, latency=0.02),
    "far": Cache(type="semantic", size=10, scope="global"),
}
VALIDATE = {"validate": {"reject": 0.1, "latency": 0.5}}
CRM, SEARCH = {"call": "crm"}, {"call": "search"}
BIG, SMALL = {"generate": "big"}, {"generate": "small"}
NEAR, FAR = {"cache": "near"}, {"cache": "far"}
SAMPLE = {"review": {"team": "agents", "sample": 0.05}}
RESCUE = {"review": {"team": "experts", "when": ["exhausted", "low_confidence"]}}


def _workload(*steps: dict[str, Any], name: str = "ask") -> Workload:
    return Workload.model_validate({"name": name, "arrival_rate": 1.0, "steps": list(steps)})


def _asker(workload: str, cache: str, n_items: int, n_wordings: int) -> Asker:
    return Asker(workload, cache, 1.0, n_items, n_wordings, (1.0, 1.0), (1.0,))


def _compile(*workloads: Workload) -> tuple[np.ndarray, list[int]]:
    askers = [_asker("ask", "near", 100, 3), _asker("chat", "near", 50, 2), _asker("chat", "far", 50, 1)]
    delays_s: list[float] = []

    def lane_of(delay_s: float) -> int:
        delays_s.append(delay_s)
        return 10 + delays_s.index(delay_s)

    names = Names(ROUTES, TEAMS, CachePlan(CACHES, 2, askers), lane_of, ["simple"])
    return compile_programs(workloads, names)


def _opcodes(*steps: dict[str, Any]) -> list[Opcode]:
    return [Opcode(int(row.opcode)) for row in _compile(_workload(*steps))[0]]


def test_a_step_that_takes_time_begins_with_a_delay() -> None:
    assert _opcodes(VALIDATE, NEAR, FAR, CRM, BIG, SAMPLE) == [
        Opcode.DELAY,
        Opcode.VALIDATE,
        Opcode.DELAY,
        Opcode.CACHE,
        Opcode.CACHE,
        Opcode.ROUTE,
        Opcode.ROUTE,
        Opcode.REVIEW,
        Opcode.END,
    ]
    program, _ = _compile(_workload(VALIDATE, NEAR))
    assert [(row.delay_s, row.lane) for row in program] == [
        (0.5, 10),
        (0.0, NONE),
        (0.02, 11),
        (0.0, NONE),
        (0.0, NONE),
    ]


def test_the_fields_of_each_kind_of_step() -> None:
    program, _ = _compile(_workload({"validate": {"reject": 0.1}}, CRM, BIG, SAMPLE, RESCUE))
    validate, call, generate, sample, rescue, _ = program
    assert validate.probability == 0.1
    assert (call.operand, generate.operand) == (ROUTES["crm"], ROUTES["big"])
    assert (sample.operand, sample.probability, sample.takes_over) == (TEAMS["agents"], 0.05, 0)
    assert (rescue.operand, rescue.probability) == (TEAMS["experts"], 0.0)
    assert rescue.takes_over == Mark.EXHAUSTED | Mark.UNSURE


def test_workloads_lie_one_after_the_other_and_jumps_stay_inside() -> None:
    program, first_pcs = _compile(_workload(FAR, BIG), _workload(FAR, CRM, BIG, RESCUE, name="chat"))
    assert first_pcs == [0, 3]
    assert program["hit_pc"][[0, 3]].tolist() == [2, 6]
    assert program["exhausted_pc"].tolist() == [NONE, NONE, NONE, NONE, 6, 6, NONE, NONE]


def test_a_cache_is_asked_by_instance_region_and_wording() -> None:
    program, _ = _compile(_workload(FAR, BIG), _workload(FAR, NEAR, BIG, name="chat"))
    far, _, _, again, _, near, generate, _ = program
    assert (near.cache, far.cache) == (0, 2)  # the first has an instance in each of two regions
    assert (near.cache_by_region, far.cache_by_region) == (1, 0)
    assert (near.cache_by_phrasing, far.cache_by_phrasing) == (1, 0)
    assert near.cache_offset == 300  # after all questions of the workload before, in all wordings
    assert again.cache_offset == 0
    assert (generate.cache, generate.cache_offset) == (near.cache, near.cache_offset)


@pytest.mark.parametrize(
    ("steps", "filled"),
    [
        ([BIG], [NONE]),
        ([FAR, BIG], [2]),
        ([FAR, CRM, BIG, SMALL], [2, NONE]),
        ([NEAR, FAR, BIG], [2]),
        ([BIG, FAR], [NONE]),
        ([FAR, BIG, NEAR, BIG], [2, 0]),
    ],
)
def test_an_answer_is_kept_by_the_cache_asked_for_it(steps: list[dict[str, str]], filled: list[int]) -> None:
    program, _ = _compile(_workload(*steps))
    is_generate = (program["opcode"] == Opcode.ROUTE) & np.isin(program["operand"], (6, 7))
    assert program["cache"][is_generate].tolist() == filled


@pytest.mark.parametrize(
    ("steps", "after"),  # the step a hit goes on with
    [
        ([FAR, BIG], 2),
        ([FAR, CRM, SEARCH, BIG, SAMPLE], 4),
        ([FAR, CRM, BIG, CRM, SMALL], 3),
        ([FAR, SAMPLE, BIG], 3),
        ([FAR, CRM, SEARCH, SAMPLE, CRM], 3),
        ([FAR, CRM], 2),
        ([FAR], 1),
        ([FAR, SAMPLE], 1),
        ([BIG, FAR, CRM, SAMPLE], 3),
    ],
)
def test_a_hit_skips_what_an_answer_would_have_needed(steps: list[dict[str, str]], after: int) -> None:
    program, _ = _compile(_workload(*steps))
    assert program["hit_pc"][program["opcode"] == Opcode.CACHE].tolist() == [after]


@given(
    st.lists(st.sampled_from([VALIDATE, CRM, BIG, SMALL, NEAR, FAR, SAMPLE, RESCUE]), min_size=1, max_size=10)
)
def test_jumps_lead_forward_to_the_beginning_of_a_step(steps: list[dict[str, Any]]) -> None:
    program, first_pcs = _compile(_workload(BIG, name="chat"), _workload(*steps))
    places = [first_pcs[1]]
    for step in steps:
        takes_time = step in (VALIDATE, NEAR)
        places.append(places[-1] + 1 + takes_time)
    assert places[-1] == len(program) - 1
    assert program["opcode"][places[-1]] == Opcode.END
    for number, step in enumerate(steps):
        row = program[places[number + 1] - 1]
        if step in (NEAR, FAR):
            generates = [n for n in range(number, len(steps)) if steps[n] in (BIG, SMALL)]
            assert row.hit_pc in places[number + 1 :]
            assert not generates or row.hit_pc == places[generates[0] + 1]
        if step in (CRM, BIG, SMALL):
            rescues = [n for n in range(number, len(steps)) if steps[n] is RESCUE]
            assert row.exhausted_pc == (places[rescues[0]] if rescues else NONE)


def test_every_step_has_luck_of_its_own_that_others_do_not_change() -> None:
    program, _ = _compile(_workload(CRM, BIG, CRM, BIG, SAMPLE), _workload(CRM, name="chat"))
    keys = program["step_key"].tolist()
    assert len(set(keys)) == len(keys)
    more, _ = _compile(_workload({"validate": {}}, CRM, SEARCH, BIG, CRM, SAMPLE, BIG))
    crm, _, big, crm_again, sample, big_again = more["step_key"].tolist()[1:7]
    assert [crm, big, crm_again, big_again, sample] == keys[:5]


def test_a_delay_and_its_step_share_a_key() -> None:
    program, _ = _compile(_workload(VALIDATE, NEAR))
    assert [one == other for one, other in pairwise(program["step_key"].tolist())] == [
        True,
        False,
        True,
        False,
    ]
