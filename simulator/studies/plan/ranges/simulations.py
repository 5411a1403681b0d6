"""The simulations behind the draws of a plan: what differs in use is simulated once for every stage, in threads.

Stopped at any time, it knows which draws are whole.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial

from simulator.engine import Cancelled, Runner
from simulator.studies.common.input_factors import InputFactors
from simulator.studies.plan.ranges.stage_draws import Drawn, DrawnCapacity, StageDraws, Use, Used

_Key = tuple[str, Use]


class DrawSimulations:
    """Simulates stages of a plan under factors, and remembers.

    Parameters
    ----------
    stages : that are drawn
    runner : whose threads simulate as many stages at the same time
    """

    def __init__(self, stages: Sequence[StageDraws], runner: Runner) -> None:
        self._stages = stages
        self._runner = runner
        self._used: dict[_Key, Used] = {}
        self._needed: dict[_Key, DrawnCapacity] = {}

    def run(self, held: Sequence[InputFactors], searched: Sequence[InputFactors]) -> bool:
        """Simulate every stage with the planned capacity, then plan it again; False: it was interrupted.

        Parameters
        ----------
        held : factors that meet the planned capacity, the most important first
        searched : factors for which capacity is planned again
        """
        tasks = [*self._tasks(held, self._simulate), *self._tasks(searched, self._search)]
        with ThreadPoolExecutor(max_workers=max(1, self._runner.n_threads)) as pool:
            futures = {pool.submit(task): name for name, task in tasks}
            try:
                for n_done, future in enumerate(as_completed(futures), start=1):
                    future.result()
                    self._runner.progress(n_done, len(tasks), f"ranges, {futures[future]}")
            except Cancelled:
                return False
            finally:
                for future in futures:
                    future.cancel()
        return True

    def has_whole(self, factors: InputFactors) -> bool:
        """Whether every stage was simulated with these factors."""
        return all((stage.planned.name, factors.use) in self._used for stage in self._stages)

    def has_planned(self, factors: InputFactors) -> bool:
        """Whether the capacity of every stage was planned again for them."""
        return all((stage.planned.name, factors.use) in self._needed for stage in self._stages)

    def drawn(self, stage: StageDraws, factors: InputFactors) -> Drawn:
        """What factors do to a stage, priced and put on what the plan measured; they must be whole."""
        plain, found = (
            stage.priced(self._used[stage.planned.name, one.use], one) for one in (InputFactors(), factors)
        )
        return stage.carried(plain, found)

    def needed(self, stage: StageDraws, factors: InputFactors) -> DrawnCapacity:
        """The capacity that a stage would ask for; it must have been planned."""
        return self._needed[stage.planned.name, factors.use]

    def _tasks(
        self, factors: Sequence[InputFactors], work: Callable[[StageDraws, InputFactors], None]
    ) -> Iterator[tuple[str, Callable[[], None]]]:
        for one in {factor.use: factor for factor in factors}.values():
            for stage in self._stages:
                yield stage.planned.name, partial(self._unless_cancelled, work, stage, one)

    def _unless_cancelled(
        self, work: Callable[[StageDraws, InputFactors], None], stage: StageDraws, factors: InputFactors
    ) -> None:
        self._runner.raise_if_cancelled()
        work(stage, factors)

    def _simulate(self, stage: StageDraws, factors: InputFactors) -> None:
        self._used[stage.planned.name, factors.use] = stage.simulated(factors)

    def _search(self, stage: StageDraws, factors: InputFactors) -> None:
        self._needed[stage.planned.name, factors.use] = stage.needed(factors)
