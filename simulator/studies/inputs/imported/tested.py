"""Success rates of an evaluation, for the models that it tested: with the interval of their tests, and as a source."""

from collections.abc import Iterator, Mapping, Sequence

from simulator.formats.configs.parts import Block, Imported, Rate
from simulator.formats.documents import ForeignRow
from simulator.studies.calibrate.logged_models import plain_model
from simulator.theory.intervals import wilson_interval

_TIMES: ForeignRow = {
    "ttft": {"distribution": "lognormal", "p50": "500ms", "p95": "1.5s"},
    "tpot": {"distribution": "lognormal", "p50": "15ms", "p95": "30ms"},
}
_HOSTED = ("openai", "anthropic", "azure", "bedrock", "vertex", "google", "mistral", "cohere")


def tested_models(found: Imported) -> Iterator[Block]:
    """Models of providers that were tested, where no other file names a model."""
    for tested, rate in found.rates.items():
        provider, *_ = tested.partition(":")
        if provider in _HOSTED:
            model = _model(tested)
            value = {"model_name": model, "provider": provider, "model": model, **_TIMES}
            yield Block(value, rate.file, ("ttft", "tpot"))


def with_rate(model: Block, found: Imported) -> Block:
    """A model with the share of the tests that it passed, if it was tested."""
    rate = _rate(model, found)
    if rate is None:
        return model
    return Block(
        {**model.value, "success_rate": round(rate.passed / rate.n, 4)},
        model.origin,
        model.stubs,
        model.weight,
    )


def sources_of_rates(models: Sequence[Block], found: Imported) -> Iterator[ForeignRow]:
    """What is said of the success rates: tests, and the interval that they leave."""
    used = set()
    for model in models:
        rate = _rate(model, found)
        if rate is None:
            continue
        used.add(rate)
        share = wilson_interval(rate.passed, rate.n)
        told = f"{rate.passed} of {rate.n} tests passed, 95 %: {share.low:.1%} to {share.high:.1%}"
        yield {
            "of": [f"model_list.{model.text('model_name')}.success_rate"],
            "source": f"promptfoo, {rate.file}: {told}",
            "grade": "measured",
        }
    for tested, rate in found.rates.items():
        if rate not in used:
            found.open.append(
                f"{tested} passed {rate.passed} of {rate.n} tests, and no file names it as a model"
            )


def _rate(model: Block, found: Imported) -> Rate | None:
    pool = model.value.get("pool")
    names = [model.text("model_name"), str(model.value.get("model", ""))]
    if isinstance(pool, Mapping):
        names.append(str(pool.get("model", "")))
    wanted = {plain_model(name) for name in names if name}
    return next((rate for tested, rate in found.rates.items() if plain_model(_model(tested)) in wanted), None)


def _model(tested: str) -> str:
    """The model of `openai:chat:gpt-4.1`."""
    parts = [part for part in tested.split(":") if part]
    return next((part for part in reversed(parts) if not part.isdigit()), tested)
