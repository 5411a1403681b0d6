"""What does a hosted model charge per token? The scenario's own price, else the list price of a day.

genai-prices is read from the copy of its data that is installed with it: nothing is fetched, no update is
started, and the wall clock is never asked, so the same installed version and day give the same price for
ever.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from simulator.errors import InvalidScenarioError
from simulator.mechanisms.providers.config import Model, Prices

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice, Provider, TieredPrices

_NOON = time(12, tzinfo=UTC)
_N_SUGGESTIONS = 3
_LIKENESS = 0.5  # of difflib, 0 … 1, from which on a name is worth suggesting


@dataclass(frozen=True)
class TokenPrices:
    """Prices of one model as they are paid, and where they come from."""

    input_usd_per_mtok: float  # US dollars per million input tokens, after the discount
    output_usd_per_mtok: float
    source: str  # e.g. `genai-prices 0.2.3, openai/gpt-4o-mini`, or `scenario`
    as_of: date  # list price of this day
    notes: tuple[str, ...] = ()  # what the provider charges besides, and is not in these numbers
    cached_input_usd_per_mtok: float = 0.0  # of the tokens found in the provider's cache
    cached_share: float = 0.0  # of input tokens
    batch_discount: float = 0.0  # off all, for batch workloads
    discount: float = 0.0  # that is in the prices: list price = price / (1 - discount)
    long_above: int | None = None  # whole requests with a longer prompt have these prices:
    long_input_usd_per_mtok: float = 0.0
    long_output_usd_per_mtok: float = 0.0
    long_cached_input_usd_per_mtok: float = 0.0

    @property
    def numbers(self) -> tuple[float, ...]:
        """Every price: what a cost depends on besides use and the scenario."""
        long = (
            self.long_input_usd_per_mtok,
            self.long_output_usd_per_mtok,
            self.long_cached_input_usd_per_mtok,
        )
        short = (self.input_usd_per_mtok, self.output_usd_per_mtok, self.cached_input_usd_per_mtok)
        return short if self.long_above is None else (*short, float(self.long_above), *long)

    @property
    def mean_input_usd_per_mtok(self) -> float:
        """Price of an input token that may be cached or not."""
        cached_usd = self.cached_share * self.cached_input_usd_per_mtok
        return cached_usd + (1.0 - self.cached_share) * self.input_usd_per_mtok

    @property
    def before_discount(self) -> "TokenPrices":
        """The same without its discount."""
        undone = self.discounted(1.0 - 1.0 / (1.0 - self.discount))
        return replace(undone, discount=0.0)

    def discounted(self, share: float) -> "TokenPrices":
        """The same with a further share off every price."""
        return replace(
            self,
            input_usd_per_mtok=self.input_usd_per_mtok * (1.0 - share),
            output_usd_per_mtok=self.output_usd_per_mtok * (1.0 - share),
            cached_input_usd_per_mtok=self.cached_input_usd_per_mtok * (1.0 - share),
            long_input_usd_per_mtok=self.long_input_usd_per_mtok * (1.0 - share),
            long_output_usd_per_mtok=self.long_output_usd_per_mtok * (1.0 - share),
            long_cached_input_usd_per_mtok=self.long_cached_input_usd_per_mtok * (1.0 - share),
            discount=1.0 - (1.0 - self.discount) * (1.0 - share),
        )


class UnknownPriceError(InvalidScenarioError):
    """The catalog has no token prices for a model; the message names the nearest names it knows."""

    def __init__(self, message: str, suggestions: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.suggestions = suggestions


def token_prices(model: Model, on: date) -> TokenPrices:
    """Return what a model charges per million tokens on a day.

    `model.prices` stands if given. Otherwise it is the list price of genai-prices: a price that is announced
    for later than `on` does not count yet, one announced for earlier does.

    Long prompts may have a tier of their own, which holds for the whole request; of several the first is taken.
    Not modelled: writing into the provider's cache, fees per request or search, and prices by the time of day
    (the one at 12:00 UTC holds). State `prices` where these matter.

    Parameters
    ----------
    model : hosted model
    on : day, UTC

    Raises
    ------
    UnknownPriceError
        If the catalog does not know the provider or the model, or lists no price per token for it.
    """
    own = model.prices or Prices()
    if own.input is None or own.output is None or (own.cached_share > 0.0 and own.cached_input is None):
        assert model.provider is not None  # the scenario asks for both of a hosted model
        assert model.model is not None
        found = _list_price(model.provider, model.model, on, own.cached_share > 0.0)
    else:
        found = TokenPrices(own.input, own.output, "scenario", on)
    if own.input is not None and own.output is not None:
        found = TokenPrices(
            own.input, own.output, "scenario", on, cached_input_usd_per_mtok=found.cached_input_usd_per_mtok
        )
    if own.cached_input is not None:
        found = replace(found, cached_input_usd_per_mtok=own.cached_input)
    if own.long is not None:
        cached_usd = own.long.cached_input
        found = replace(
            found,
            long_above=own.long.above,
            long_input_usd_per_mtok=own.long.input,
            long_output_usd_per_mtok=own.long.output,
            long_cached_input_usd_per_mtok=found.cached_input_usd_per_mtok
            if cached_usd is None
            else cached_usd,
        )
    found = replace(found, cached_share=own.cached_share, batch_discount=own.batch_discount)
    return found.discounted(own.discount)


@lru_cache(maxsize=1024)
def _list_price(provider_name: str, model_name: str, on: date, with_cached: bool) -> TokenPrices:
    provider, found = _find(provider_name, model_name)
    at = datetime.combine(on, _NOON)
    price = found.get_prices(at)
    if price.input_mtok is None or price.output_mtok is None:
        raise UnknownPriceError(
            f"genai-prices lists no price per input and output token for {found.id!r} of {provider.id!r}; "
            "give the model `prices` (0 if it is free)"
        )
    cached = price.cache_read_mtok if with_cached else Decimal(0)
    if cached is None:
        raise UnknownPriceError(
            f"genai-prices lists no price of cached input tokens for {found.id!r} of {provider.id!r}; "
            "give the model `prices.cached_input`"
        )
    return TokenPrices(
        float(_base(price.input_mtok)),
        float(_base(price.output_mtok)),
        f"genai-prices {_catalog_version()}, {provider.id}/{found.id}",
        on,
        tuple(_notes(found, price)),
        float(_base(cached)),
        long_above=_first_tier_above(price.input_mtok),
        long_input_usd_per_mtok=float(_long(price.input_mtok)),
        long_output_usd_per_mtok=float(_long(price.output_mtok)),
        long_cached_input_usd_per_mtok=float(_long(cached)),
    )


@lru_cache(maxsize=1)
def _catalog() -> "DataSnapshot":
    """Return the data installed with genai-prices, whatever an update in this process put in its place."""
    from genai_prices.data import providers  # 0.3 s: only when a price is looked up
    from genai_prices.data_snapshot import DataSnapshot

    return DataSnapshot(providers=providers, from_auto_update=False)


def _catalog_version() -> str:
    from genai_prices import __version__

    return __version__


def _find(provider_name: str, model_name: str) -> "tuple[Provider, ModelInfo]":
    catalog = _catalog()
    try:
        provider = catalog.find_provider(None, provider_name, None)
    except LookupError:
        near = _nearest(provider_name, [known.id for known in catalog.providers])
        raise UnknownPriceError(
            f"genai-prices knows no provider {provider_name!r}{_did_you_mean(near)}; "
            "correct it, or give the model `prices`",
            near,
        ) from None
    found = provider.find_model(model_name, all_providers=catalog.providers)
    if found is None:
        sources = {provider.id, *(provider.fallback_model_providers or ())}
        known = [model.id for other in catalog.providers if other.id in sources for model in other.models]
        near = _nearest(model_name, known)
        raise UnknownPriceError(
            f"genai-prices knows no model {model_name!r} of {provider.id!r}{_did_you_mean(near)}; "
            "correct it, or give the model `prices`",
            near,
        )
    return provider, found


def _nearest(name: str, known: list[str]) -> tuple[str, ...]:
    """Names most like `name`, best first; else those that contain it or are contained in it."""
    lower = name.lower().strip()
    by_lower = {other.lower(): other for other in known}
    near = get_close_matches(lower, by_lower, n=_N_SUGGESTIONS, cutoff=_LIKENESS)
    if not near:
        near = sorted(other for other in by_lower if lower in other or other in lower)[:_N_SUGGESTIONS]
    return tuple(by_lower[other] for other in near)


def _did_you_mean(near: tuple[str, ...]) -> str:
    return f"; nearest: {', '.join(near)}" if near else ""


def _base(price: "Decimal | TieredPrices") -> "Decimal":
    from genai_prices.types import TieredPrices

    return price.base if isinstance(price, TieredPrices) else price


def _first_tier_above(price: "Decimal | TieredPrices") -> int | None:
    """Input tokens above which the first tier holds; None: there is none."""
    from genai_prices.types import TieredPrices

    return int(price.tiers[0].start) if isinstance(price, TieredPrices) and price.tiers else None


def _long(price: "Decimal | TieredPrices") -> "Decimal":
    """Price of the first tier, or the only one."""
    from genai_prices.types import TieredPrices

    if isinstance(price, TieredPrices) and price.tiers:
        return price.tiers[0].price
    return _base(price)


def _notes(found: "ModelInfo", price: "ModelPrice") -> list[str]:
    """Charges that the two token prices leave out."""
    from genai_prices.types import TieredPrices, TimeOfDateConstraint

    notes = []
    tiered = [tiers for tiers in (price.input_mtok, price.output_mtok) if isinstance(tiers, TieredPrices)]
    further = [tiers.tiers[1].start for tiers in tiered if len(tiers.tiers) > 1]
    if further:
        notes.append(f"prompts over {min(further)} tokens are priced by a further tier")
    if price.requests_kcount is not None:
        notes.append(f"{_base(price.requests_kcount)} USD per thousand requests comes on top")
    if isinstance(found.prices, list) and any(
        isinstance(conditional.constraint, TimeOfDateConstraint) for conditional in found.prices
    ):
        notes.append("the price changes with the time of day; this is the one at 12:00 UTC")
    return notes
