"""What each version changes for an action that has it; row 0 is the version before, which changes nothing."""

import numpy as np

RELEASE = np.dtype(
    [
        ("success_shift", np.float64),  # added to the share of right answers
        ("error_shift", np.float64),  # added to the error rate of models
        ("slowness", np.float64),  # factor on times to and per token of hosted models
        ("prompt_factor", np.float64),
        ("output_factor", np.float64),
    ],
    align=True,
)
