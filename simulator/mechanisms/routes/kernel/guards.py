"""What callers know of a station: its breaker, its ejection, how many of their tries it has, how many it should have.

A breaker counts tries by tenths of its window: an old tenth is forgotten as a whole. It closes again when as many
probes as it lets through were all answered in time (the states of resilience4j). What was sent before a breaker
opened says nothing about its probes and is not counted.
"""

import math

from simulator.mechanisms.codes import Result
from simulator.mechanisms.routes.codes import Breaker
from simulator.mechanisms.routes.protection_table import EXACT, N_SLICES
from simulator.numerics.events import INSTANT_S
from simulator.numerics.jit import jit


@jit
def turn_slices(policy, guard, slices, guard_id, now_s):
    """Forget what is older than the window; in place."""
    current = int((now_s + INSTANT_S) / policy.slice_s)
    first = guard_id * N_SLICES
    if current - guard.slice >= N_SLICES:
        guard.slice = current - N_SLICES
    while guard.slice < current:
        guard.slice += 1
        old = slices[first + guard.slice % N_SLICES]
        guard.calls -= old.calls
        guard.failed -= old.failed
        guard.slow -= old.slow
        old.calls = 0
        old.failed = 0
        old.slow = 0


@jit
def clear_window(guard, slices, guard_id):
    """Forget all that was counted; in place."""
    guard.calls = 0
    guard.failed = 0
    guard.slow = 0
    for place in range(guard_id * N_SLICES, (guard_id + 1) * N_SLICES):
        slices[place].calls = 0
        slices[place].failed = 0
        slices[place].slow = 0


@jit
def is_open(policy, guard, now_s):
    """Whether nothing should be sent to a station now; a breaker whose cooldown is over lets probes pass. In place."""
    if guard.ejected_until_s > now_s + INSTANT_S:
        return True
    if guard.breaker == Breaker.CLOSED:
        return False
    if guard.breaker == Breaker.OPEN:
        if now_s < guard.until_s - INSTANT_S:
            return True
        guard.breaker = Breaker.HALF_OPEN
        guard.probes_sent = 0
        guard.probes_passed = 0
    return guard.probes_sent >= policy.n_probes


@jit
def is_held(policy, guard, now_s):
    """Whether a try would not be sent now: nothing should be, or as many as may be are in flight."""
    is_full = guard.in_flight >= policy.parallel_limit or (guard.in_flight + 1) * EXACT > guard.limit
    return is_full or is_open(policy, guard, now_s)


@jit
def send(guard):
    """A try is sent; in place."""
    guard.in_flight += 1
    if guard.breaker == Breaker.HALF_OPEN:
        guard.probes_sent += 1


@jit
def _learn_breaker(policy, guard, slices, guard_id, is_failure, is_slow, sent_s, now_s):
    """Count a try, and open or close the breaker; in place."""
    if guard.breaker == Breaker.OPEN:
        return
    if guard.breaker == Breaker.HALF_OPEN:
        if sent_s < guard.until_s - INSTANT_S:
            return
        if is_failure or is_slow:
            guard.breaker = Breaker.OPEN
            guard.until_s = now_s + policy.cooldown_s
            return
        guard.probes_passed += 1
        if guard.probes_passed >= policy.n_probes:
            guard.breaker = Breaker.CLOSED
            clear_window(guard, slices, guard_id)
        return
    turn_slices(policy, guard, slices, guard_id, now_s)
    current = slices[guard_id * N_SLICES + guard.slice % N_SLICES]
    guard.calls += 1
    current.calls += 1
    if is_failure:
        guard.failed += 1
        current.failed += 1
    if is_slow:
        guard.slow += 1
        current.slow += 1
    n_calls = guard.calls * EXACT
    is_bad = guard.failed >= policy.error_share * n_calls or guard.slow >= policy.slow_share * n_calls
    if guard.calls >= policy.min_calls and is_bad:
        guard.breaker = Breaker.OPEN
        guard.until_s = now_s + policy.cooldown_s
        clear_window(guard, slices, guard_id)


@jit
def _learn_limit(policy, guard, is_failure, latency_s):
    """Raise or lower the limit on tries in flight (AIMD); in place. The try itself still counts as in flight."""
    if is_failure or latency_s > policy.limit_latency_s + INSTANT_S:
        guard.limit = max(policy.limit_least, guard.limit * policy.limit_ratio)
    elif 2 * guard.in_flight >= guard.limit * EXACT:  # a limit that nobody feels does not grow
        guard.limit = min(policy.limit_most, guard.limit + 1.0 / guard.limit)


@jit
def _learn_ejection(policy, guard, guards, first_guard, n_stations, n_targets, is_failure, now_s):
    """Eject a station after failures in a row, unless too many of those the route chooses among are; in place."""
    if not is_failure:
        guard.failures = 0
        guard.ejections = 0
        return
    guard.failures += 1
    if guard.failures < policy.eject_after or guard.ejected_until_s > now_s + INSTANT_S:
        return
    n_ejected = 0
    for place in range(first_guard, first_guard + n_stations):
        if guards[place].ejected_until_s > now_s + INSTANT_S:
            n_ejected += 1
    if n_ejected > 0 and (n_ejected + 1) * EXACT > policy.ejected_share * n_targets:
        return
    guard.ejections += 1
    guard.failures = 0
    guard.ejected_until_s = now_s + policy.ejection_s * guard.ejections


@jit
def learn(policy, guards, slices, guard_id, first_guard, n_stations, n_targets, result, sent_s, now_s):
    """A try has ended; in place.

    Parameters
    ----------
    guard_id : of the station that had it
    first_guard, n_stations : guards of the callers' region
    n_targets : that the route chooses among
    """
    guard = guards[guard_id]
    if result == Result.ABANDONED or result == Result.CANCELLED:  # says nothing about the station
        if guard.breaker == Breaker.HALF_OPEN and sent_s >= guard.until_s - INSTANT_S:
            guard.probes_sent -= 1
    else:
        is_failure = result != Result.OK
        latency_s = now_s - sent_s
        if policy.slice_s < math.inf:
            is_slow = not is_failure and latency_s >= policy.slow_s - INSTANT_S
            _learn_breaker(policy, guard, slices, guard_id, is_failure, is_slow, sent_s, now_s)
        if policy.limit_most > 0.0:
            _learn_limit(policy, guard, is_failure, latency_s)
        if policy.eject_after > 0:
            _learn_ejection(policy, guard, guards, first_guard, n_stations, n_targets, is_failure, now_s)
    guard.in_flight -= 1
