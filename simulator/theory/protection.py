"""What breakers, ejection and second tries come to, where tries fail independently of one another and of the load.

The formulas are renewal arguments: each ejection, and each opening of a breaker, starts a new cycle.
"""

import math


def tries_until_failures(error_rate: float, n_in_a_row: int) -> float:
    """Mean number of tries until `n_in_a_row` have failed in a row: (1 − eᵏ) / (eᵏ (1 − e)), k at e = 1.

    Source: Feller, An Introduction to Probability Theory and Its Applications, volume 1, XIII.7.
    """
    if error_rate == 1.0:
        return float(n_in_a_row)
    all_fail = error_rate**n_in_a_row
    return (1.0 - all_fail) / (all_fail * (1.0 - error_rate))


def ejected_share(rate_per_s: float, error_rate: float, n_in_a_row: int, ejection_s: float) -> float:
    """Share of time that a target is ejected which is tried by a Poisson stream and answers at once.

    Ejection number m in a row lasts m · `ejection_s`; a success in between restarts the count, so that m is
    geometric with mean 1 / (1 − eᵏ).

    Parameters
    ----------
    rate_per_s : of tries while it is not ejected
    error_rate : of tries, below 1
    n_in_a_row : failures that eject
    ejection_s : the first ejection
    """
    mean_ejection_s = ejection_s / (1.0 - error_rate**n_in_a_row)
    between_s = tries_until_failures(error_rate, n_in_a_row) / rate_per_s
    return mean_ejection_s / (mean_ejection_s + between_s)


def breaker_held_share(rate_per_s: float, error_rate: float, cooldown_s: float) -> float:
    """Share of tries held back by a breaker that opens at the first failure and asks one probe, under a Poisson stream.

    Closed, it lets 1 / e tries pass, the last of which fails. Then it is open for a cooldown as often as probes fail
    in a row, 1 / (1 − e) times, each followed by a probe.
    """
    n_open = 1.0 / (1.0 - error_rate)
    n_held = rate_per_s * cooldown_s * n_open
    n_sent = 1.0 / error_rate + n_open
    return n_held / (n_held + n_sent)


def hedged_mean_s(mean_s: float, hedge_after_s: float) -> float:
    """Mean latency of the first of two exponential tries, the second one made `hedge_after_s` after the first.

    P(T > t) is exp(−t/m) until the second try and exp(−t/m) · exp(−(t − d)/m) after it; its integral is
    m (1 − exp(−d/m)) + m/2 · exp(−d/m).
    """
    late_share = math.exp(-hedge_after_s / mean_s)
    return mean_s * (1.0 - late_share) + mean_s / 2.0 * late_share
