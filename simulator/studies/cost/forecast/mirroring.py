"""What copies of mirrored traffic add to the bill of a stage in which a release reaches its users.

A canary with `set_mirror_route` is rehearsed at the stage's demand, with its capacity, once for every seed of the
forecast, as `rollout canary` does with the release as it is described. What its copies used is paid once, in the first
month of the stage: the same lines of tokens, calls and egress, in categories of their own, all of it unused.
"""

from collections.abc import Sequence

import numpy as np

from simulator.economics.categories import BY_USE, TOKEN_CATEGORIES, Category, Line
from simulator.economics.costs import costs
from simulator.economics.price_book import PriceBook
from simulator.economics.span import Span
from simulator.results.run_result import RunResult


def with_copies(span: Span, rehearsals: Sequence[RunResult], book: PriceBook) -> Span:
    """A span with what the copies of a rehearsed canary cost, spread evenly over its hours.

    Parameters
    ----------
    rehearsals : with the seeds of the span, in their order; streams as they are, with the new version, copied to it
    """
    paid = [costs(result, book) for result in rehearsals]
    places = [place for place, line in enumerate(paid[0].lines) if line.category in BY_USE]
    copied = slice(2 * len(span.streams), None)
    added = np.stack([of.cost_usd.sum(axis=0)[copied][:, places] for of in paid])  # [seed, stream, line]
    hourly = np.broadcast_to(added.mean(axis=0) / span.time.hours, (len(span.hourly_usd), *added.shape[1:]))
    return span.with_lines(
        (*span.lines, *(_of_copies(paid[0].lines[place]) for place in places)),
        np.concatenate([span.accounts.cost_usd, added], axis=2),
        np.concatenate([span.accounts.wasted_usd, added], axis=2),
        np.concatenate([span.hourly_usd, hourly], axis=2),
    )


def _of_copies(line: Line) -> Line:
    is_token = line.category in TOKEN_CATEGORIES
    return line._replace(category=Category.MIRRORED_TOKENS if is_token else Category.MIRRORED_CALLS)
