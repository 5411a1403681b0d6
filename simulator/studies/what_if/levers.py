"""Which levers does a scenario have? What an architect would turn first, each with a few positions around where it is.

A position is a change of the scenario; the middle one of every lever changes nothing. Levers that a scenario has no part
for are absent.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from simulator.compiler.model_prices import price_date
from simulator.mechanisms.providers.prices import token_prices
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.review.config import Team
from simulator.scenario.change import ScenarioChange, setting
from simulator.scenario.model import ListedModel, Route, Scenario
from simulator.studies.common.quota_use import LIMIT_WORDS
from simulator.studies.common.unsure_answers import flagged, flagging_routes

DEMAND_FACTORS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
_CAPACITY_FACTORS = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0)
_SPAN_FACTORS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 4.0)
_SIZE_FACTORS = (0.1, 0.3, 1.0, 3.0, 10.0)
_PRICE_FACTORS = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0)
_FLAG_FACTORS = (0.25, 0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5)
_MOST_RETRIES = 6
_BUDGETS = (0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True)
class Lever:
    """Something that can be turned.

    Attributes
    ----------
    key : tells levers apart, e.g. `caches.answers.ttl`
    group, label : as people read them
    positions : from low to high
    now : index of the position that changes nothing
    """

    key: str
    group: str
    label: str
    positions: tuple[ScenarioChange, ...]
    now: int


def levers_of(scenario: Scenario) -> tuple[Lever, ...]:
    """Every lever of a scenario that can be turned, in the order in which people ask for them."""
    return tuple(lever for lever in _all(scenario) if len(lever.positions) > 1)


def _all(scenario: Scenario) -> tuple[Lever, ...]:
    demand = tuple(ScenarioChange(f"× {factor:g}", demand_factor=factor) for factor in DEMAND_FACTORS)
    return (
        Lever("demand", "Demand", "traffic", demand, DEMAND_FACTORS.index(1.0)),
        *_caches(scenario),
        *(_threshold(scenario, name) for name in flagging_routes(scenario)),
        *(lever for name, route in scenario.routes.items() for lever in _route(name, route)),
        *(lever for model in scenario.model_list for lever in _model(model)),
        *(lever for name, service in scenario.services.items() for lever in _service(name, service)),
        *(lever for name, team in scenario.teams.items() for lever in _team(name, team)),
        *_prices(scenario),
    )


def _caches(scenario: Scenario) -> Iterator[Lever]:
    for name, cache in scenario.caches.items():
        if cache.ttl is not None:
            yield _scaled(
                f"caches.{name}.ttl", "Caches", f"{name}: time to live", cache.ttl, _SPAN_FACTORS, _span
            )
        if cache.size is not None:
            yield _scaled(
                f"caches.{name}.size", "Caches", f"{name}: answers kept", cache.size, _SIZE_FACTORS, _whole
            )


def _route(name: str, route: Route) -> Iterator[Lever]:
    path = f"routes.{name}"
    counts = sorted({*range(_MOST_RETRIES), route.num_retries})
    yield Lever(
        f"{path}.num_retries",
        "Routes",
        f"{name}: retries",
        tuple(
            ScenarioChange(str(n), () if n == route.num_retries else (f"{path}.num_retries={n}",))
            for n in counts
        ),
        counts.index(route.num_retries),
    )
    for key, words in (("timeout", "time-out"), ("per_try_timeout", "time-out per try")):
        value = getattr(route, key)
        if value is not None:
            yield _scaled(f"{path}.{key}", "Routes", f"{name}: {words}", value, _SPAN_FACTORS, _span)
    if route.num_retries:
        yield _retry_budget(name, route)


def _threshold(scenario: Scenario, name: str) -> Lever:
    """From which doubt on an answer counts as unsure: factors on the right and the wrong answers that are flagged."""
    confidence = scenario.routes[name].confidence
    most = max(confidence.flags_wrong, confidence.flags_right)
    factors = [factor for factor in _FLAG_FACTORS if factor * most <= 1.0 or factor == 1.0]
    positions = tuple(
        ScenarioChange(f"× {factor:g}", () if factor == 1.0 else flagged(scenario, name, factor))
        for factor in factors
    )
    label = f"{name}: answers flagged as unsure"
    return Lever(f"routes.{name}.confidence", "Routes", label, positions, factors.index(1.0))


def _retry_budget(name: str, route: Route) -> Lever:
    path = f"routes.{name}.retry_budget"
    present = None if route.retry_budget is None else route.retry_budget.share
    shares = sorted({*_BUDGETS, *(() if present is None else (present,))})
    at = path if route.retry_budget is None else f"{path}.share"  # its burst stays
    positions = [
        ScenarioChange(f"{100.0 * share:g} %", () if share == present else (f"{at}={share}",))
        for share in shares
    ]
    positions.append(ScenarioChange("none", () if present is None else (f"{path}=null",)))
    now = len(shares) if present is None else shares.index(present)
    return Lever(path, "Routes", f"{name}: retry budget", tuple(positions), now)


def _model(model: ListedModel) -> Iterator[Lever]:
    path = f"model_list.{model.model_name}"
    name = model.model_name
    if model.pool is not None:
        if model.pool.autoscaling is None:
            yield _capacity(f"{path}.pool.replicas", "Models", f"{name}: replicas", model.pool.replicas)
        return
    for key, words in LIMIT_WORDS.items():
        amount = getattr(model, key)
        if amount is not None:
            yield _capacity(f"{path}.{key}", "Models", f"{name}: {words}", amount)


def _service(name: str, service: Service) -> Iterator[Lever]:
    if service.autoscaling is None and service.max_ongoing_requests is not None:
        yield _capacity(f"services.{name}.replicas", "Services", f"{name}: replicas", service.replicas)


def _team(name: str, team: Team) -> Iterator[Lever]:
    yield _capacity(f"teams.{name}.staff", "People", f"{name}: staff", team.staff)
    costs = team.cost if isinstance(team.cost, dict) else {"": team.cost}
    for region, cost in costs.items():
        if cost > 0.0:
            path = f"teams.{name}.cost" + (f".{region}" if region else "")
            words = f"{name}: cost of an hour" + (f" in {region}" if region else "")
            yield _scaled(path, "Prices", words, cost, _PRICE_FACTORS, _usd)


def _prices(scenario: Scenario) -> Iterator[Lever]:
    for model in scenario.model_list:
        if model.pool is not None:
            continue
        positions = tuple(
            ScenarioChange(
                f"× {factor:g}", () if factor == 1.0 else tuple(_scaled_prices(scenario, model, factor))
            )
            for factor in _PRICE_FACTORS
        )
        path = f"model_list.{model.model_name}.prices"
        yield Lever(path, "Prices", f"{model.model_name}: tokens", positions, _PRICE_FACTORS.index(1.0))


def _scaled_prices(scenario: Scenario, model: ListedModel, factor: float) -> Iterator[str]:
    """Every price per token of a model times a factor; what is cached, its discounts and where long prompts begin stay."""
    listed = token_prices(model, price_date(scenario)).before_discount
    path = f"model_list.{model.model_name}.prices"
    yield setting(f"{path}.input", factor * listed.input_usd_per_mtok)
    yield setting(f"{path}.output", factor * listed.output_usd_per_mtok)
    if listed.cached_share > 0.0:
        yield setting(f"{path}.cached_input", factor * listed.cached_input_usd_per_mtok)
    if listed.long_above is not None:
        cached = {"cached_input": factor * listed.long_cached_input_usd_per_mtok}
        tier = {
            "above": listed.long_above,
            "input": factor * listed.long_input_usd_per_mtok,
            "output": factor * listed.long_output_usd_per_mtok,
            **(cached if listed.cached_share > 0.0 else {}),
        }
        yield setting(f"{path}.long", tier)


def _scaled(
    path: str,
    group: str,
    label: str,
    value: float,
    factors: tuple[float, ...],
    text: Callable[[float], tuple[str, str]],
) -> Lever:
    """A lever on one number; `text` gives what people read and what is set."""
    positions: dict[str, ScenarioChange] = {}
    for factor in factors:
        shown, written = text(factor * value)
        positions.setdefault(shown, ScenarioChange(shown, () if factor == 1.0 else (f"{path}={written}",)))
    shown = text(value)[0]
    positions[shown] = ScenarioChange(shown)
    return Lever(path, group, label, tuple(positions.values()), list(positions).index(shown))


def _capacity(path: str, group: str, label: str, present: Mapping[str, float] | float) -> Lever:
    """A lever on an amount, or on that of every region alike; positions that round to the same amount are one."""
    now = _written(present, 1.0)
    labels: dict[str, str] = {}  # by what is set
    for factor in _CAPACITY_FACTORS:
        labels.setdefault(_written(present, factor), f"× {factor:g}")
    positions = [
        ScenarioChange("as it is") if written == now else ScenarioChange(label, (f"{path}={written}",))
        for written, label in labels.items()
    ]
    return Lever(path, group, label, tuple(positions), list(labels).index(now))


def _written(present: Mapping[str, float] | float, factor: float) -> str:
    """So many times an amount, as given to `--set`; by region where it is."""
    if not isinstance(present, Mapping):
        return str(_amount(present, factor))
    amounts = (f'"{region}": {_amount(amount, factor)}' for region, amount in present.items())
    return f"{{{', '.join(amounts)}}}"


def _amount(present: float, factor: float) -> int:
    return max(1, round(factor * present)) if present > 0 else 0


def _span(value_s: float) -> tuple[str, str]:
    for size_s, unit in ((3600.0, "h"), (60.0, "min"), (1.0, "s")):
        if value_s >= size_s:
            return f"{value_s / size_s:.3g} {unit}", f"{value_s:.6g}s"
    return f"{1000.0 * value_s:.3g} ms", f"{value_s:.6g}s"


def _whole(value: float) -> tuple[str, str]:
    amount = max(1, round(value))
    return f"{amount:,}", str(amount)


def _usd(value: float) -> tuple[str, str]:
    return f"${value:.2f}", f"{value:.6g}"
