"""Which model of the scenario is a model of the log? Names differ by provider, region, date and version."""

import re
from collections.abc import Iterable, Mapping

from simulator.scenario.model import ListedModel

_PROVIDERS = re.compile(r"^(?:arn:[^/]*/|[a-z_]+/)+")
_REGION = re.compile(r"^(?:us|eu|apac|global|us-gov|jp|au)\.")
_VENDOR = re.compile(r"^(?:anthropic|amazon|meta|cohere|mistral|ai21|openai|google|deepseek|qwen)\.")
_VERSION = re.compile(r"(?:[-@](?:20\d{2}-?\d{2}-?\d{2}|\d{4,8})|-v\d+(?::\d+)?|:\d+|-latest|-preview)+$")


def plain_model(name: str) -> str:
    """A model's name without provider, region, date and version."""
    found = _PROVIDERS.sub("", name.strip().lower())
    found = _VENDOR.sub("", _REGION.sub("", found))
    return _VERSION.sub("", found).replace("_", "-").replace(".", "-")


def matched(names: Iterable[str], models: Iterable[ListedModel]) -> Mapping[str, str]:
    """The `model_name` of each name of a log that is one of the scenario's models."""
    listed = list(models)
    exact = {model.model_name: model.model_name for model in listed}
    exact |= {model.model: model.model_name for model in reversed(listed) if model.model}
    plain = {plain_model(name): found for name, found in reversed(exact.items())}
    return {
        name: exact.get(name) or plain[plain_model(name)]
        for name in names
        if name in exact or plain_model(name) in plain
    }
