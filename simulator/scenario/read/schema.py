"""The JSON Schema of scenario files, for editors; kept to constructs of draft 7.

`python -m simulator.scenario.read.schema > docs/scenario.schema.json` writes the committed copy.
"""

import json
from typing import Any

from simulator.scenario.model import Scenario

_DRAFT = "http://json-schema.org/draft-07/schema#"
_EXTENDS = {
    "description": "Files that this one builds on, relative to it; maps merge, lists of named items "
    "merge by name, null removes.",
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}


_NAMED_INCIDENT = {
    "type": "object",
    "required": ["catalog"],
    "properties": {
        "catalog": {
            "type": "string",
            "description": "Name in the catalog of incidents; other keys replace its values.",
        }
    },
}


def scenario_schema() -> dict[str, Any]:
    """JSON Schema (draft 7) of a scenario file."""
    schema = _to_draft_7(Scenario.model_json_schema(by_alias=True))
    _let_catalogs_fill_in(schema)
    schema["properties"] = {"extends": _EXTENDS, **schema["properties"]}
    return {"$schema": _DRAFT, **schema}


def _let_catalogs_fill_in(schema: dict[str, Any]) -> None:
    """What a catalog has need not be in the file; in place."""
    provisioned = schema["definitions"]["Provisioned"]
    provisioned["required"] = ["units"]
    incidents = schema["properties"]["incidents"]
    named = {"type": "string"}
    of_list = {key: incidents.pop(key) for key in ("items", "maxItems", "type")}
    of_list["items"] = {"anyOf": [named, _NAMED_INCIDENT, of_list["items"]]}
    incidents["anyOf"] = [named, of_list]


def _to_draft_7(node: Any) -> Any:
    """`$defs` as `definitions`, no keyword of OpenAPI, no sibling of a `$ref` (draft 7 ignores it)."""
    if isinstance(node, list):
        return [_to_draft_7(item) for item in node]
    if isinstance(node, str) and node.startswith("#/$defs/"):
        return node.replace("#/$defs/", "#/definitions/", 1)
    if not isinstance(node, dict):
        return node
    result = {
        {"$defs": "definitions"}.get(key, key): _to_draft_7(item)
        for key, item in node.items()
        if not (key == "discriminator" and "oneOf" in node)
    }
    if isinstance(result.get("$ref"), str) and len(result) > 1:
        result["allOf"] = [{"$ref": result.pop("$ref")}]
    return result


if __name__ == "__main__":
    print(json.dumps(scenario_schema(), indent=2, ensure_ascii=False))
