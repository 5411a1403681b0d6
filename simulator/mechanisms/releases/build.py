"""From the changes of a release to the table the kernel reads."""

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.releases.config import ReleaseChanges
from simulator.mechanisms.releases.table import RELEASE


def release_table(changes: ReleaseChanges | None) -> NDArray[np.void]:
    """RELEASE[2]: the version before, and the new one."""
    table = np.zeros(2, dtype=RELEASE).view(np.recarray)
    for name in ("slowness", "prompt_factor", "output_factor"):
        table[name] = 1.0
    if changes is not None:
        table["success_shift"][1] = changes.success_rate
        table["error_shift"][1] = changes.error_rate
        table["slowness"][1] = 1.0 + changes.latency
        table["prompt_factor"][1] = 1.0 + changes.prompt_tokens
        table["output_factor"][1] = 1.0 + changes.output_tokens
    return table
