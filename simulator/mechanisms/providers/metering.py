"""What is billed of what was used? The meter that a workload's budget and the ledger read alike.

Provisioned units carry the tokens that fit into them, in each time bucket of a run those of all streams alike; what they
carry is not billed. The rest costs its price per token: cached or not, of long prompts or not, through a batch interface
or not.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.providers.prices import TokenPrices
from simulator.metrics.columns import UsageColumn

Floats = NDArray[np.float64]

_PER_MILLION = 1e-6
_SECONDS_PER_MINUTE = 60.0


def token_usd(prices: TokenPrices, *, is_batch: bool) -> Floats:
    """US dollars for one of each column of usage, float64[UsageColumn].

    All tokens have the price of short prompts; those of long ones are counted besides, and have the difference.
    """
    cached = prices.cached_share
    factor = _PER_MILLION * (1.0 - prices.batch_discount if is_batch else 1.0)
    usd = np.zeros(len(UsageColumn))
    usd[UsageColumn.INPUT_TOKENS] = factor * prices.mean_input_usd_per_mtok
    usd[UsageColumn.OUTPUT_TOKENS] = factor * prices.output_usd_per_mtok
    if prices.long_above is not None:
        long_usd = (1.0 - cached) * prices.long_input_usd_per_mtok
        long_usd += cached * prices.long_cached_input_usd_per_mtok
        usd[UsageColumn.LONG_INPUT_TOKENS] = factor * long_usd - usd[UsageColumn.INPUT_TOKENS]
        usd[UsageColumn.LONG_OUTPUT_TOKENS] = (
            factor * prices.long_output_usd_per_mtok - usd[UsageColumn.OUTPUT_TOKENS]
        )
    return usd


def weighted_tokens(usage: Floats, output_weight: float) -> Floats:
    """Tokens as provisioned units count them, from float64[…, UsageColumn]."""
    weighted: Floats = (
        usage[..., UsageColumn.INPUT_TOKENS] + output_weight * usage[..., UsageColumn.OUTPUT_TOKENS]
    )
    return weighted


def carried_share(asked_tokens: Floats, units: float, tpm_per_unit: float, lengths_s: Floats) -> Floats:
    """Share of the tokens of each time bucket that provisioned units carry; all where nobody asks.

    Parameters
    ----------
    asked_tokens : float64[bucket], as the units count them, of all streams
    lengths_s : float64[bucket]
    """
    room = units * tpm_per_unit / _SECONDS_PER_MINUTE * lengths_s
    share: Floats = np.divide(
        np.minimum(asked_tokens, room),
        asked_tokens,
        out=np.ones(asked_tokens.shape),
        where=asked_tokens > 0.0,
    )
    return share
