"""How long does a queue remember where it began? Its relaxation time: what is left of a start fades by e in each."""

import math

_HIGHEST = 0.98  # utilization: higher ones cannot be told apart
_OVERLOADED = 1.05


def relaxation_s(
    servers: float, load_erlangs: float, service_s: float, patience_s: float = math.inf
) -> float:
    """Relaxation time of M/M/c: s / (c·(1 - √u)²) at utilization u, and no less than a service.

    See Cohen, The Single Server Queue, 1982.

    Who waits and leaves bounds it: then the queue forgets as fast as they lose patience.

    Parameters
    ----------
    servers : infinity: nobody waits
    patience_s : mean time after which who waits leaves

    Returns
    -------
    Seconds; infinite where more is offered than served and nobody leaves.
    """
    if servers == math.inf:
        return service_s
    utilization = load_erlangs / servers
    queue_s = math.inf
    if utilization < _OVERLOADED:  # by less it may be chance
        queue_s = service_s / (servers * (1.0 - math.sqrt(min(utilization, _HIGHEST))) ** 2)
    return max(service_s, min(queue_s, patience_s))
