"""The pipeline once more, as a plain SimPy program: one process per action, read from top to bottom.

It shares the scenario models with the simulator and nothing else: no event list, no tables, no handlers. Its luck
comes from the same keys (`tests.reference.draws`), so its rows must be the engine's rows, action by action.
The content that caches have after a long time is left out.
"""

import dataclasses
import itertools
import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import simpy

from simulator.compiler.demand import DemandWindow
from simulator.compiler.streams import Stream
from simulator.mechanisms.distribution_means import mean_of
from simulator.mechanisms.distributions import Constant
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.releases.config import Release
from simulator.mechanisms.review.config import Team
from simulator.mechanisms.traffic.config import (
    AsksAgain,
    CacheStep,
    CallStep,
    GenerateStep,
    ReviewStep,
    TokenTrace,
    ValidateStep,
    Workload,
    WorkloadLimits,
)
from simulator.mechanisms.traffic.languages import Language
from simulator.scenario.model import Scenario
from tests.reference import draws
from tests.reference.action import (
    Action,
    EndedError,
    ExhaustedError,
    TurnTimedOutError,
    Waiting,
    wait,
)
from tests.reference.attempts import Attempts
from tests.reference.budgets import keep_budget
from tests.reference.clock import SAME_S, Environment, Kind
from tests.reference.control import autoscale, work
from tests.reference.deployment import deploy, in_region
from tests.reference.incidents import Incidents
from tests.reference.joint_lengths import draw_answer
from tests.reference.ledger import Ledger, Row
from tests.reference.pools import PoolStation
from tests.reference.recorded import Recording
from tests.reference.regions import choose_team, watch
from tests.reference.spot import numbers, play_spot
from tests.reference.stations import TokenBucket
from tests.reference.steps import after_hit, cache_before, step_keys, who_helps
from tests.reference.wander import wandering


@dataclass(frozen=True)
class NewRelease:
    """A release that part of the actions get: shares by the time from which they hold."""

    release: Release
    weights: list[tuple[float, float]]
    mirrors: list[tuple[float, float]] = dataclasses.field(default_factory=list)

    def weight(self, action: Action) -> float:
        """Share of the actions that get it when this one arrives."""
        return self._share(self.weights, action)

    def mirrored(self, action: Action) -> float:
        """Share of the actions that are copied to it when this one arrives."""
        return self._share(self.mirrors, action)

    def _share(self, shares: list[tuple[float, float]], action: Action) -> float:
        if self.release.workload not in (None, action.workload.name):
            return 0.0
        return next((share for time_s, share in reversed(shares) if time_s < action.arrival_s), 0.0)


_DRAFTS = {"approve": "DRAFTS_APPROVED", "change": "DRAFTS_CHANGED", "reject": "DRAFTS_REJECTED"}


class Door:
    """What a workload may ask for in a region."""

    def __init__(self, pipeline: "Pipeline", limits: WorkloadLimits | None) -> None:
        self.pipeline = pipeline
        most = None if limits is None else limits.max_parallel_requests
        rpm, tpm = (None, None) if limits is None else (limits.rpm, limits.tpm)
        self.most = math.inf if most is None else most
        self.turns = None if rpm is None else TokenBucket(rpm / 60.0, rpm)
        self.tokens = None if tpm is None else TokenBucket(tpm / 60.0, tpm)

    def take(self, action: Action) -> bool:
        """Let a turn in, or not."""
        now_s = self.pipeline.env.now
        n_tokens = action.prompt_tokens + action.output_tokens
        n_others = self.pipeline.in_flight[action.source] - 1 if action.turn == 0 else 0
        if (
            n_others >= self.most
            or (self.turns is not None and not self.turns.holds(1.0, now_s))
            or (self.tokens is not None and not self.tokens.holds(n_tokens, now_s))
        ):
            return False
        if self.turns is not None:
            self.turns.take(1.0, now_s)
        if self.tokens is not None:
            self.tokens.take(n_tokens, now_s)
        return True


@dataclass
class Crowd:
    """The clients of a closed loop; a surge holds for whoever thinks until after the instant in which it begins or ends."""

    since_s: np.ndarray
    wanted: np.ndarray
    n_now: int = 0
    n_ever: int = 0
    n_asked: int = 0

    def wanted_at(self, time_s: float) -> int:
        """How many there are to be."""
        return int(self.wanted[max(0, int(np.searchsorted(self.since_s, time_s, side="right")) - 1)])


class Pipeline:
    """A scenario under a demand, run once with one seed.

    Attributes
    ----------
    ledger : everything that happened
    deployment : the stations
    areas_s : [number in system, busy servers] of each station, integrated over the window
    """

    def __init__(
        self,
        scenario: Scenario,
        window: DemandWindow,
        seed: int,
        base_dir: Path = Path(),
        rollout: "NewRelease | None" = None,
    ) -> None:
        self.env = Environment()
        self.base_dir = base_dir
        self.recordings: dict[tuple[str, str], Recording] = {}
        self.scenario = scenario = scenario.model_copy(deep=True)  # budgets change its routes
        self.budget_events: list[tuple[str, str, float]] = []
        self.window = window
        self.seed = seed
        self.rollout = rollout
        self.deployment = deploy(self.env, scenario)
        self.ledger = Ledger(self.env)
        self.incidents = Incidents(self.env, self.deployment, window, seed)
        self.attempts = Attempts(self.env, self.deployment, self.ledger, self.incidents)
        self.classes = list(dict.fromkeys(name for w in scenario.workloads for name in w.complexity))
        self.areas_s: dict[tuple[str, str], np.ndarray] = {}
        self.in_flight: dict[tuple[str, ...], int] = {}
        self.doors: dict[tuple[str, ...], Door] = {}

    def run(self, streams: tuple[Stream, ...]) -> Ledger:
        """Run from the start of the warm-up to the end of the window; `streams` in the order of the rates."""
        assert len(self.window.share) == 1, "the reference knows one exposure"
        self.start_control()
        workloads = {workload.name: workload for workload in self.scenario.workloads}
        for asking, rates_rps, share in zip(
            streams, self.window.rate_rps, self.window.share[0][1], strict=True
        ):
            workload = workloads[asking.workload]
            come = self.arrive if workload.clients is None else self.loop
            self.env.process(come(workload, asking.region, asking.tenant, rates_rps * share))
        if self.window.warmup_s > 0.0:
            self.env.run_to(self.window.warmup_s)
        before_s = self.integrals_s()
        self.env.run_to(self.window.warmup_s + self.window.duration_s)
        self.areas_s = {name: area_s - before_s[name] for name, area_s in self.integrals_s().items()}
        return self.ledger

    def start_control(self) -> None:
        """Start whoever changes capacity."""
        begin = self.window.start - timedelta(seconds=self.window.warmup_s)
        for (name, region), station in self.deployment.stations.items():
            target = self.deployment.targets[name]
            if isinstance(target, Team):
                staff = in_region(target.staff, region)
                assert staff is not None
                timezone = self.deployment.map.timezone(region)
                self.env.process(work(self.env, station, target, staff, timezone, begin))
            elif isinstance(target, Service) and target.autoscaling is not None:
                replicas = in_region(target.replicas, region) or 0
                self.env.process(autoscale(self.env, station, target, replicas))
            elif isinstance(target, Service):
                station.set_servers(station.servers)
        self.incidents.start()
        for station in self.deployment.stations.values():
            if isinstance(station, PoolStation) and station.pool.spot is not None:
                if station.pool.spot.fallback == "on-demand":
                    station.keep_aside(len(numbers(station.pool, station.n_ordinary, station.region)))
                end_s = self.window.warmup_s + self.window.duration_s
                play_spot(self.env, station, station.n_ordinary, self.seed, end_s)
        check = self.scenario.network.health_check
        if check is not None:
            stations = self.deployment.stations.items()
            is_down = {place: partial(self.incidents.is_down, station) for place, station in stations}
            for name, cache in self.scenario.caches.items():
                for region in self.scenario.regions if cache.scope == "region" else []:
                    is_down[name, region] = partial(self.incidents.is_cache_down, name, region)
            self.env.process(watch(self.env, check, self.attempts.health, is_down))
        for workload in self.scenario.workloads:
            if workload.budget is not None:
                self.env.process(keep_budget(self, workload))

    def integrals_s(self) -> dict[tuple[str, str], np.ndarray]:
        """Integrals of the number in system and of the busy servers of each station, up to now."""
        for station in self.deployment.stations.values():
            station.account()
        return {
            name: np.array([station.in_system_area_s, station.busy_area_s])
            for name, station in self.deployment.stations.items()
        }

    # ----------------------------------------------------------------------------------------------- arriving

    def arrive(self, workload: Workload, region: str, tenant: str, rates_rps: np.ndarray) -> Waiting:
        """Send one stream's actions: a renewal process in operational time, at rates constant on pieces."""
        stream_key = draws.name_key(self.seed, workload.name, region, *([tenant] if tenant else []))
        rates_rps, step_s = wandering(self, workload, stream_key, rates_rps)
        edges_s, expected = self.expected_actions(workload, region, tenant, rates_rps, step_s)
        if tenant:
            own = workload.tenants[tenant]
            bursts = workload.burstiness if own.burstiness is None else own.burstiness
            limits = workload.limits if own.limits is None else own.limits
            workload = workload.model_copy(update={"burstiness": bursts, "limits": limits})
        shape = 1.0 / workload.burstiness**2
        recording = None
        if workload.trace is not None:
            recording = Recording(workload, stream_key, self.base_dir)
            self.recordings[workload.name, region] = recording
        so_far = 0.0
        for number in itertools.count():
            key = draws.derive(stream_key, number)
            gap_key = draws.derive(key, draws.GAP)
            if recording is not None:
                so_far += recording.gap(number)
            elif workload.burstiness == 1.0:
                so_far += draws.exponential(gap_key)
            else:
                so_far += draws.standard_gamma(shape, gap_key) / shape
            if so_far > expected[-1]:
                return
            arrival_s = float(np.interp(so_far, expected, edges_s))
            yield self.env.timeout(max(0.0, arrival_s - self.env.now), Kind.ARRIVAL)
            action = self.new_action(workload, region, number, key)
            action.tenant = tenant
            self.env.process(self.act(action))
            self.copy(action)

    def loop(self, workload: Workload, region: str, tenant: str, rates_rps: np.ndarray) -> Waiting:
        """Let the clients of a closed loop come, when there are to be more of them."""
        stream_key = draws.name_key(self.seed, workload.name, region, *([tenant] if tenant else []))
        pause = workload.think_time or Constant(distribution="constant", value=0.0)
        piece_s = self.window.piece_s
        edges_s, expected = self.expected_actions(workload, region, tenant, rates_rps, piece_s)
        wanted = np.floor((mean_of(pause) + 1.0) * np.diff(expected) / np.diff(edges_s) + 0.5 + 1e-6).astype(
            int
        )
        if tenant and workload.tenants[tenant].limits is not None:
            workload = workload.model_copy(update={"limits": workload.tenants[tenant].limits})
        is_piece = np.isclose((edges_s + self.window.lead_s) % self.window.piece_s, 0.0)
        crowd = Crowd(edges_s[:-1] + np.where(is_piece, -SAME_S, SAME_S)[:-1], wanted)
        for edge_s, number in zip(edges_s.tolist(), wanted.tolist(), strict=False):
            yield self.env.timeout(max(0.0, edge_s - self.env.now), Kind.ARRIVAL)
            while crowd.n_now < number:
                self.env.process(
                    self.ask_on(workload, region, tenant, crowd, draws.derive(stream_key, crowd.n_ever))
                )
                crowd.n_now, crowd.n_ever = crowd.n_now + 1, crowd.n_ever + 1
                yield self.env.timeout(
                    0.0, Kind.ARRIVAL
                )  # where several streams have many at once, one of each in turn

    def ask_on(self, workload: Workload, region: str, tenant: str, crowd: "Crowd", key: int) -> Waiting:
        """A client thinks, asks, waits for the end of its action, and again, until there are too many of them."""
        pause = workload.think_time or Constant(distribution="constant", value=0.0)
        pause_s = draws.draw(pause, draws.derive(key, draws.PAUSE))
        came_s = self.env.now
        while True:
            yield self.env.timeout(pause_s, Kind.THOUGHT)
            # who comes with a surge and asks in the same instant is wanted
            if self.env.now - came_s > SAME_S and crowd.n_now > crowd.wanted_at(self.env.now):
                crowd.n_now -= 1
                return
            action = self.new_action(workload, region, crowd.n_asked, key)
            crowd.n_asked += 1
            action.tenant = tenant
            self.copy(action)
            asked_s = yield from self.act(action)
            key = draws.derive(key, draws.NEXT_ACTION)
            least_s = asked_s + 1e-3 - self.env.now
            pause_s = max(draws.draw(pause, draws.derive(key, draws.PAUSE)), least_s)

    def expected_actions(
        self, workload: Workload, region: str, tenant: str, rates_rps: np.ndarray, piece_s: float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Times at which the rate changes, and the actions expected up to each, surges included."""
        pieces_s = np.arange(rates_rps.size + 1) * piece_s - self.window.lead_s
        end_s = float(pieces_s[-1])
        surges = self.incidents.surges(workload.name, region, tenant, end_s)
        edges_s = np.unique(
            [
                0.0,
                *pieces_s[pieces_s > 0.0],
                *(edge_s for begin_s, over_s, _ in surges for edge_s in (begin_s, over_s)),
            ]
        )
        middles_s = (edges_s[1:] + edges_s[:-1]) / 2.0
        rates = rates_rps[((middles_s + self.window.lead_s) / piece_s).astype(int)]
        for begin_s, over_s, factor in surges:
            rates = np.where((middles_s > begin_s) & (middles_s < over_s), rates * factor, rates)
        return edges_s, np.concatenate([[0.0], np.cumsum(rates * np.diff(edges_s))])

    def new_action(self, workload: Workload, region: str, number: int, key: int) -> Action:
        """Draw what an action brings: its complexity and its turns."""
        shares = np.cumsum([workload.complexity.get(name, 0.0) for name in self.classes])
        place = draws.draw_index(shares, draws.derive(key, draws.CLASS))
        n_turns = 1
        if workload.turns is not None:
            is_geometric = workload.turns.distribution == "geometric"
            n_turns = draws.draw_turns(workload.turns.mean, is_geometric, draws.derive(key, draws.TURNS))
        recording = self.recordings.get((workload.name, region))
        if recording is not None and recording.trace.session is not None:
            n_turns = recording.calls(number)
        language = self.language_in(region, key)
        complexity = self.classes[place]
        action = Action(workload, region, number, key, self.env.now, complexity, n_turns, language)
        asked = {name for each in self.scenario.workloads for name, share in each.complexity.items() if share}
        action.class_name = complexity if len(asked) > 1 else ""
        if self.rollout is not None and draws.uniform(draws.derive(key, draws.RELEASE)) < self.rollout.weight(
            action
        ):
            action.release = self.rollout.release
        return action

    def language_in(self, region: str, key: int) -> str:
        """Draw what a user of a region speaks, by the shares of those who speak anything at all."""
        shares = self.scenario.regions[region].languages
        if shares is None:
            return ""
        spoken = [name for name, share in shares.items() if share > 0.0]
        cumulative = np.cumsum([shares[name] for name in spoken])
        return spoken[draws.draw_index(cumulative, draws.derive(key, draws.LANGUAGE))]

    def copy(self, action: Action) -> None:
        """Send a copy of some actions to the new release, within a millisecond; nobody waits for it."""
        share = 0.0 if self.rollout is None else self.rollout.mirrored(action)
        luck = draws.uniform(draws.derive(action.key, draws.MIRROR))
        if self.rollout is not None and luck < share:
            release, after_s = self.rollout.release, 1e-3 * (luck / share)
            copy = dataclasses.replace(action, release=release, copied_after_s=after_s, billed=[0, 0])
            self.env.process(self.act_once(copy))

    # ------------------------------------------------------------------------------------------------- acting

    def act(self, action: Action) -> Waiting:
        """An action from its arrival to its end; a user who gets nothing may ask again. Returns when it was asked last."""
        while True:
            outcome = yield from self.act_once(action)
            again = action.workload.asks_again
            is_answered = outcome in ("SUCCEEDED", "DEGRADED")
            is_content = is_answered and not (action.is_wrong or action.was_wrong)
            if again is None or is_content or action.is_invalid:
                return action.arrival_s
            code = action.asked << 8
            share = again.wrong if is_answered else again.share
            is_done = draws.uniform(draws.derive(action.key, code | draws.ASK_AGAIN)) >= share
            if action.asked >= again.max or is_done:
                return action.arrival_s
            if is_answered and not action.was_handed_off:
                self.ledger.count(action.stream, "CAME_BACK")
            yield self.env.timeout(
                self.pause_s(again) * draws.exponential(draws.derive(action.key, code | draws.AWAY)),
                Kind.ASKED_AGAIN,
            )
            action = Action(
                action.workload,
                action.region,
                action.number,
                action.key,
                self.env.now,
                action.complexity,
                action.n_turns,
                action.language,
                asked=action.asked + 1,
                tenant=action.tenant,
                release=action.release,
                class_name=action.class_name,
            )
            self.ledger.count(action.stream, "ASKED_AGAIN")

    def pause_s(self, again: AsksAgain) -> float:
        """Mean time until users ask again; of wrong answers at most what a run can follow."""
        warmup_s, duration_s = self.window.warmup_s, self.window.duration_s
        short_s = max(warmup_s / 5.0, duration_s / 100.0)
        seen_s = short_s if again.wrong > 0.0 else (warmup_s + duration_s) / 2.0
        return again.after if again.after <= seen_s else short_s

    def act_once(self, action: Action) -> Generator[simpy.Event, Any, str]:
        """An action from its arrival to its end, and how it ended."""
        self.ledger.count(action.stream, "ARRIVED")
        is_copy = action.copied_after_s is not None
        if action.copied_after_s is not None:
            yield self.env.timeout(action.copied_after_s, Kind.THOUGHT)
        self.in_flight[action.source] = self.in_flight.get(action.source, 0) + (not is_copy)
        outcome = ""
        try:
            while True:
                self.begin_turn(action)
                yield from self.walk(action)
                self.tell(action)
                if action.turn + 1 == action.n_turns:
                    break
                yield from self.think(action)
            outcome = "DEGRADED" if action.is_degraded else "SUCCEEDED"
        except EndedError as ended:
            outcome = str(ended)
        except TurnTimedOutError:
            self.ledger.count(action.stream, "TIMEOUTS")
            outcome = "FAILED"
        self.attempts.throw_kept_away(action)
        self.in_flight[action.source] -= not is_copy
        self.end(action, outcome)
        return outcome

    def begin_turn(self, action: Action) -> None:
        """Ask: draw the question and its lengths, start the user's clock."""
        workload, key = action.workload, action.turn_key
        if workload.popularity is not None:
            popularity = workload.popularity
            weights = np.arange(1, popularity.items + 1, dtype=np.float64) ** -popularity.exponent
            item = draws.draw_index(np.cumsum(weights / weights.sum()), draws.derive(key, draws.ITEM))
            wording = draws.uniform(draws.derive(key, draws.PHRASING)) * popularity.phrasings
            action.question = item, int(wording)
        prompt_key, output_key = draws.derive(key, draws.PROMPT), draws.derive(key, draws.OUTPUT)
        prompt, output = workload.prompt_tokens, workload.output_tokens
        factor = self.language(action).token_factor
        n_prompt = 0.0
        if prompt is not None and not isinstance(prompt, TokenTrace):
            n_prompt = draws.draw(prompt, prompt_key)
            action.prompt_tokens = max(1, int(n_prompt * factor + 0.5))
        if output is not None and not isinstance(output, TokenTrace):
            if workload.joint_lengths is None:
                n_output = draws.draw(output, output_key)
            else:
                n_output = draw_answer(workload, n_prompt, output_key)
            factor *= self.incidents.output_factor(workload.name)
            action.output_tokens = max(1, int(n_output * factor + 0.5))
        if action.source in self.recordings:
            recording = self.recordings[action.source]
            n_prompt, n_tokens = recording.lengths(action.number, action.turn)
            if recording.begins_afresh(action.number, action.turn):
                action.context_tokens = action.reusable_tokens = 0
            factor = self.language(action).token_factor
            action.prompt_tokens = int(n_prompt * factor + 0.5)
            factor *= self.incidents.output_factor(workload.name)
            action.output_tokens = max(1, int(n_tokens * factor + 0.5))
            action.recorded_units = recording.units(action.number, action.prompt_tokens)
        if action.release is not None:
            changes = action.release.changes
            action.prompt_tokens = max(1, int(action.prompt_tokens * (1.0 + changes.prompt_tokens) + 0.5))
            action.output_tokens = max(1, int(action.output_tokens * (1.0 + changes.output_tokens) + 0.5))
        if workload.max_tokens is not None:
            action.output_tokens = min(action.output_tokens, workload.max_tokens)
        if action.turn == 0:
            action.prompt_tokens += workload.system_prompt_tokens or 0
        action.was_wrong |= action.is_wrong
        action.is_wrong = action.is_unsure = action.is_exhausted = action.is_told = False
        action.called_tokens = 0
        action.turn_start_s = self.env.now
        action.queue_wait_s = action.tpot_s = 0.0
        action.ttft_s = None
        action.turn_ends = (
            None if workload.timeout is None else self.env.timeout(workload.timeout, Kind.TURN_TIMEOUT)
        )
        if action.copied_after_s is None and not self.door(action).take(action):
            self.ledger.count(action.stream, "LIMITED")
            raise EndedError("REJECTED")

    def language(self, action: Action) -> Language:
        """What is different in an action's language."""
        return self.scenario.languages.get(action.language, Language())

    def door(self, action: Action) -> Door:
        """The workload's own limits in the action's region."""
        return self.door_of(action.source, action.workload)

    def door_of(self, stream: tuple[str, ...], workload: Workload) -> Door:
        """The limits of a stream."""
        if stream not in self.doors:
            self.doors[stream] = Door(self, workload.limits)
        return self.doors[stream]

    def walk(self, action: Action) -> Waiting:
        """Go through the steps of a turn."""
        steps = action.workload.steps
        keys = list(step_keys(action.workload))
        place = 0
        while place < len(steps):
            step, key = steps[place], keys[place]
            action.attempt = 512 * action.asked
            place += 1
            if isinstance(step, ValidateStep):
                yield from self.validate(action, step, key)
            elif isinstance(step, CacheStep):
                is_hit = yield from self.look_up(action, step.cache, key)
                if is_hit:
                    place = after_hit(steps, place)
            elif isinstance(step, ReviewStep):
                yield from self.review(action, step, key)
            else:
                name = step.call if isinstance(step, CallStep) else step.generate
                try:
                    yield from self.attempts.ask(action, name, key, cache_before(steps, place - 1))
                except ExhaustedError as error:
                    action.is_exhausted = True
                    place = who_helps(steps, place, str(error))

    def validate(self, action: Action, step: ValidateStep, key: int) -> Waiting:
        """Check the data contract."""
        yield from self.pause(action, step.validate_.latency)
        rejected = self.incidents.rejected_share(action.workload.name, step.validate_.reject)
        if draws.uniform(action.key_of(key, draws.REJECT)) < rejected:
            self.ledger.count(action.stream, "INVALID")
            action.is_invalid = True
            raise EndedError("REJECTED")

    def look_up(self, action: Action, name: str, key: int) -> Generator[simpy.Event, Any, bool]:
        """Ask a cache; True if it answers."""
        cache = self.scenario.caches[name]
        yield from self.pause(action, cache.latency)
        self.ledger.count(action.stream, "CACHE_LOOKUPS")
        if self.attempts.is_cache_down(action, name):
            is_hit = is_right = False
        elif cache.hit_rate is not None:
            is_hit = draws.uniform(action.key_of(key, draws.HIT)) < cache.hit_rate
            is_right = True
        else:
            question = self.attempts.question(action, name)
            answer = self.attempts.cache(action, name).find(question, self.env.now)
            is_hit = answer is not None
            is_right = answer is not None and answer.is_correct
        if not is_hit:
            yield from self.attempts.to_cache(action, name)
            return False
        self.ledger.count(action.stream, "CACHE_HITS")
        if draws.uniform(action.key_of(key, draws.FALSE_HIT)) < cache.false_hit:
            self.ledger.count(action.stream, "FALSE_HITS")
            is_right = False
        action.is_wrong |= not is_right
        yield from self.attempts.to_cache(action, name)
        action.ttft_s = self.env.now - action.turn_start_s
        action.tpot_s = 0.0
        return True

    def pause(self, action: Action, delay_s: float) -> Waiting:
        """Let time pass, if any."""
        if delay_s > 0.0:
            yield from wait(action, self.env.timeout(delay_s, Kind.DELAYED))

    def review(self, action: Action, step: ReviewStep, key: int) -> Waiting:
        """Hand over to people, or let them look at a sample afterwards."""
        rule = step.review
        if action.copied_after_s is not None:
            if action.is_exhausted:
                raise EndedError("FAILED")
            return
        is_seen = (
            (rule.classes is None or action.complexity in rule.classes)
            and rule.before > 0.0
            and draws.uniform(action.key_of(key, draws.BEFORE)) < rule.before
        )
        if not self.deployment.people(rule.team, action.region):
            self.do_without_people(action, rule.when, is_seen)
            return
        if (
            is_seen
            or (action.is_unsure and "low_confidence" in rule.when)
            or (action.is_exhausted and "exhausted" in rule.when)
        ):
            team = self.scenario.teams[rule.team]
            if rule.draft and not action.is_exhausted:
                action.draft = self.decide(action, team, key)
            action.turn_ends = None
            action.ttft_s = None
            action.was_handed_off = True
            self.ledger.count(action.stream, "HANDED_OFF")
            self.tell(action)
            yield from self.ask_people(action, rule.team, key)
            action.is_unsure = action.is_exhausted = False
            if action.draft:
                self.ledger.count(action.stream, _DRAFTS[action.draft])
            if action.draft != "approve":
                action.is_wrong = draws.uniform(action.key_of(key, draws.RESOLVED)) >= team.success_rate
            action.draft = ""
        elif draws.uniform(action.key_of(key, draws.SAMPLE)) < rule.sample:
            job = dataclasses.replace(
                action,
                key=draws.derive(action.key, draws.SAMPLE),
                attempt=0,
                asked=0,
                turn_ends=None,
                is_review_job=True,
                billed=[0, 0],
            )
            self.env.process(self.look_at(job, rule.team, key))
            yield self.env.event().succeed()  # the sample stands in line before the action goes on

    def decide(self, action: Action, team: Team, key: int) -> str:
        """What a person will do with a draft."""
        changed = team.overrides.wrong if action.is_wrong else team.overrides.right
        if draws.uniform(action.key_of(key, draws.OVERRIDE)) >= changed:
            return "approve"
        is_rejected = draws.uniform(action.key_of(key, draws.REJECTED)) < team.drafts.rejected
        return "reject" if is_rejected else "change"

    def do_without_people(self, action: Action, when: Sequence[str], is_seen: bool) -> None:
        """Nobody may see this user's data: what is unsure stands, what is missing stays missing."""
        is_exhausted = action.is_exhausted and "exhausted" in when
        if is_exhausted or is_seen or (action.is_unsure and "low_confidence" in when):
            self.ledger.count(action.stream, "RESIDENCY_BLOCKED")
        if is_exhausted:
            raise EndedError("FAILED")

    def look_at(self, job: Action, team: str, key: int) -> Waiting:
        """A sampled answer on its way through a team."""
        yield from self.ask_people(job, team, key)
        self.ledger.count(job.stream, "REVIEWED")
        overrides = self.scenario.teams[team].overrides
        changed = overrides.wrong if job.is_wrong else overrides.right
        if draws.uniform(job.key_of(key, draws.OVERRIDE)) >= changed:
            self.ledger.count(job.stream, "REVIEWED_RIGHT")

    def ask_people(self, action: Action, team: str, key: int) -> Waiting:
        """Wait for a person and be handled."""
        stations = self.deployment.people(team, action.region)
        station = (
            stations[0]
            if action.is_review_job
            else choose_team(stations, self.scenario.teams[team].overflow_above)
        )
        attempt = yield from self.attempts.make(action, station, key)
        self.attempts.settle(action, attempt, is_wasted=False)

    # ------------------------------------------------------------------------------------------------- ending

    def tell(self, action: Action) -> None:
        """The user has an answer, or knows that a person takes over: once per turn."""
        if action.is_told:
            return
        action.is_told = True
        action.latency_s = self.env.now - action.turn_start_s
        self.ledger.count(action.stream, "TURNS")
        self.ledger.measure(action.stream, "LATENCY", action.latency_s)
        self.ledger.measure(action.stream, "QUEUE_WAIT", action.queue_wait_s)
        if action.ttft_s is not None:
            self.ledger.measure(action.stream, "TTFT", action.ttft_s)
            if action.tpot_s > 0.0:
                self.ledger.measure(action.stream, "TPOT", action.tpot_s)
        for slo in self.scenario.slos:
            value_s = {"latency": action.latency_s, "ttft": action.ttft_s}.get(slo.indicator)
            if value_s is not None and slo.workload in (None, action.workload.name):
                action.is_slow |= value_s > slo.objective.limit + SAME_S

    def think(self, action: Action) -> Waiting:
        """The pause before the next turn, whose prompt holds what was said so far."""
        action.reusable_tokens = action.context_tokens + action.prompt_tokens
        action.context_tokens = action.reusable_tokens + action.output_tokens
        if action.called_tokens == 0:
            action.reusable_tokens = action.context_tokens
        action.turn += 1
        key = draws.derive(action.key, action.turn << 8 | draws.THINK)
        mean_s = 0.0 if action.workload.turns is None else action.workload.turns.think_time
        pause_s = mean_s * draws.exponential(draws.derive(key, 0))
        if action.source in self.recordings and self.recordings[action.source].trace.session is not None:
            pause_s = self.recordings[action.source].pause_s(action.number, action.turn)
        yield self.env.timeout(pause_s, Kind.THOUGHT)

    def never_answered(self, action: Action) -> None:
        """Whoever is not answered is slower than everybody else."""
        self.ledger.measure(action.stream, "RESOLUTION", math.inf)
        if action.is_told:
            return
        generates = any(isinstance(step, GenerateStep) for step in action.workload.steps)
        for what in ("LATENCY", "QUEUE_WAIT", *(("TTFT", "TPOT") if generates else ())):
            self.ledger.measure(action.stream, what, math.inf)

    def end(self, action: Action, outcome: str) -> None:
        """Count an outcome, write the row."""
        is_answered = outcome in ("SUCCEEDED", "DEGRADED")
        is_correct = is_answered and not (action.is_wrong or action.was_wrong)
        self.ledger.count(action.stream, outcome)
        if is_correct:
            self.ledger.count(action.stream, "CORRECT")
        if is_answered:
            self.ledger.measure(action.stream, "RESOLUTION", self.env.now - action.arrival_s)
            if not action.is_slow:
                self.ledger.count(action.stream, "GOOD")
            if not action.was_handed_off:
                self.ledger.count(action.stream, "WITHOUT_PEOPLE")
                if is_correct:
                    self.ledger.count(action.stream, "RIGHT_WITHOUT_PEOPLE")
        elif not action.is_invalid:
            self.never_answered(action)
        self.ledger.rows.append(
            Row(
                workload=action.workload.name,
                region=action.region,
                tenant=action.tenant,
                language=action.language,
                complexity=action.class_name,
                number=action.number,
                arrival_s=action.arrival_s,
                end_s=self.env.now,
                outcome=outcome,
                is_correct=is_correct,
                asked=action.asked,
                turns=action.turn + 1,
                attempts=action.n_attempts,
                input_tokens=action.billed[0],
                output_tokens=action.billed[1],
                latency_s=math.nan if action.latency_s is None else action.latency_s,
                ttft_s=math.nan if action.ttft_s is None else action.ttft_s,
                queue_wait_s=action.queue_wait_s,
            )
        )
