"""Asking a route: one attempt after another, until there is an answer or no entry is left."""

import dataclasses
import math
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import simpy

from simulator.mechanisms.distribution_means import mean_of
from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.releases.config import ReleaseChanges
from simulator.mechanisms.review.config import Team
from simulator.mechanisms.routes.config import CACHED_ANSWER, HUMAN
from simulator.mechanisms.traffic.languages import Language
from simulator.scenario.model import Route
from tests.reference import draws
from tests.reference.action import (
    Action,
    Clock,
    EndedError,
    ExhaustedError,
    LostError,
    LostPatienceError,
    TryTimedOutError,
    TurnTimedOutError,
    Waiting,
    wait,
)
from tests.reference.clock import SAME_S, Environment, Kind
from tests.reference.deployment import Deployment
from tests.reference.incidents import Incidents
from tests.reference.ledger import Ledger
from tests.reference.limits import Size
from tests.reference.pairs import Pairs, Step
from tests.reference.pools import PoolStation
from tests.reference.regions import Health, RegionChoice
from tests.reference.replica import Sequence
from tests.reference.resilience import Callers
from tests.reference.routing import choose, chosen, place_of_class, size_of
from tests.reference.stations import Cache, Place, Station

HELD = "held"  # in place of a station: nothing is sent there now
Candidate = Station | str | None
_REASON = {"TIMED_OUT": "timeout", "RATE_LIMITED": "rate_limit", "ERRORS": "error", "SHED": "overload"}


def _changes(action: Action) -> ReleaseChanges:
    """What the release that an action has changes."""
    return ReleaseChanges() if action.release is None else action.release.changes


def _chosen(route: Route) -> list[str]:
    return list(route.choose.values()) if isinstance(route.choose, dict) else route.choose


@dataclass
class Attempt:
    """One try at one station."""

    station: Station
    start_s: float
    result: str = ""
    begun_s: float = math.inf  # service
    served_s: float = math.inf  # when it is over
    first_token_s: float = math.inf
    way_back_s: float = 0.0
    tpot_s: float = 0.0
    sequence: Sequence | None = None  # at a pool
    fails: bool = False  # drawn when service begins, known when it ends
    must_end_s: float = math.inf  # one that would end later is not begun
    callers: Callers | None = None  # who sent it, if their route protects itself
    is_first_level: bool = False
    retry_after_s: float = 0.0  # that a 429 said
    is_settled: bool = False
    has_expired: bool = False


@dataclass(frozen=True, eq=False)
class ModelAnswer:
    """What an attempt at a model, or at rules in its place, has brought."""

    attempt: Attempt
    is_right: bool
    is_unsure: bool
    is_grounded: bool


class Attempts:
    """Makes attempts and books them."""

    def __init__(
        self, env: Environment, deployment: Deployment, ledger: Ledger, incidents: Incidents
    ) -> None:
        self.env = env
        self.deployment = deployment
        self.ledger = ledger
        self.callers: dict[tuple[str, str], Callers] = {}
        self.pairs = Pairs(self)
        self.incidents = incidents
        self.health = Health()
        self.regions = RegionChoice(env, deployment.scenario, self.health)
        for station in deployment.stations.values():
            if isinstance(station, PoolStation):
                station.on_grant = ledger.wait

    def ask(self, action: Action, name: str, step_key: int, cache: str | None) -> Waiting:
        """Let a route, or a single target, answer; raises `ExhaustedError`. `cache` keeps the answer."""
        route = self.deployment.scenario.routes.get(name) or Route(choose=[name])
        timeout_s = math.inf if route.timeout is None else route.timeout
        deadline_s = self.env.now + timeout_s
        step_ends = None if timeout_s == math.inf else self.env.timeout(timeout_s, Kind.TRY_TIMEOUT)
        action.tier = 0
        result = ""
        self.callers_of(name, route, action).save_up()
        for entry in [None, *route.fallbacks]:
            if entry == HUMAN:
                self.ledger.count(action.stream, "FALLBACKS")
                break
            if entry == CACHED_ANSWER:
                assert cache is not None
                way = self.to_cache(action, cache)
                if self._find_stale_answer(action, step_key, cache):
                    self.ledger.count(action.stream, "FALLBACKS")
                    yield from way
                    action.ttft_s = self.env.now - action.turn_start_s
                    return
                continue
            if entry is not None:
                if self.env.now >= deadline_s - SAME_S:
                    continue
                if not self.deployment.nearest(entry, action.region):
                    self.ledger.count(action.stream, "RESIDENCY_BLOCKED")
                    result = "BLOCKED"
                    continue
                self.ledger.count(action.stream, "FALLBACKS")
            step = Step(name, step_key, step_ends, deadline_s)
            result = yield from self._try_entry(action, route, entry, step, cache)
            if result == "SUCCEEDED":
                return
        raise ExhaustedError(result)

    def _try_entry(
        self,
        action: Action,
        route: Route,
        entry: str | None,
        step: Step,
        cache: str | None,
    ) -> Generator[simpy.Event, Any, str]:
        """Try one entry of a route (None: what its strategy chooses) as often as it allows; the last result."""
        action.kept = None
        while True:
            result = yield from self._try_target(action, route, entry, step, cache)
            if result == "SUCCEEDED" or entry is not None or route.routing_strategy != "cascade":
                return result
            is_late = result != "UNSURE" and self.env.now >= step.deadline_s - SAME_S
            later = range(action.tier + 1, len(chosen(route)))
            tiers = [tier for tier in later if self.deployment.nearest(chosen(route)[tier], action.region)]
            if tiers and not is_late:
                action.tier = tiers[0]
            elif action.kept is None:
                return result
            else:
                self._take(action, action.kept, cache)
                return "SUCCEEDED"

    def _try_target(
        self,
        action: Action,
        route: Route,
        entry: str | None,
        step: Step,
        cache: str | None,
    ) -> Generator[simpy.Event, Any, str]:
        """Try what a strategy chooses, or a fallback, as often as the route allows; the last result.

        UNSURE: a cascade has an answer that it would rather not take.
        """
        callers = self.callers_of(step.route_name, route, action)
        tries = 0
        while True:
            action.attempt += 1
            station = self._pick(action, route, entry, tries, step.key, callers)
            if station is None:
                self.ledger.count(action.stream, "RESIDENCY_BLOCKED")
                return "BLOCKED"
            tries += 1
            said_s = 0.0
            if station == HELD:
                self.ledger.count(action.stream, "HELD_BACK")
                result = "SHED"
            else:
                assert isinstance(station, Station)
                if tries > 1:
                    self.ledger.count(action.stream, "RETRIES")
                attempt = yield from self.pairs.make(action, station, step, route, callers, entry is None)
                result = attempt.result
                if result in ("SUCCEEDED", "TIMED_OUT") and not attempt.is_settled:
                    attempt.station.learn(self.env.now - attempt.start_s)
                if result == "SUCCEEDED":
                    is_taken = self._accept(action, route, entry, attempt, step.key, cache)
                    return result if is_taken else "UNSURE"
                self.settle(action, attempt, is_wasted=True)
                said_s = attempt.retry_after_s if result == "RATE_LIMITED" else 0.0
            if tries > route.num_retries or _REASON.get(result) not in route.retry_on:
                return result
            wait_s = self._backoff_s(route, tries, action.key_of(step.key, draws.BACKOFF))
            if 0.0 < said_s <= (route.max_retry_after or 0.0):
                wait_s = said_s
            if self.env.now + wait_s >= step.deadline_s - SAME_S:
                return result
            if not callers.take_retry():
                self.ledger.count(action.stream, "RETRIES_DENIED")
                return result
            if wait_s > 0.0:
                yield from wait(action, self.env.timeout(wait_s, Kind.RETRY))

    def callers_of(self, name: str, route: Route, action: Action) -> Callers:
        """What those who ask a route in the action's region know and have left."""
        key = name, action.region
        if key not in self.callers:
            self.callers[key] = Callers(self.env, route)
        return self.callers[key]

    def _pick(
        self, action: Action, route: Route, entry: str | None, tries: int, step_key: int, callers: Callers
    ) -> Candidate:
        """Where the next attempt goes; None: the data may not go where it could; HELD: nothing is sent there now."""
        prompt_tokens = action.prompt_tokens + action.context_tokens + action.called_tokens
        limit = math.inf if route.max_context_tokens is None else route.max_context_tokens
        action.sent_tokens = int(min(limit, prompt_tokens))
        if entry is not None:
            return self.candidate(action, route, entry, step_key, 0, callers)
        fails_over = route.failover_after is not None and tries >= route.failover_after
        for rank in [1] if fails_over else [0] if route.failover_after is None else [0, 1]:
            candidates = [
                self.candidate(action, route, name, step_key, rank, callers) for name in chosen(route)
            ]
            is_last = rank == 1 or route.failover_after is None
            if is_last or any(isinstance(candidate, Station) for candidate in candidates):
                return self._choose(action, route, candidates, action.key_of(step_key, draws.CHOICE))
        raise AssertionError

    def _choose(self, action: Action, route: Route, candidates: list[Candidate], key: int) -> Candidate:
        stations = [candidate if isinstance(candidate, Station) else None for candidate in candidates]
        number = choose(route, self.deployment, stations, action, key)
        if number is not None:
            if route.routing_strategy == "cascade":
                action.tier = number
            return stations[number]
        if isinstance(route.choose, dict):
            return candidates[place_of_class(route, action.complexity)]
        rest = candidates[action.tier if route.routing_strategy == "cascade" else 0 :]
        return HELD if HELD in rest else None

    def candidate(
        self, action: Action, route: Route, target: str, step_key: int, n_passed_over: int, callers: Callers
    ) -> Candidate:
        """Station of a target that would serve; None: the data may not go there; HELD: nothing is sent there now."""
        stations = self.deployment.nearest(target, action.region)
        station = self.regions.pick(route, stations, action, step_key, n_passed_over)
        return HELD if station is not None and callers.is_held(station) else station

    @staticmethod
    def _backoff_s(route: Route, retry: int, key: int) -> float:
        backoff = route.backoff
        wait_s = min(backoff.max, backoff.base * backoff.factor ** (retry - 1))
        if backoff.jitter == "full":
            return wait_s * draws.uniform(key)
        if backoff.jitter == "equal":
            return wait_s * (0.5 + 0.5 * draws.uniform(key))
        return wait_s

    def make(
        self,
        action: Action,
        station: Station,
        step_key: int,
        clocks: list[Clock] | None = None,
        callers: Callers | None = None,
        must_end_s: float = math.inf,
        is_first_level: bool = False,
    ) -> Generator[simpy.Event, Any, Attempt]:
        """Go to a station, be served, come back; an attempt that is broken off has a result too."""
        attempt = Attempt(
            station, self.env.now, must_end_s=must_end_s, callers=callers, is_first_level=is_first_level
        )
        action.n_attempts += 1
        self._use(action, attempt, "ATTEMPTS")
        if callers is not None:
            callers.guard(station).send()
        clocks = clocks or []
        keys = [
            action.key_of(step_key, p) for p in (draws.LOST, draws.LOST_BACK, draws.WAY_OUT, draws.WAY_BACK)
        ]
        try:
            yield from self._cross(action, attempt, keys[0], keys[2], clocks, Kind.REACHED)
            result = yield from self._visit(action, attempt, step_key, clocks)
            yield from self._cross(action, attempt, keys[1], keys[3], clocks, Kind.ANSWERED)
            attempt.result = result
        except TryTimedOutError:
            attempt.result = "TIMED_OUT"
        except TurnTimedOutError as error:
            attempt.result = "TIMED_OUT"
            if action.is_paired:
                error.attempt = attempt
            else:
                self.settle(action, attempt, is_wasted=True)
            raise
        except simpy.Interrupt:
            attempt.result = "CANCELLED"
        except LostPatienceError:
            attempt.result = "ABANDONED"
            if action.is_paired:
                return attempt
            self.settle(action, attempt, is_wasted=True)
            raise EndedError("ABANDONED") from None
        return attempt

    def _cross(
        self, action: Action, attempt: Attempt, key: int, jitter_key: int, clocks: list[Clock], kind: Kind
    ) -> Waiting:
        """Be on the way to the station, or back; or be lost there, and wait for what ends the attempt."""
        if draws.uniform(key) < self.incidents.way_loss(action.region, attempt.station):
            yield from wait(action, self.env.event(), clocks)
        jitter_s = self.deployment.jitter_s(action.region, attempt.station, jitter_key)
        attempt.way_back_s = self.incidents.one_way_s(action.region, attempt.station) + jitter_s
        if attempt.way_back_s > 0.0:
            yield from wait(action, self.env.timeout(attempt.way_back_s, kind), clocks)

    def _visit(
        self,
        action: Action,
        attempt: Attempt,
        step_key: int,
        clocks: list[Clock],
    ) -> Generator[simpy.Event, Any, str]:
        """Be refused or served by the station."""
        station = attempt.station
        target = self.deployment.targets[station.target]
        if self.incidents.is_down(station):
            return "ERRORS"
        luck, refused = (
            draws.uniform(action.key_of(step_key, draws.REFUSED)),
            self.incidents.refused_share(station),
        )
        if luck < refused:
            return "RATE_LIMITED"
        if luck < refused + (1.0 - refused) * self.incidents.overloaded_share(station):
            return "SHED"
        size = size_of(action) if isinstance(target, Model) else Size(0, 0, 0)
        if not station.admit(size, id(attempt)):
            attempt.retry_after_s = station.retry_after_s(size)
            return "RATE_LIMITED"
        if isinstance(station, PoolStation):
            return (yield from self._visit_pool(action, attempt, station, step_key, clocks))
        place = station.join(action.priority, lambda: self._is_hopeless(action, attempt))
        if place is None:
            return "SHED"
        is_given_up = False
        place.key, place.lost = action.key, self.env.event()
        place.crash_draw = lambda number: draws.uniform(
            draws.derive(action.key_of(step_key, draws.CRASH), number)
        )
        clocks = [*clocks, (place.lost, LostError)]
        try:
            if place.granted_s == math.inf:
                patience = None if isinstance(target, Model) or action.is_review_job else target.patience
                if patience is not None:
                    leaves_s = draws.draw(patience, action.key_of(step_key, draws.PATIENCE))
                    clocks = [*clocks, (self.env.timeout(leaves_s, Kind.PATIENCE), LostPatienceError)]
                    yield from wait(action, place.granted, clocks)
                    clocks = clocks[:-1]
                else:
                    yield from wait(action, place.granted, clocks)
            if place.turned_away:
                return place.turned_away
            attempt.begun_s = self.env.now
            self.ledger.wait((station.target, station.region), self.env.now - place.arrived_s)
            duration_s = self._serve(action, attempt, target, step_key)
            attempt.served_s = self.env.now + duration_s
            yield from wait(action, self.env.timeout(duration_s, Kind.SERVED), clocks)
        except (TryTimedOutError, TurnTimedOutError, simpy.Interrupt):
            is_given_up = isinstance(target, Service) and not target.cancellation
            raise
        except LostError:
            attempt.fails = True
        finally:
            if not isinstance(target, Team):
                action.queue_wait_s += min(place.granted_s, self.env.now) - place.arrived_s
            if attempt.begun_s < math.inf and not attempt.fails:
                station.settle(id(attempt), action.sent_tokens, self._n_streamed(action, attempt))
            else:
                station.settle(id(attempt), 0, 0)
            if is_given_up:
                ghost = dataclasses.replace(action)
                self.env.process(self._haunt(ghost, dataclasses.replace(attempt), place, step_key))
            else:
                if attempt.begun_s < math.inf:
                    self._use(action, attempt, "BUSY_S", self.env.now - attempt.begun_s)
                station.leave(place)
        return "ERRORS" if attempt.fails else "SUCCEEDED"

    def _is_hopeless(self, action: Action, attempt: Attempt) -> bool:
        """Whether an attempt would be over too late if its mean service began now; if so it is counted."""
        target = self.deployment.targets[attempt.station.target]
        if isinstance(target, Service):
            service_s = mean_of(target.service_time)
        elif isinstance(target, Model) and target.ttft is not None and target.tpot is not None:
            service_s = mean_of(target.ttft) + max(0, action.output_tokens - 1) * mean_of(target.tpot)
        else:
            service_s = 0.0
        way_back_s = self.incidents.one_way_s(action.region, attempt.station)  # as it is now
        attempt.has_expired = self.env.now + service_s + way_back_s > attempt.must_end_s + SAME_S
        if attempt.has_expired:
            self.ledger.count(action.stream, "EXPIRED")
        return attempt.has_expired

    def _haunt(self, ghost: Action, attempt: Attempt, place: Place, step_key: int) -> Waiting:
        """Work for nobody: it keeps its place until it has been served."""
        place.crash_draw = lambda number: draws.uniform(
            draws.derive(ghost.key_of(step_key, draws.CRASH), number)
        )
        if attempt.begun_s == math.inf:
            place.is_hopeless = lambda: self._is_hopeless(ghost, attempt)
            assert place.lost is not None
            yield place.granted | place.lost
            if place.turned_away or place.is_lost:
                return
            attempt.begun_s = self.env.now
            station = attempt.station
            self.ledger.wait((station.target, station.region), self.env.now - place.arrived_s)
            target = self.deployment.targets[station.target]
            attempt.served_s = self.env.now + self._serve(ghost, attempt, target, step_key)
        assert place.lost is not None
        yield self.env.timeout(max(0.0, attempt.served_s - self.env.now), Kind.SERVED) | place.lost
        self._use(ghost, attempt, "BUSY_S", self.env.now - attempt.begun_s)
        attempt.station.leave(place)

    def _visit_pool(
        self, action: Action, attempt: Attempt, station: PoolStation, step_key: int, clocks: list[Clock]
    ) -> Generator[simpy.Event, Any, str]:
        """Be refused by a pool, or worked on until the last token."""
        target = self.deployment.targets[station.target]
        assert isinstance(target, Model)
        if (
            draws.uniform(action.key_of(step_key, draws.ERROR))
            < self.incidents.error_rate(station, target.error_rate) + _changes(action).error_rate
            or action.sent_tokens + action.output_tokens > station.limit_tokens
        ):
            return "ERRORS"
        is_whole = action.sent_tokens == action.prompt_tokens + action.context_tokens + action.called_tokens
        sequence = Sequence(
            action.sent_tokens,
            action.output_tokens,
            action.priority,
            chain=(action.key, step_key),
            reusable=action.reusable_tokens if is_whole else 0,
            turn=action.turn,
            units=action.units,
        )
        visit = station.visit(sequence)
        if visit is None:
            return "SHED"
        try:
            yield from wait(action, visit.ended, clocks)
        except Exception:
            if not visit.ended.triggered:
                station.abandon(visit)
            raise
        finally:
            attempt.sequence = sequence
            attempt.begun_s = sequence.admit_s
            attempt.first_token_s = sequence.first_token_s
            if sequence.output > 1:
                attempt.tpot_s = (self.env.now - sequence.first_token_s) / (sequence.output - 1)
            action.queue_wait_s += min(sequence.admit_s, self.env.now) - visit.arrived_s
            self._use(action, attempt, "BUSY_S", sequence.busy_s)
        return str(visit.ended.value)

    def _serve(
        self, action: Action, attempt: Attempt, target: Service | Model | Team, step_key: int
    ) -> float:
        """Draw how long service takes and whether it fails."""
        if isinstance(target, Team):
            times = {
                "approve": target.drafts.approve,
                "change": target.drafts.change,
                "reject": target.drafts.reject,
            }
            return draws.draw(
                times.get(action.draft) or target.handle_time, action.key_of(step_key, draws.SERVICE)
            )
        station = attempt.station
        error_rate = self.incidents.error_rate(station, target.error_rate)
        if isinstance(target, Model):
            error_rate += _changes(action).error_rate
        attempt.fails = draws.uniform(action.key_of(step_key, draws.ERROR)) < error_rate
        slowness = self.incidents.slowness(station)
        if isinstance(target, Service):
            return slowness * draws.draw(target.service_time, action.key_of(step_key, draws.SERVICE))
        ttft_s = draws.draw(target.ttft, action.key_of(step_key, draws.TTFT))
        ttft_s *= self.incidents.ttft_slowness(station) * (1.0 + _changes(action).latency)
        if attempt.fails:
            return ttft_s
        attempt.first_token_s = self.env.now + ttft_s
        slowness *= 1.0 + _changes(action).latency
        attempt.tpot_s = slowness * draws.draw(target.tpot, action.key_of(step_key, draws.TPOT))
        return ttft_s + (action.output_tokens - 1) * attempt.tpot_s

    def _accept(
        self,
        action: Action,
        route: Route,
        entry: str | None,
        attempt: Attempt,
        step_key: int,
        cache: str | None,
    ) -> bool:
        """Take an answer; False when a cascade would rather ask its next model."""
        target = self.deployment.targets[attempt.station.target]
        assert isinstance(target, Service | Model)
        if not any(isinstance(self.deployment.targets[name], Model) for name in _chosen(route)):
            assert isinstance(target, Service)
            self.settle(action, attempt, is_wasted=False)
            action.called_tokens += target.context_tokens
            return True
        rates = target.success_rate
        rate = rates.get(action.complexity, 1.0) if isinstance(rates, dict) else rates
        rate = 1.0 if rate is None else rate
        if isinstance(target, Model):
            usual = self.deployment.scenario.languages.get(action.language, Language()).success_factor
            rate *= target.success_by_language.get(action.language, usual)
        rate += self.incidents.success_shift(attempt.station.target, action.workload.name)
        rate += _changes(action).success_rate
        is_right = draws.uniform(action.key_of(step_key, draws.CORRECT)) < rate
        flagged = route.confidence.flags_right if is_right else route.confidence.flags_wrong
        is_unsure = draws.uniform(action.key_of(step_key, draws.CONFIDENCE)) < flagged
        is_grounded = self._is_grounded(action, attempt, step_key, is_right)
        if not is_grounded:
            check = draws.uniform(action.key_of(step_key, draws.CHECKED))
            is_unsure |= check < route.confidence.flags_ungrounded
        is_cascade = route.routing_strategy == "cascade" and entry is None
        later = chosen(route)[action.tier + 1 :] if is_cascade else []
        is_escalated = is_unsure and any(self.deployment.nearest(name, action.region) for name in later)
        self.settle(action, attempt, is_wasted=False)
        self.throw_kept_away(action)
        answer = ModelAnswer(attempt, is_right, is_unsure, is_grounded)
        if is_escalated:
            action.kept = answer
            return False
        self._take(action, answer, cache)
        return True

    def _take(self, action: Action, answer: ModelAnswer, cache: str | None) -> None:
        """Let an answer be the action's; one that was kept is there now."""
        attempt, is_kept = answer.attempt, answer is action.kept
        action.kept = None
        target = self.deployment.targets[attempt.station.target]
        if isinstance(target, Model):
            self.ledger.count(action.stream, "GENERATED")
            if not answer.is_grounded:
                self.ledger.count(action.stream, "UNGROUNDED")
        action.is_wrong |= not answer.is_right
        action.is_unsure |= answer.is_unsure
        if isinstance(target, Service):
            action.is_degraded = True
        if isinstance(target, Service) or is_kept:
            action.ttft_s = self.env.now - action.turn_start_s
            action.tpot_s = 0.0
        else:
            action.ttft_s = attempt.first_token_s + attempt.way_back_s - action.turn_start_s
            action.tpot_s = attempt.tpot_s if action.output_tokens > 1 else 0.0
        if isinstance(target, Service):
            return
        if cache is None or action.copied_after_s is not None:
            return
        if self.deployment.scenario.caches[cache].type != "measured":
            question = self.question(action, cache)
            if not self.is_cache_down(action, cache):
                self.cache(action, cache).store(question, answer.is_right, self.env.now)

    def throw_kept_away(self, action: Action) -> None:
        """An unsure answer is not needed: what it cost was for nothing."""
        if action.kept is None:
            return
        attempt, action.kept = action.kept.attempt, None
        if isinstance(self.deployment.targets[attempt.station.target], Model):
            self._use(action, attempt, "WASTED_INPUT_TOKENS", action.sent_tokens)
            self._use(action, attempt, "WASTED_OUTPUT_TOKENS", action.output_tokens)

    def _is_grounded(self, action: Action, attempt: Attempt, step_key: int, is_right: bool) -> bool:
        """Whether an answer rests on what was retrieved; of rules it does. What it is worth is noted at its target."""
        target = self.deployment.targets[attempt.station.target]
        share = 1.0
        if isinstance(target, Model):
            share = target.grounded.right if is_right else target.grounded.wrong
        is_grounded = draws.uniform(action.key_of(step_key, draws.GROUNDED)) < share
        self._use(action, attempt, "JUDGED")
        if is_right:
            self._use(action, attempt, "RIGHT")
        if is_grounded:
            self._use(action, attempt, "GROUNDED")
        return is_grounded

    def is_cache_down(self, action: Action, name: str) -> bool:
        """Whether the instance of a cache that an action asks finds nothing."""
        is_regional = self.deployment.scenario.caches[name].scope == "region"
        return self.incidents.is_cache_down(
            name, self.regions.of_cache(action, name) if is_regional else None
        )

    def cache(self, action: Action, name: str) -> Cache:
        """The instance of a cache that an action asks."""
        return self.deployment.cache(name, self.regions.of_cache(action, name))

    def to_cache(self, action: Action, name: str) -> Waiting:
        """Wait for the answer of a cache in another region."""
        region = self.regions.of_cache(action, name)
        way_s = 0.0 if region == action.region else self.deployment.map.round_trip_s(action.region, region)
        if way_s > 0.0:
            yield from wait(action, self.env.timeout(way_s, Kind.DELAYED))

    def question(self, action: Action, cache: str) -> tuple[str, str, int, int]:
        """What a cache knows the question as: each language apart, and only an exact one tells wordings apart."""
        assert action.question is not None
        item, phrasing = action.question
        is_exact = self.deployment.scenario.caches[cache].type == "exact"
        return action.workload.name, action.language, item, phrasing if is_exact else 0

    def _find_stale_answer(self, action: Action, step_key: int, cache: str) -> bool:
        """Answer with what the cache holds, however old."""
        if self.is_cache_down(action, cache):
            return False
        answer = self.cache(action, cache).find(self.question(action, cache), self.env.now, of_any_age=True)
        if answer is None:
            return False
        false_hit = self.deployment.scenario.caches[cache].false_hit
        is_false = draws.uniform(action.key_of(step_key, draws.STALE)) < false_hit
        action.is_wrong |= is_false or not answer.is_correct
        action.is_degraded = True
        action.tpot_s = 0.0
        return True

    def settle(self, action: Action, attempt: Attempt, *, is_wasted: bool) -> None:
        """Book how an attempt ended; a model bills the prompt it began on and the tokens it produced."""
        if attempt.is_settled:
            return
        attempt.is_settled = True
        if attempt.callers is not None:
            attempt.callers.learn(attempt.station, attempt.result, attempt.start_s, attempt.is_first_level)
        self._use(action, attempt, attempt.result)
        is_model = isinstance(self.deployment.targets[attempt.station.target], Model)
        if not is_model or attempt.begun_s == math.inf or attempt.fails:
            return
        n_output = action.output_tokens
        if attempt.result != "SUCCEEDED":
            n_output = self._n_streamed(action, attempt)
            if attempt.sequence is not None:
                n_output = attempt.sequence.generated
        for place, (what, n_tokens) in enumerate((("INPUT", action.sent_tokens), ("OUTPUT", n_output))):
            action.billed[place] += n_tokens
            self._use(action, attempt, f"{what}_TOKENS", n_tokens)
            if self._is_long(action, attempt):
                self._use(action, attempt, f"LONG_{what}_TOKENS", n_tokens)
            if is_wasted:
                self._use(action, attempt, f"WASTED_{what}_TOKENS", n_tokens)

    def _n_streamed(self, action: Action, attempt: Attempt) -> int:
        """Tokens of the answer that a hosted model has made by now."""
        if self.env.now < attempt.first_token_s - SAME_S:
            return 0
        n_streamed = 1 + (self.env.now - attempt.first_token_s + SAME_S) / (attempt.tpot_s or 1e-300)
        return int(min(action.output_tokens, n_streamed))

    def _is_long(self, action: Action, attempt: Attempt) -> bool:
        """Whether the prompt is so long that another price holds."""
        prices = self.deployment.targets[attempt.station.target].prices
        return prices is not None and prices.long is not None and action.sent_tokens > prices.long.above

    def must_end_s(self, action: Action, route: Route, deadline_s: float) -> float:
        """When a try must have ended, if its route tells."""
        if not route.propagate_deadline:
            return math.inf
        try_s = math.inf if route.per_try_timeout is None else self.env.now + route.per_try_timeout
        is_waiting = action.turn_ends is not None and action.workload.timeout is not None
        user_s = action.turn_start_s + action.workload.timeout if is_waiting else math.inf  # type: ignore[operator]
        return min(deadline_s, try_s, user_s)

    def _use(self, action: Action, attempt: Attempt, what: str, amount: float = 1.0) -> None:
        self.ledger.use(action.stream, (attempt.station.target, attempt.station.region), what, amount)
