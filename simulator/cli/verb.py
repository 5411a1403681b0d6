"""A verb of the command line made of a study: its fields become options, its report is printed as it is asked for."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from simulator.cli.options import AsJson, Html, Markdown, Overrides, Seed, file_argument, file_option
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
from simulator.studies.base import LoadedSource, Option, SelfMade, Study
from simulator.studies.options import Asked, options_of

if TYPE_CHECKING:
    from simulator.scenario.read.load import LoadedScenario

_SHARED = {"seed": Seed, "overrides": Overrides, "as_json": AsJson, "html": Html, "markdown": Markdown}
Given = SimpleNamespace  # what the command line gave besides the options of the study


def verb_of(study: type[Study[Any]]) -> Callable[..., None]:
    """Return the function that typer makes a verb of."""
    if issubclass(study, SelfMade):
        return command_of(study, ask_itself, None)
    file = (
        file_argument(study.file_metavar) if study.scenario_flag is None else file_option(study.scenario_flag)
    )
    return command_of(study, ask, Annotated[Path, file])


def command_of(
    study: type[Study[Any]], answer: Callable[[Any, Given], None], file: Any, **more: Any
) -> Callable[..., None]:
    """A verb with the options of a study and the shared ones, which answers in its own way.

    Parameters
    ----------
    answer : is called with the study and with what was given besides its options
    file : annotation of the argument `file`, the scenario's; None: it makes its own, with nothing to override
    more : annotations of further options, by name
    """
    asked = {one.name: one for one in options_of(study)}

    def command(**values: Any) -> None:
        with explained():
            options = {
                name: _parsed(asked[name], value, values["seed"])
                for name, value in values.items()
                if name in asked
            }
            given = {name: value for name, value in values.items() if name not in asked}
            answer(study(**options), Given(**given))

    shared = {name: of for name, of in _SHARED.items() if name != "overrides" or file is not None}
    parameters = list(_parameters(list(asked.values()), file, {**shared, **more}))
    command.__name__, command.__doc__ = study.verb, study.__doc__
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def ask(study: Study[Any], given: Given) -> None:
    """Ask the study about one scenario."""
    _answer(study, load_checked(given.file, given.overrides, given.seed), given)


def ask_itself(study: SelfMade[Any], given: Given) -> None:
    """Ask a study about the scenario that it makes."""
    _answer(study, study.made([] if given.seed is None else [f"seed={given.seed}"]), given)


def _answer(study: Study[Any], loaded: "LoadedScenario", given: Given) -> None:
    study.check(loaded.scenario)
    prepare(study, given.html, given.markdown)
    report = run_study(study, loaded)
    show_report(report, as_json=given.as_json)
    write_report(report, given.html, given.markdown)
    finish(report, study.exit_code(report))


def _parameters(asked: list[Asked], file: Any, more: Mapping[str, Any]) -> Iterator[inspect.Parameter]:
    """Arguments, the file, the study's own options, further ones, and `--threads`."""
    arguments = [one for one in asked if one.option.is_argument]
    for one in arguments:
        if one.item is None:
            kind = Path if one.option.is_scenario else one.kind
            yield _parameter(one.name, Annotated[kind, _argument(one.option)], inspect.Parameter.empty)
    if file is not None:
        yield _parameter("file", file, inspect.Parameter.empty)
    for one in arguments:
        if one.item is not None:
            kinds = list[one.item]  # type: ignore[name-defined]
            yield _parameter(one.name, Annotated[kinds, _argument(one.option)], inspect.Parameter.empty)
    own = [one for one in asked if not one.option.is_argument]
    for one in own:
        if one.name != "threads":
            yield _option(one)
    for name, annotation in more.items():
        yield _parameter(name, annotation, False if get_args(annotation)[0] is bool else None)
    for one in own:
        if one.name == "threads":
            yield _option(one)


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _argument(option: Option) -> Any:
    return typer.Argument(
        metavar=option.metavar,
        exists=True,
        dir_okay=option.may_be_run or not (option.is_scenario or option.is_input),
        show_default=False,
        help=option.help,
    )


def _option(asked: Asked) -> inspect.Parameter:
    """Parameter of one option; lists and what is parsed come as texts."""
    option, default = asked.option, asked.default
    kind = option.choices or asked.plain
    if asked.item is not None:
        kind, default = list[str if option.parse else asked.plain], None  # type: ignore[misc]
    elif option.parse is not None:  # a default is given as it is shown, and parsed like any other value
        kind, default = str, None if default is None else option.shown_default
    made = typer.Option(
        _flags(asked),
        help=option.help,
        metavar=option.metavar,
        show_default=default is not None or option.shown_default or False,
        min=option.min,
        max=option.max,
        dir_okay=option.is_folder,
        file_okay=option.may_be_file or not option.is_folder,
        exists=option.is_input,
    )
    if asked.is_required and asked.item is None:  # a list may be empty
        return _parameter(asked.name, Annotated[kind, made], inspect.Parameter.empty)
    return _parameter(asked.name, Annotated[kind if default is not None else kind | None, made], default)


def _flags(asked: Asked) -> str:
    if asked.plain is bool and asked.default:
        return f"{asked.flag}/--no-{asked.flag.removeprefix('--')}"
    return asked.flag


def _parsed(asked: Asked, value: Any, seed: int | None) -> Any:
    """The value of a field from what the command line gave.

    Parameters
    ----------
    seed : of other scenarios, as of the one the verb is of
    """
    if value is not None and asked.option.is_scenario and not value.is_dir():
        return LoadedSource(load_checked(value, None, seed))
    try:
        return asked.parsed(value)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=asked.flag) from None


def prepare(study: Study[Any], *written: Path | None) -> None:
    """Make folders and try files before the work: nobody wants to hear after an hour that they cannot be written.

    Parameters
    ----------
    written : files besides those of the study's own options
    """
    for asked in options_of(type(study)):
        value, option = getattr(study, asked.name), asked.option
        if isinstance(value, Path) and not option.is_input and not option.is_argument:
            if option.is_folder:
                make_folder(value, asked.flag)
            else:
                can_write(value)
    for path in written:
        can_write(path)
