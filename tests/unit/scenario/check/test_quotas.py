"""Limits that count nothing, need what nobody says, or never let anybody in are told with their line and a way out."""

from pathlib import Path

import pytest

from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_text

HEAD = """metadata: {name: quotas}
workloads:
  - name: ask
    arrival_rate: 1 rps
    prompt_tokens: {distribution: constant, value: 500}
    output_tokens: {distribution: constant, value: 100}
    steps: [{generate: large}]
"""
MODEL = """model_list:
  - model_name: large
    provider: own
    model: own
    prices: {input: $1/Mtok, output: $4/Mtok}
    ttft: {distribution: constant, value: 1s}
    tpot: {distribution: constant, value: 10ms}
"""


def problems(limits: str, most: str = "") -> str:
    """What is wrong with a model that has these limits, asked with `max_tokens`."""
    lines = "".join(f"    {line}\n" for line in limits.splitlines())
    workload = HEAD if not most else HEAD.replace("    steps", f"    max_tokens: {most}\n    steps")
    with pytest.raises(ScenarioError) as caught:
        load_text(workload + MODEL + lines, "quotas.yaml", Path())
    return str(caught.value)


@pytest.mark.parametrize(
    ("limits", "most", "expected"),
    [
        (
            "limits_as: antropic\ninput_tpm: 1M",
            "",
            (
                "quotas.yaml:15:5: model_list.large.limits_as: no entry of the catalog `limit_rules` called `antropic` "
                "(did you mean `anthropic`?)"
            ),
        ),
        (
            "limits_as: azure-standard\ntpm: 600",
            "800",
            (
                "quotas.yaml:7:5: workloads.ask.max_tokens: no request is ever let in: `tpm` of `large` reserves 800 tokens "
                "for it, and holds 600 (set it lower, or raise `tpm`)"
            ),
        ),
        (
            "limits_as: bedrock\ntpm: 1M",
            "",
            (
                "quotas.yaml:3:5: workloads.ask: `tpm` of `large` reserves `max_tokens`, and this workload does not say it "
                "(give it `max_tokens`, as its requests do)"
            ),
        ),
        (
            "limits_as: anthropic\ntpm: 1M",
            "",
            (
                "quotas.yaml:16:5: model_list.large.tpm: `anthropic` has no rule for `tpm` "
                "(it counts `rpm`, `input_tpm` and `output_tpm`)"
            ),
        ),
        (
            "limits_as: openai",
            "",
            (
                "quotas.yaml:15:5: model_list.large.limits_as: says how limits count, and the model has none "
                "(give `rpm` or `tpm`)"
            ),
        ),
        (
            "limits_as: azure-standard\nrpm: 30",
            "",
            (
                "quotas.yaml:16:5: model_list.large.rpm: lets nobody in: 30 a minute are 0.5 in a window of 1 s "
                "(set `limit_rules: {rpm: {span: 2s}}`, or more)"
            ),
        ),
        (
            "tpm: 1M\nlimit_rules: {output_tpm: {at_end: {output: 1}}}",
            "",
            (
                "quotas.yaml:16:19: model_list.large.limit_rules.output_tpm: counts nothing: the model has no `output_tpm` "
                "(give `output_tpm`)"
            ),
        ),
        (
            "input_tpm: 1M\nprovisioned: {units: 2, price: $1/unit_hour, tpm_per_unit: 1k}",
            "",
            (
                "quotas.yaml:15:5: model_list.large.input_tpm: `provisioned` counts by a rule of its own, `input_tpm` has "
                "no effect (list the model a second time without units, and let a route fall back to it)"
            ),
        ),
        (
            "tpm: 1M\nlimit_rules: {tpm: {window: fixed}}",
            "",
            "counts nothing: give `at_start`, `at_end`, or both",
        ),
        (
            "tpm: 1M\nlimit_rules: {tpm: {at_start: {output: 1, max_tokens: 1}}}",
            "",
            "`at_start` counts the answer twice: keep `output` or `max_tokens`",
        ),
        (
            "tpm: 1M\nlimit_rules: {tpm: {at_end: {max_tokens: 1}}}",
            "",
            "at the end the length of the answer is known: use `output`, not `max_tokens`",
        ),
        ("tpm: 1M\nlimit_rules: {tpm: {window: sliding, at_start: {input: 1}}}", "", "sliding"),
        ("itpm: 1M\ninput_tpm: 2M", "", "`input_tpm` and `itpm` are the same key"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(limits: str, most: str, expected: str) -> None:
    assert expected in problems(limits, most)


def test_a_limit_may_be_left_to_a_knob() -> None:
    text = HEAD + MODEL + "    limits_as: anthropic\n"
    text += "stages: [{name: pilot, duration: 4w, exposure: 100%}]\n"
    knob = "capacity: {knobs: [{path: model_list.large.%s, steps: [1M, 2M], lead_time: 2w}]}\n"
    load_text(text + knob % "output_tpm", "quotas.yaml", Path())
    with pytest.raises(ScenarioError) as caught:
        load_text(text + knob % "tpm", "quotas.yaml", Path())
    assert "`anthropic` has no rule for `tpm` (use a limit that it counts)" in str(caught.value)


def test_no_answer_has_no_longest() -> None:
    text = HEAD.replace("    steps: [{generate: large}]", "    max_tokens: 9\n    steps: [{call: desk}]")
    text += "services: {desk: {service_time: {distribution: constant, value: 1s}}}\n"
    with pytest.raises(ScenarioError) as caught:
        load_text(text, "quotas.yaml", Path())
    assert "quotas.yaml:7:5: workloads.ask.max_tokens: changes nothing: no step generates" in str(
        caught.value
    )


def test_litellms_names_of_the_keys_are_known() -> None:
    text = HEAD + MODEL + "    itpm: 2M\n    otpm: 400k\n"
    (model,) = load_text(text, "quotas.yaml", Path()).scenario.model_list
    assert (model.input_tpm, model.output_tpm) == (2e6, 4e5)


def test_what_the_scenario_says_of_a_rule_holds_and_the_catalog_says_the_rest() -> None:
    text = HEAD.replace("    steps", "    max_tokens: 100\n    steps") + MODEL
    text += "    tpm: 1M\n    limits_as: bedrock\n    limit_rules: {tpm: {at_end: {output: 7}}}\n"
    (model,) = load_text(text, "quotas.yaml", Path()).scenario.model_list
    assert model.limit_rules is not None
    rule = model.limit_rules.tpm
    assert rule is not None
    assert rule.at_end is not None
    assert (rule.at_end.output, rule.at_end.input, rule.at_start.max_tokens, rule.window) == (
        7,
        1,
        1,
        "bucket",
    )


SHARED = """  - {name: gold, arrival_rate: 1 rps, max_tokens: 200, tenants: {acme: {share: 1}}, steps: [{generate: large}],
     prompt_tokens: {distribution: constant, value: 500}, output_tokens: {distribution: constant, value: 100}}
"""


def shared_problems(quota: str) -> str:
    """What is wrong with a quota that two workloads draw on, the second with a tenant and `max_tokens`."""
    lines = f"quotas:\n  organisation:\n    {quota}\n"
    with pytest.raises(ScenarioError) as caught:
        load_text(HEAD + SHARED + MODEL + lines, "quotas.yaml", Path())
    return str(caught.value)


@pytest.mark.parametrize(
    ("quota", "expected"),
    [
        (
            "{models: [larg], tpm: 1M}",
            "quotas.yaml:19:15: quotas.organisation.models.0: no hosted model `larg` (did you mean `large`?)",
        ),
        (
            "{models: [large, large], tpm: 1M}",
            "quotas.yaml:19:22: quotas.organisation.models.1: a second `large` (name each model once)",
        ),
        (
            "{models: [large], tpm: 1M, reserved: {asks: 20%}}",
            "quotas.organisation.reserved.asks: no workload or tenant `asks` (did you mean `ask`?)",
        ),
        (
            "{models: [large], tpm: 1M, reserved: {ask: 70%, acme: 40%}}",
            "quotas.organisation: `reserved` shares add up to 110%, more than there is",
        ),
        (
            "{models: [large]}",
            "quotas.organisation: limits nothing: give `rpm`, `tpm`, `input_tpm`, `output_tpm`",
        ),
        (
            "{models: [large], tpm: 1M, borrow_below: 50%}",
            "`borrow_below` changes nothing without `reserved`",
        ),
        (
            "{models: [large], tpm: {home: 1M}}",
            "`tpm` differs by region: set `scope: region`, or give one number",
        ),
        (
            "{models: [large], scope: region, tpm: {hom: 1M}}",
            "quotas.organisation.tpm.hom: no region `hom` (did you mean `home`?)",
        ),
        (
            "{models: [large], tpm: 1M, limits_as: antropic}",
            "no entry of the catalog `limit_rules` called `antropic` (did you mean `anthropic`?)",
        ),
        (
            "{models: [large], tpm: 1M, limits_as: anthropic}",
            "quotas.organisation.tpm: `anthropic` has no rule for `tpm`",
        ),
        (
            "{models: [large], tpm: 1M, reserved: {acme: 100%}, borrow_below: 0}",
            "quotas.organisation.reserved: `ask` is never let in: nothing is reserved for it, and nothing is lent",
        ),
        (
            "{models: [large], rpm: 100, limit_rules: {tpm: {at_start: {input: 1}}, rpm: {span: 1s}}}",
            "quotas.organisation.limit_rules.tpm: counts nothing: the quota has no `tpm`",
        ),
        (
            "{models: [large], rpm: 30, limit_rules: {rpm: {window: fixed, span: 1s}}}",
            "quotas.organisation.rpm: lets nobody in: 30 a minute are 0.5 in a window of 1 s",
        ),
        (
            (
                "{models: [large], tpm: 400, reserved: {acme: 10%}, borrow_below: 0, "
                "limit_rules: {tpm: {at_start: {max_tokens: 1}}}}"
            ),
            (
                "workloads.gold.max_tokens: no request is ever let in: `tpm` of the quota `organisation` reserves 200 "
                "tokens for it, and holds 40"
            ),
        ),
    ],
)
def test_what_is_wrong_with_a_shared_quota(quota: str, expected: str) -> None:
    assert expected in shared_problems(quota)
