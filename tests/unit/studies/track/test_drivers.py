"""The difference of a month is split without a rest; what only one thing causes has one part."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.studies.track.drivers import Cause, difference
from simulator.studies.track.period import Expected
from simulator.studies.track.records import Came, CameUse, ModelUse

_FEW = st.sampled_from([0.0, 1.0, 3.0, 1e-3]) | st.floats(0.01, 1e6)
_NAMES = ("large", "small", "new")


@st.composite
def _uses(draw: st.DrawFn) -> dict[str, ModelUse]:
    found = {}
    for name in draw(st.sets(st.sampled_from(_NAMES))):
        fresh, cached, output = draw(_FEW), draw(_FEW), draw(_FEW)
        prices = [draw(st.sampled_from([0.0, 1e-6, 8e-6])) for _ in range(3)]
        calls = max(draw(_FEW), 1.0)
        found[name] = ModelUse(
            model=name,
            calls=calls,
            fresh_tokens=fresh,
            cached_tokens=cached,
            output_tokens=output,
            fresh_usd=fresh * prices[0],
            cached_usd=cached * prices[1],
            output_usd=output * prices[2],
        )
    return found


@st.composite
def _came(draw: st.DrawFn) -> Came:
    models = tuple(
        CameUse(
            model=name,
            calls=max(draw(_FEW), 1.0),
            limited=0.0,
            failed=0.0,
            input_tokens=draw(_FEW),
            cached_tokens=draw(st.none() | st.just(0.0)),
            output_tokens=draw(_FEW),
            cost_usd=draw(st.none() | _FEW),
        )
        for name in draw(st.sets(st.sampled_from(_NAMES)))
    )
    groups = draw(st.dictionaries(st.sampled_from(("people", "held", "capacity", "other")), _FEW))
    return _month(
        models,
        actions=draw(st.none() | st.floats(1.0, 1e6)),
        billed_usd=draw(st.none() | _FEW),
        costs_usd=groups,
    )


def _month(models: tuple[CameUse, ...], **more: object) -> Came:
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    end = datetime(2026, 12, 1, tzinfo=UTC)
    return Came.model_validate(
        {"month": "2026-11", "begin": begin, "end": end, "files": (), "models": models, **more}
    )


@given(
    _uses(), _FEW, st.dictionaries(st.sampled_from(("people", "held", "other")), _FEW), _came(), st.booleans()
)
def test_the_parts_add_up(
    uses: dict[str, ModelUse], actions: float, groups: dict[str, float], came: Came, bill_counts: bool
) -> None:
    expected = Expected(actions=actions, turns=actions, models=uses, groups_usd=groups)
    found = difference(expected, came, bill_counts=bill_counts)
    scale = max(found.forecast_usd, found.actual_usd, 1e-9)
    assert sum(found.parts_usd.values()) == pytest.approx(
        found.actual_usd - found.forecast_usd, abs=1e-9 * scale
    )
    if came.billed_usd is not None and bill_counts and found.paid and "held" not in came.costs_usd:
        others = sum(came.costs_usd.values())
        held = groups.get("held", 0.0)
        assert found.actual_usd - others == pytest.approx(max(0.0, came.billed_usd - held), abs=1e-9 * scale)


_LARGE = ModelUse(
    model="large",
    calls=1000.0,
    fresh_tokens=9e5,
    cached_tokens=1e5,
    output_tokens=2e5,
    fresh_usd=1.8,
    cached_usd=0.05,
    output_usd=1.6,
)
_BEFORE = Expected(actions=500.0, turns=500.0, models={"large": _LARGE}, groups_usd={"people": 40.0})


def _large(**more: float) -> CameUse:
    base = {"calls": 1000.0, "input_tokens": 1e6, "cached_tokens": 1e5, "output_tokens": 2e5}
    return CameUse.model_validate({"model": "large", "limited": 0.0, "failed": 0.0, **base, **more})


@pytest.mark.parametrize(
    ("came", "cause", "usd"),
    [
        (
            _month(
                (_large(calls=2000.0, input_tokens=2e6, cached_tokens=2e5, output_tokens=4e5),),
                actions=1000.0,
            ),
            Cause.DEMAND,
            3.45,
        ),
        (
            _month(
                (_large(calls=2000.0, input_tokens=2e6, cached_tokens=2e5, output_tokens=4e5),), actions=500.0
            ),
            Cause.CALLS,
            3.45,
        ),
        (_month((_large(input_tokens=2e6, cached_tokens=2e5),), actions=500.0), Cause.PROMPTS, 1.85),
        (_month((_large(output_tokens=3e5),), actions=500.0), Cause.ANSWERS, 0.8),
        (_month((_large(cached_tokens=5e5),), actions=500.0), Cause.CACHE, 1.0 + 0.25 - 1.85),
        (_month((_large(cost_usd=6.9),), actions=500.0), Cause.PRICE, 3.45),
        (_month((_large(),), actions=500.0, billed_usd=6.9), Cause.PRICE, 3.45),
        (_month((_large(),), actions=500.0, costs_usd={"people": 55.0}), Cause.PEOPLE, 15.0),
        (_month((), billed_usd=5.0), Cause.MODELS, 5.0 - 3.45),
    ],
)
def test_what_one_thing_causes_has_one_part(came: Came, cause: Cause, usd: float) -> None:
    found = difference(_BEFORE, came, bill_counts=True)
    parts = {one: part for one, part in found.parts_usd.items() if abs(part) > 1e-12}
    assert parts == {cause: pytest.approx(usd)}


def test_a_model_that_nobody_forecast_is_mix() -> None:
    new = CameUse(
        model="new", calls=500.0, limited=0.0, failed=0.0, input_tokens=1e6, output_tokens=1e5, cost_usd=9.0
    )
    found = difference(_BEFORE, _month((_large(calls=500.0), new), actions=500.0), bill_counts=True)
    assert found.by_model_usd["new"] == {Cause.MIX: pytest.approx(9.0)}
