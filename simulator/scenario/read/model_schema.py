"""Which keys may stand where: the models read as the shape of a document.

A *kind* is a type that a value may have: a model, a list, a map or a scalar; a key that takes several has
several kinds. Wherever a document allows several models (steps, distributions), the keys that are present say
which one is meant.
"""

import types
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel

from simulator.scenario.model import Scenario

ModelType: TypeAlias = type[BaseModel]
Kinds: TypeAlias = tuple[Any, ...]

ROOT: Kinds = (Scenario,)
TAGS = ("distribution", "kind")  # keys that say which of several models a map is


def origin_of(kind: Any) -> Any:
    """What a generic type is made from: `list` of `list[str]`; None for a plain type."""
    return get_origin(kind)


@lru_cache(maxsize=1024)
def kinds_of(annotation: Any) -> Kinds:
    """The kinds of a field's type: unions opened, metadata dropped, None left out."""
    origin = origin_of(annotation)
    if origin is Annotated:
        return kinds_of(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return tuple(kind for part in get_args(annotation) for kind in kinds_of(part))
    return () if annotation is type(None) else (annotation,)


def models_in(kinds: Kinds) -> list[ModelType]:
    """The models among the kinds."""
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


def is_written_as_text(kind: Any) -> bool:
    """Whether a model is no map in a document but words, such as an objective."""
    return bool(models_in((kind,))) and kind.model_config.get("json_schema_extra") == {"type": "string"}


@lru_cache(maxsize=256)
def fields_of(model: ModelType) -> Mapping[str, Any]:
    """Type of each key of a model, by the name under which it is written."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def meant(kinds: Kinds, content: Mapping[str, Any]) -> list[ModelType]:
    """The models that a map's content speaks for: by its tag, otherwise by the keys it has."""
    models = models_in(kinds)
    if len(models) < 2:
        return models
    tag = next((tag for tag in TAGS if tag in content), None)
    if tag is not None and any(tag in fields_of(model) for model in models):
        tagged = [model for model in models if tag in fields_of(model)]
        return [model for model in tagged if content[tag] in literals(fields_of(model)[tag])] or tagged
    n_known = [len(fields_of(model).keys() & content.keys()) for model in models]
    return [model for model, n in zip(models, n_known, strict=True) if n == max(n_known)]


def literals(annotation: Any) -> tuple[Any, ...]:
    """The values that a type names one by one."""
    return tuple(
        value for kind in kinds_of(annotation) if origin_of(kind) is Literal for value in get_args(kind)
    )


def below(kinds: Kinds, key: str | int, content: Any) -> Kinds:
    """Kinds of the value under a key or at an index of a list; `content` is the map or list itself."""
    if isinstance(key, int):
        return tuple(
            kind for above in kinds if origin_of(above) is list for kind in kinds_of(get_args(above)[0])
        )
    models = meant(kinds, content if isinstance(content, Mapping) else {})
    found = [kinds_of(fields_of(model)[key]) for model in models if key in fields_of(model)]
    found += [kinds_of(get_args(above)[1]) for above in kinds if origin_of(above) is dict]
    return tuple(kind for kinds in found for kind in kinds)


def kinds_at(path: Sequence[str | int], document: Any) -> Kinds:
    """Kinds of the value at a path of a plain document."""
    kinds, content = ROOT, document
    for key in path:
        kinds = below(kinds, key, content)
        if isinstance(content, Mapping):
            content = content.get(str(key))
        elif isinstance(content, list) and isinstance(key, int) and key < len(content):
            content = content[key]
        else:
            content = None
    return kinds


def keys_of(kinds: Kinds, content: Mapping[str, Any]) -> list[str]:
    """Keys that the schema knows for a map."""
    return list(dict.fromkeys(key for model in meant(kinds, content) for key in fields_of(model)))


def has_free_keys(kinds: Kinds) -> bool:
    """Whether the keys of a map are names that the user gives."""
    return any(origin_of(kind) is dict for kind in kinds)
