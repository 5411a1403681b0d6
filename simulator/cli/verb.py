"""A verb of the command line made of a study: its fields become options, its report is printed as it is asked for."""

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, Field, fields
from enum import Enum
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import typer

from simulator.cli.options import AsJson, Html, Markdown, Overrides, Seed, file_argument
from simulator.cli.shared import (
    can_write,
    explained,
    finish,
    load_checked,
    make_folder,
    run_study,
    show_report,
    write_report,
)
from simulator.studies.base import LoadedSource, Option, Study

_SHARED = {"seed": Seed, "overrides": Overrides, "as_json": AsJson, "html": Html, "markdown": Markdown}


def verb_of(study: type[Study[Any]]) -> Callable[..., None]:
    """Return the function that typer makes a verb of."""
    asked = {found.name: (found, option, kind) for found, option, kind in options_of(study)}

    def command(**values: Any) -> None:
        with explained():
            shared = {name: values.pop(name) for name in _SHARED}
            options = {
                name: _parsed(asked[name], value, shared["seed"])
                for name, value in values.items()
                if name in asked
            }
            loaded = load_checked(values["file"], shared["overrides"], shared["seed"])
            question = study(**options)
            question.check(loaded.scenario)
            _prepare(asked, options)
            for path in (shared["html"], shared["markdown"]):
                can_write(path)
            report = run_study(question, loaded)
            show_report(report, as_json=shared["as_json"])
            write_report(report, shared["html"], shared["markdown"])
            finish(question, report)

    parameters = list(_parameters(asked, study.file_metavar))
    command.__name__, command.__doc__ = study.verb, study.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def options_of(study: type[Study[Any]]) -> Iterator[tuple[Field[Any], Option, Any]]:
    """Fields of a study that can be given, each with its option and its type; the shared ones last."""
    hints = get_type_hints(study, include_extras=True)
    found = [(one, hints[one.name]) for one in fields(study)]
    for one, hint in sorted(found, key=lambda pair: pair[0].name == "threads"):
        if get_origin(hint) is Annotated:
            kind, *extras = get_args(hint)
            option = next((extra for extra in extras if isinstance(extra, Option)), None)
            if option is not None:
                yield one, option, kind


def flag_of(found: Field[Any], option: Option) -> str:
    """The option as it is written."""
    return option.flag or "--" + found.name.replace("_", "-")


def _parameters(
    asked: dict[str, tuple[Field[Any], Option, Any]], file_metavar: str
) -> Iterator[inspect.Parameter]:
    arguments = [one for one in asked.values() if one[1].is_argument]
    options = [one for one in asked.values() if not one[1].is_argument and one[0].name != "threads"]
    for found, option, kind in arguments:
        plain = Path if option.is_scenario else kind
        yield _parameter(found.name, Annotated[plain, _argument(option)], inspect.Parameter.empty)
    yield _parameter("file", Annotated[Path, file_argument(file_metavar)], inspect.Parameter.empty)
    for found, option, kind in options:
        yield _option(found, option, kind)
    for name, annotation in _SHARED.items():
        yield _parameter(name, annotation, False if name == "as_json" else None)
    if "threads" in asked:
        yield _option(*asked["threads"])


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _argument(option: Option) -> Any:
    return typer.Argument(
        metavar=option.metavar,
        exists=True,
        dir_okay=not option.is_scenario,
        show_default=False,
        help=option.help,
    )


def _option(found: Field[Any], option: Option, kind: Any) -> inspect.Parameter:
    """Parameter of one option; lists and what is parsed come as texts."""
    default = None if found.default is MISSING else found.default
    item = None if option.is_whole else _item_of(kind)
    plain = option.choices or _plain(kind)
    names = _names(found, option, plain)
    if option.parse is not None:  # a default is given as it is shown, and parsed like any other value
        plain, default = str, None if default is None else option.shown_default
    if item is not None:
        plain, default = list[str if option.parse else _plain(item)], None  # type: ignore[misc]
    shown: Any = default is not None or option.shown_default or False
    made = typer.Option(
        *names,
        help=option.help,
        metavar=option.metavar,
        show_default=shown,
        min=option.min,
        max=option.max,
        dir_okay=option.is_folder,
        file_okay=not option.is_folder,
        exists=option.is_input,
    )
    is_required = found.default is MISSING and found.default_factory is MISSING
    if is_required and item is None:  # a list may be empty
        return _parameter(found.name, Annotated[plain, made], inspect.Parameter.empty)
    annotation = plain if default is not None else plain | None
    return _parameter(found.name, Annotated[annotation, made], default)


def _names(found: Field[Any], option: Option, kind: Any) -> list[str]:
    flag = flag_of(found, option)
    if kind is bool:
        return [f"{flag}/--no-{flag.removeprefix('--')}" if found.default else flag]
    return [flag]


def _parts(kind: Any) -> list[Any]:
    """The types that a field may have, None apart."""
    return [one for one in get_args(kind) if one is not NoneType] if isinstance(kind, UnionType) else [kind]


def _item_of(kind: Any) -> Any:
    """The type of a list's items; None: it is no list."""
    for one in _parts(kind):
        if get_origin(one) is Sequence or (get_origin(one) is tuple and get_args(one)[-1] is ...):
            return get_args(one)[0]
    return None


def _plain(kind: Any) -> Any:
    """The type that typer makes of a text: what Python takes besides is for Python alone."""
    parts = _parts(kind)
    if Path in parts:
        return Path
    return parts[0] if parts[0] in (bool, int, float) or _has_choices(parts[0]) else str


def _has_choices(kind: Any) -> bool:
    return get_origin(kind) is Literal or (isinstance(kind, type) and issubclass(kind, Enum))


def _parsed(asked: tuple[Field[Any], Option, Any], value: Any, seed: int | None) -> Any:
    """The value of a field from what the command line gave; what was not given stays as it is.

    Parameters
    ----------
    seed : of other scenarios, as of the one the verb is of
    """
    found, option, kind = asked
    is_list = not option.is_whole and _item_of(kind) is not None
    if value is None:
        return found.default if found.default is not MISSING else ()
    if option.is_scenario:
        return LoadedSource(load_checked(value, None, seed))
    if option.parse is None:
        return tuple(value) if is_list else value
    try:
        return tuple(map(option.parse, value)) if is_list else option.parse(value)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=flag_of(found, option)) from None


def _prepare(asked: dict[str, tuple[Field[Any], Option, Any]], options: dict[str, Any]) -> None:
    """Make folders and try files before the work: nobody wants to hear after an hour that they cannot be written."""
    for name, value in options.items():
        option = asked[name][1]
        if isinstance(value, Path) and not option.is_input and not option.is_argument:
            if option.is_folder:
                make_folder(value, flag_of(asked[name][0], option))
            else:
                can_write(value)
