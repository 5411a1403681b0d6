"""What if waiting people give up? Erlang A: M/M/c whose customers have exponential patience.

Sources: Palm, Research on Telephone Traffic Carried by Full Availability Groups, 1957; Garnett, Mandelbaum
and Reiman, Designing a Call Center with Impatient Customers, Manufacturing and Service Operations Management
4, 2002.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_NEGLIGIBLE = 1e-18  # of the likeliest state: where the chain is cut


class ErlangA(NamedTuple):
    """What happens to the arrivals at a queue whose customers give up."""

    waiting_share: float  # find every server busy
    abandoned_share: float  # give up before they are served
    mean_wait_s: float  # in queue, of all arrivals: served at once, served later and gone
    utilization: float  # of the servers


def erlang_a(
    servers: int, arrival_rate_per_s: float, mean_service_s: float, mean_patience_s: float
) -> ErlangA:
    """M/M/c with exponential patience, exactly, from its chain of births and deaths.

    With n customers the death rate is min(n, c) / s + max(n - c, 0) / patience, hence the shares of time
    p(n). By Little's law the mean wait is the mean queue over the arrival rate; since each waiting customer
    leaves at rate 1 / patience, the share that abandons is the mean wait over the mean patience.

    Parameters
    ----------
    servers : at least one
    mean_patience_s : above 0; infinite is allowed where the load is below the servers, and is M/M/c
    """
    load_erlangs = arrival_rate_per_s * mean_service_s
    if servers < 1 or mean_patience_s <= 0.0:
        raise ValueError(f"{servers} servers, patience {mean_patience_s} s: both must be above zero")
    if math.isinf(mean_patience_s) and load_erlangs >= servers:
        raise ValueError("without abandonment the queue grows for ever: the load reaches the servers")
    if arrival_rate_per_s == 0.0:
        return ErlangA(0.0, 0.0, 0.0, 0.0)
    states = _states(servers, arrival_rate_per_s, mean_service_s, mean_patience_s)
    n = np.arange(states.size)
    n_waiting = float((np.maximum(n - servers, 0) * states).sum())
    n_busy = float((np.minimum(n, servers) * states).sum())
    wait_s = n_waiting / arrival_rate_per_s
    return ErlangA(float(states[servers:].sum()), wait_s / mean_patience_s, wait_s, n_busy / servers)


def _states(
    servers: int, arrival_rate_per_s: float, mean_service_s: float, mean_patience_s: float
) -> NDArray[np.float64]:
    """Shares of time with n customers, float64[n], up to where they are negligible."""
    size = 2 * servers + 64
    while True:
        n = np.arange(1, size)
        death_per_s = np.minimum(n, servers) / mean_service_s + np.maximum(n - servers, 0) / mean_patience_s
        # Logarithms, for the empty state of a large system is too rare for a float.
        logs = np.concatenate([[0.0], np.cumsum(np.log(arrival_rate_per_s / death_per_s))])
        weights: NDArray[np.float64] = np.exp(logs - logs.max())
        # Beyond the servers the weights only fall faster and faster, so the last one bounds the tail.
        if weights[-1] < _NEGLIGIBLE:
            states: NDArray[np.float64] = weights / weights.sum()
            return states
        size *= 2


def answered_in_time(rate_rps: float, service_s: float, timeout_s: float) -> float:
    """Share of the customers of an M/M/1 queue whose service ends within `timeout_s` of their arrival.

    Who is not done by then leaves, also out of service. What an arrival finds to be done before it, V, has an atom
    p at 0 and on (0, T) the density f(v) = λ p e^(−(μ − λ) v): work is a dam of height T, into which min(S, T − V)
    flows, and f crosses each level v downwards as often as jumps cross it upwards. The share is P(V + S ≤ T).
    """
    rate, service, timeout = rate_rps, 1.0 / service_s, timeout_s
    slack = service - rate
    if abs(slack) < 1e-9 * service:
        slack = 1e-9 * service  # the limit; both formulas are smooth there
    idle = 1.0 / (1.0 + rate * -math.expm1(-slack * timeout) / slack)
    busy_in_time = (
        -math.expm1(-slack * timeout) / slack
        - math.exp(-service * timeout) * math.expm1(rate * timeout) / rate
    )
    return idle * (-math.expm1(-service * timeout) + rate * busy_in_time)
