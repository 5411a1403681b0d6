"""Energy of pools: what their GPUs take at most while they work.

The power that a GPU is rated for, times the time its replica had something to do. It is an upper bound of the energy for
working: decodes rarely take a GPU to its limit. What idle GPUs, hosts and cooling take is not in it.
"""

from collections.abc import Sequence

import numpy as np

from simulator.metrics.columns import AreaColumn
from simulator.metrics.dimensions import ALL, Selection
from simulator.metrics.formula import ENDED
from simulator.results.run_result import RunResult
from simulator.results.samples import ratio_sample, to_estimate
from simulator.theory.estimate import Estimate

_ENDED = [column for column in ENDED if column is not None]
_SECONDS_PER_HOUR = 3600.0


def energy_per_action(results: Sequence[RunResult], selection: Selection = ALL) -> Estimate | None:
    """Energy of the selected pools per action that ended, watt-hours; the actions are those of all users.

    Σ rated power of a replica (W) x time it worked (s) / 3600 / actions ended

    Parameters
    ----------
    results : replications of one window
    selection : of a target, and its region

    Returns
    -------
    Estimate, or None where there is no pool, the power of one is not known, or nothing ended.
    """
    first = results[0]
    pools = [
        station_id
        for station_id in first.station_ids(selection)
        if any(result.areas[station_id, AreaColumn.KV_CAPACITY_TOKEN_S] > 0.0 for result in results)
    ]
    power_w = np.array([first.stations[station_id].replica_power_w for station_id in pools])
    if not pools or not (power_w > 0.0).all():
        return None
    energy_wh = [result.areas[pools, AreaColumn.BUSY_S] @ power_w / _SECONDS_PER_HOUR for result in results]
    ended = [result.measured_counts[:, _ENDED].sum() for result in results]
    sample = ratio_sample(np.array(energy_wh), np.array(ended, dtype=np.float64))
    return None if sample is None else to_estimate(sample)
