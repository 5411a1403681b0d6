"""What an autoscaler moves: servers of a service, or replicas of a pool that drain before they go."""

from simulator.control.environment import Environment
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.replicas.codes import ReplicaState
from simulator.mechanisms.replicas.config import PoolAutoscaling


class ServiceDeployment:
    """Replicas of a service in one region; they come and go with their servers."""

    def __init__(self, env: Environment, station: int, service: Service) -> None:
        assert service.autoscaling is not None
        self.station = station
        self.books_itself = False
        self.target = service.autoscaling.target_ongoing_requests
        self._env = env
        self._serving = 0

    def load(self) -> float:
        """Ongoing requests: waiting and served."""
        return self._env.plane.in_system(self.station)

    def change(self, more: int) -> None:
        """Let so many more replicas serve from now on, or fewer; who is served is served to the end."""
        if more == 0 and self._serving > 0:
            return
        self._serving += more
        self._env.effects.set_units(self.station, self._serving)


class PoolDeployment:
    """Replicas of a pool in one region; those taken away end what they run.

    The kernel books replicas that serve or drain, so that only those that start are booked here.
    """

    def __init__(self, env: Environment, station: int, policy: PoolAutoscaling) -> None:
        self.station = station
        self.books_itself = True
        ((self._measure, self.target),) = policy.targets.items()
        self._plane = env.plane
        self._pool = env.effects.pool(station)
        self._seen = (0, 0.0)  # first tokens, and the sum of the times to them, at the last look

    def load(self) -> float:
        """The measure that is aimed at, summed over the replicas."""
        if self._measure == "ongoing_requests":
            return self._plane.in_system(self.station)
        if self._measure == "queued_requests":
            return self._plane.queued(self.station)
        if self._measure == "kv_usage":
            return self._plane.kv_usage(self.station)
        n, total_s = self._plane.first_tokens(self.station)
        n_new, new_s = n - self._seen[0], total_s - self._seen[1]
        self._seen = (n, total_s)
        serving = len(self._in_state(ReplicaState.SERVING))
        if n_new == 0:  # nobody asked, or nobody could be answered
            return self.target * max(serving, 1) if self._plane.in_system(self.station) else 0.0
        return serving * new_s / n_new

    def change(self, more: int) -> None:
        """Start so many replicas, or drain those with the least to do."""
        if more > 0:
            for replica in self._pool.startable()[:more]:
                self._pool.plan(replica, ReplicaState.SERVING)
            return
        for replica in self._pool.stoppable()[:-more]:
            self._pool.plan(replica, ReplicaState.DRAINING)

    def _in_state(self, state: ReplicaState) -> list[int]:
        states = self._plane.replica_states(self.station)
        return [replica for replica, found in states.items() if found == state]
