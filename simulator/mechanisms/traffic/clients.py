"""At which rate do the clients of a closed loop ask? Nobody knows before it is simulated.

Demand is a rate everywhere, so that exposure, profiles and factors act on all of it. Of clients it is the rate at which they
would ask if every answer took a second; times the same cycle it is their number again, which is what is simulated.
"""

from simulator.mechanisms.distribution_means import mean_of
from simulator.mechanisms.distributions import Constant, Distribution
from simulator.mechanisms.traffic.config import Workload

_NOMINAL_ANSWER_S = 1.0


def pause_of(workload: Workload) -> Distribution:
    """From the end of a client's action to its next one."""
    return workload.think_time or Constant(distribution="constant", value=0.0)


def cycle_s(workload: Workload) -> float:
    """Seconds from one action of a client to the next, if every answer took one."""
    return mean_of(pause_of(workload)) + _NOMINAL_ANSWER_S


def nominal_rates_rps(workload: Workload, regions: list[str]) -> dict[str, float]:
    """Clients in the busiest hour as a rate, by region."""
    clients = workload.clients
    assert clients is not None
    by_region = clients if isinstance(clients, dict) else dict.fromkeys(regions, clients)
    return {region: number / cycle_s(workload) for region, number in by_region.items()}
