"""When does what is billed count: over the period it is for, or when it is charged?"""

from typing import Literal

BillBasis = Literal["amortised", "cash"]
