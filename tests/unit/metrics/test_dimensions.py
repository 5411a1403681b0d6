"""Every place that names dimensions by fields has the same ones."""

from dataclasses import fields

from simulator.compiler.streams import Stream
from simulator.metrics.dimensions import (
    ALL,
    COST_VIEWS,
    LABELS,
    OF_ACTIONS,
    RELEASE,
    STAGE,
    TARGET,
    By,
    Selection,
)

ACTIONS = {one.name for one in OF_ACTIONS}


def test_fields_are_the_dimensions() -> None:
    assert set(Stream._fields) == {*ACTIONS, RELEASE.name}
    assert {field.name for field in fields(Selection)} == {*ACTIONS, RELEASE.name, TARGET.name}
    assert {field.name for field in fields(By)} == {*ACTIONS, STAGE.name}
    assert set(LABELS) == {*ACTIONS, STAGE.name, TARGET.name}
    assert set(COST_VIEWS.values()) == {*LABELS, "month", "category"}


def test_a_selection_asks_for_the_streams_that_have_its_values() -> None:
    stream = Stream("chat", "eu", language="de", tenant="acme", complexity="simple")
    assert ALL.asks(stream)
    for name in ACTIONS:
        assert Selection(**{name: getattr(stream, name)}).asks(stream)
        assert not Selection(**{name: "other"}).asks(stream)
    assert Selection(workload="chat", tenant="acme").asks(stream)
    assert not Selection(workload="chat", tenant="other").asks(stream)


def test_the_region_of_a_target_is_not_that_of_its_users() -> None:
    assert Selection(target="large", region="us").asks(Stream("chat", "eu"))


def test_a_selection_says_what_it_is_of() -> None:
    assert str(Selection(workload="chat", region="eu")) == "workload 'chat', region 'eu'"
    assert str(ALL) == "everything"
