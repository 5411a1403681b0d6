"""How much load do retries add? Attempts that fail independently of one another and of the load.

Source: Beyer and others (editors), Site Reliability Engineering, 2016, chapters 21 and 22.
"""


def attempts_per_request(error_rate: float, n_retries: int) -> float:
    """Mean attempts per request, the first included: 1 + e + e² + ... + e^n at an error rate e per attempt.

    Parameters
    ----------
    error_rate : share of attempts that fail and may be retried, 0 to 1
    n_retries : at most so many after the first attempt
    """
    return sum(error_rate**retry for retry in range(n_retries + 1))


def failed_share(error_rate: float, n_retries: int) -> float:
    """Share of requests whose every attempt fails: e^(n + 1)."""
    return error_rate ** (n_retries + 1)


def layered_attempts_per_request(error_rate: float, n_retries: int, n_layers: int) -> float:
    """Mean attempts at the bottom per request at the top, where each of several layers retries the one below.

    A layer sees the failures that the layers below it could not mend: attempts multiply, while the share that
    fails shrinks from e at the bottom to e^((n + 1)^layers) at the top.

    Parameters
    ----------
    error_rate : of attempts at the bottom, 0 to 1
    n_retries : of each layer
    n_layers : that retry, one above the other
    """
    attempts = 1.0
    for _ in range(n_layers):
        attempts *= attempts_per_request(error_rate, n_retries)
        error_rate = failed_share(error_rate, n_retries)
    return attempts


def budgeted_attempts_per_request(error_rate: float, n_retries: int, retry_budget: float) -> float:
    """Mean attempts per request where retries are at most `retry_budget` times the requests."""
    return min(attempts_per_request(error_rate, n_retries), 1.0 + retry_budget)
