"""Whatever a rule of counting says, the engine and the reference let the same attempts in."""

from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.scenario.model import Scenario
from tests.differential.scenarios import TOKENS, TWO_REGIONS, model, scenario_of
from tests.differential.twins import assert_same_rows, assert_same_totals, run_both

_WEIGHTS = st.sampled_from([0.0, 0.3, 1.0, 4.0])
_INPUT = {"input": st.sampled_from([0.0, 1.0, 2.0]), "cached_input": _WEIGHTS}
_STARTS = st.one_of(
    st.fixed_dictionaries({**_INPUT, "output": _WEIGHTS}),
    st.fixed_dictionaries({**_INPUT, "max_tokens": st.sampled_from([0.5, 1.0])}),
)
_ENDS = st.fixed_dictionaries({**_INPUT, "output": st.sampled_from([1.0, 5.0])})
_WINDOWS: dict[str, Any] = {
    "window": st.sampled_from(["bucket", "fixed"]),
    "span": st.sampled_from([7.3, 20.0, 60.0]),
    "charges_refused": st.booleans(),
}
_TOKEN_RULES = st.fixed_dictionaries(
    _WINDOWS | {"at_start": _STARTS, "larger": st.booleans()}, optional={"at_end": _ENDS}
).filter(lambda rule: "at_end" in rule or any(rule["at_start"].values()))
_LIMITS = st.fixed_dictionaries(
    {"tpm": st.tuples(st.integers(8_000, 60_000), _TOKEN_RULES)},
    optional={
        "rpm": st.tuples(st.integers(20, 90), st.fixed_dictionaries(_WINDOWS)),
        "input_tpm": st.tuples(st.integers(5_000, 40_000), _TOKEN_RULES),
        "output_tpm": st.tuples(st.integers(2_000, 30_000), _TOKEN_RULES),
    },
)


@st.composite
def _scenarios(draw: st.DrawFn) -> Scenario:
    models = []
    for name in ("first", "second"):
        limits = draw(_LIMITS)
        one = model(name, 0.4, 0.02, error_rate=0.05)
        one["prices"] |= {"cached_input": 0.1, "cached_share": draw(st.sampled_from([0.1, 0.6]))}
        one |= {key: amount for key, (amount, _) in limits.items()}
        models.append(one | {"limit_rules": {key: rule for key, (_, rule) in limits.items()}})
    route = {
        "routing_strategy": draw(st.sampled_from(["simple-shuffle", "usage-based-routing", "cost-based-routing"])),
        "choose": ["first", "second"],
        "num_retries": 1,
        "backoff": {"base": 0.15, "jitter": "equal"},
        "per_try_timeout": draw(st.sampled_from([1.7, 4.0])),
        "max_retry_after": draw(st.sampled_from([None, 3.0, 60.0])),
    }  # fmt: skip
    ask = {"name": "ask", "arrival_rate": 2.0, **TOKENS, "max_tokens": draw(st.integers(40, 400))}
    return scenario_of(
        **TWO_REGIONS,
        workloads=[ask | {"steps": [{"generate": "best"}]}],
        model_list=models,
        routes={"best": route},
    )


_SHARED = st.fixed_dictionaries(
    {
        "scope": st.sampled_from(["organisation", "region"]),
        "tpm": st.integers(20_000, 90_000),
        "limit_rules": st.fixed_dictionaries({"tpm": _TOKEN_RULES}),
    },
    optional={
        "rpm": st.integers(60, 150),
        "reserved": st.sampled_from([{"ask": 0.6}, {"gold": 0.5, "write": 0.5}, {"gold": 0.2, "ask": 0.3}]),
    },
)


@st.composite
def _sharing(draw: st.DrawFn) -> Scenario:
    """Models that draw on shared quotas besides limits of their own, for workloads and tenants with shares."""
    scenario = draw(_scenarios())
    quotas = {}
    for name, models in (("organisation", ["first", "second"]), ("class", ["second"])):
        quota = {"models": models, **draw(_SHARED)}
        if "reserved" in quota:
            quota["borrow_below"] = draw(st.sampled_from([0.0, 0.5, 0.8]))
        quotas[name] = quota
    cut = {"name": "cut", "kind": "quota", "target": "organisation", "start": 40.3, "duration": 20.0}
    ask = scenario.workloads[0].model_dump(exclude_unset=True)
    tenants = {"gold": {"share": 0.5}, "bronze": {"share": 0.5}}
    return Scenario.model_validate(
        scenario.model_dump(exclude_unset=True)
        | {
            "workloads": [ask | {"tenants": tenants}, ask | {"name": "write", "arrival_rate": 1.0}],
            "quotas": quotas,
            "incidents": [cut | {"factor": draw(st.sampled_from([0.0, 0.4]))}],
        }
    )


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.generate],  # making a failing scenario smaller takes minutes
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(_scenarios(), st.integers(0, 2**31))
def test_every_action_has_the_same_story_under_any_rule(scenario: Scenario, seed: int) -> None:
    twins = run_both(scenario, 90.0, seed, is_checked=False)
    assert_same_rows(twins)
    assert_same_totals(twins)


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(_sharing(), st.integers(0, 2**31))
def test_every_action_has_the_same_story_under_shared_quotas(scenario: Scenario, seed: int) -> None:
    twins = run_both(scenario, 90.0, seed, is_checked=False)
    assert_same_rows(twins)
    assert_same_totals(twins)
