"""Which exports of costs can be read, and in which of their columns do time, amount and currency stand?

Of a FOCUS bill only rows of generative AI count, where it says which these are. The exports of providers of models have no
other rows; those of Azure do not say.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Export:
    """An export: the columns it is recognized by, and what stands in them.

    Attributes
    ----------
    name : as people call it
    time, end : columns with the time a row bills from and until; None: a day
    amount : column with what is billed
    currency : column; None: US dollars
    only : which rows count; None: all
    """

    name: str
    time: str
    end: str | None
    amount: str
    currency: str | None
    only: Callable[[pd.DataFrame], pd.Series] | None = None


def _generative(frame: pd.DataFrame) -> pd.Series:
    """Rows of generative AI, as far as the bill tells."""
    if "ServiceSubcategory" in frame and frame["ServiceSubcategory"].notna().any():
        return frame["ServiceSubcategory"] == "Generative AI"
    if "ServiceCategory" in frame:
        return frame["ServiceCategory"] == "AI and Machine Learning"
    return pd.Series(np.ones(len(frame), dtype=bool), index=frame.index)


EXPORTS = (
    Export("FOCUS", "ChargePeriodStart", "ChargePeriodEnd", "BilledCost", "BillingCurrency", _generative),
    Export("OpenAI costs", "start_time_iso", "end_time_iso", "amount_value", "amount_currency"),
    Export("Anthropic costs", "usage_date_utc", None, "cost_usd", None),
    Export("Azure cost details", "Date", None, "CostInBillingCurrency", "BillingCurrency"),
)
