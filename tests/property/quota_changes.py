"""For every key of limits as providers count them: a change of it alone that must be seen in the run."""

from tests.property.key_changes import Change

_RESERVED, _COUNTED = "model_list.reserved", "model_list.counted"
_TPM, _INPUT, _OUTPUT = (
    f"{_RESERVED}.limit_rules.tpm",
    f"{_COUNTED}.limit_rules.input_tpm",
    f"{_COUNTED}.limit_rules.output_tpm",
)

QUOTA_CHANGES: dict[str, Change] = {
    key: Change(to, "quotas")
    for key, to in {
        "Workload.max_tokens": "workloads.chat.max_tokens=60",
        "Model.input_tpm": f"{_COUNTED}.input_tpm=12_000",
        "Model.output_tpm": f"{_COUNTED}.output_tpm=2_000",
        "Model.limits_as": f"{_RESERVED}.limits_as=bedrock-claude-4.8",
        "Model.limit_rules": f"{_COUNTED}.limit_rules=null",
        "LimitRules.rpm": f"{_COUNTED}.limit_rules.rpm=null",
        "LimitRules.tpm": f"{_TPM}=null",
        "LimitRules.input_tpm": f"{_INPUT}=null",
        "LimitRules.output_tpm": f"{_OUTPUT}=null",
        "RequestRule.window": f"{_COUNTED}.limit_rules.rpm.window=bucket",
        "RequestRule.span": f"{_COUNTED}.limit_rules.rpm.span=1s",
        "RequestRule.charges_refused": f"{_COUNTED}.limit_rules.rpm.charges_refused=true",
        "TokenRule.charges_refused": f"{_TPM}.charges_refused=true",
        "Route.max_retry_after": "routes.patient.max_retry_after=60s",
        "TokenRule.window": f"{_TPM}.window=fixed",
        "TokenRule.span": f"{_TPM}.span=3s",
        "TokenRule.larger": f"{_TPM}.larger=true",
        "TokenRule.at_start": f"{_OUTPUT}.at_start=null",
        "TokenRule.at_end": f"{_OUTPUT}.at_end=null",
        "Charge.input": f"{_INPUT}.at_start.input=2",
        "Charge.cached_input": f"{_INPUT}.at_start.cached_input=0",
        "Charge.output": f"{_OUTPUT}.at_end.output=3",
        "Charge.max_tokens": f"{_OUTPUT}.at_start={{max_tokens: 1}}",
    }.items()
} | {
    f"SharedQuota.{key}": Change(f"quotas.{to}", "shared quotas")
    for key, to in {
        "models": "organisation.models=[first]",
        "scope": "organisation.scope=organisation",
        "rpm": "organisation.rpm=60",
        "tpm": "organisation.tpm=60_000",
        "input_tpm": "class.input_tpm=10_000",
        "output_tpm": "class.output_tpm=3_000",
        "limits_as": "organisation.limits_as=bedrock-claude-4.8",
        "limit_rules": "class.limit_rules.rpm.span=1s",
        "reserved": "organisation.reserved.chat=80%",
        "borrow_below": "organisation.borrow_below=90%",
    }.items()
}
