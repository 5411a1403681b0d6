"""Ciw: M/M/8 as a one-node network.

The other two models cannot be expressed: Ciw lets a customer renege from a queue, but neither aborts a
service at a deadline that began in the queue, nor retries after a wait with a count of tries.
"""

from time import perf_counter

import ciw

from benchmarks.models import MM8, Model
from benchmarks.peer import Outcome, Peer, Replication


def run(model: Model, horizon_s: float, n_replications: int, seed: int) -> Outcome:
    """Run M/M/8; a new ``Simulation`` for each replication."""
    if not isinstance(model, MM8):
        raise NotImplementedError(f"Ciw cannot express {model.name!r}")
    replications = []
    start_s = perf_counter()
    for replication in range(n_replications):
        network = ciw.create_network(
            arrival_distributions=[ciw.dists.Exponential(rate=model.arrival_rps)],
            service_distributions=[ciw.dists.Exponential(rate=1.0 / model.service_mean_s)],
            number_of_servers=[model.n_servers],
        )
        ciw.seed(1_000_003 * seed + replication)
        simulation = ciw.Simulation(network)
        simulation.simulate_until_max_time(horizon_s)
        latencies_s = [r.exit_date - r.arrival_date for r in simulation.get_all_records()]
        replications.append(Replication(len(latencies_s), 0, sum(latencies_s) / max(len(latencies_s), 1)))
    return Outcome(tuple(replications), perf_counter() - start_s)


def peers() -> tuple[Peer, ...]:
    """The one peer of this module."""
    return (Peer("Ciw", ciw.__version__, frozenset({"mm8"}), 40e3, run),)
