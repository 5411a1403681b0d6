"""The three models in cimba's modeling language.

A request is a process. Spawning one for each request is the plain way, but cimba keeps the memory of spawned
models until the trial ends; a fixed crew of processes that take arrival times from a store is faster
(measured here: twice as fast on ``tiers``), so that is what competes. The crews are larger than the number of
requests ever under way; the peer checks ``peak_busy`` in every run.
"""

import cimba as cb

TIMED_OUT = 7  # the signal of our deadline timer; any positive number will do
TIERS_CREW = 250  # processes; 130 were busy at most in 6 million requests
STREAM_CREW = 400  # processes per stream; 292 were busy at most in 10 million requests


class MM8Model(cb.Model):
    """Eight server processes behind a store of arrival times."""

    gap_mean_s: cb.Param[float]
    service_mean_s: cb.Param[float]
    queue: cb.Store[float]
    completed: cb.Output[int] = 0
    failed: cb.Output[int] = 0
    latency_sum_s: cb.Output[float] = 0.0

    @cb.process
    def arrivals(self):
        while True:
            cb.hold(cb.random.exponential(self.gap_mean_s))
            self.queue.put(cb.now())

    @cb.process(copies=8)
    def server(self):
        while True:
            arrived_s = self.queue.get()
            cb.hold(cb.random.exponential(self.service_mean_s))
            self.completed += 1
            self.latency_sum_s += cb.now() - arrived_s


class Servers(cb.Model):
    """Identical servers with a FIFO queue, and how many jobs are waiting or in service."""

    units: cb.Resource
    service_mean_s: cb.Param[float]
    in_system: int = 0

    def __init__(self, n_servers: int, service_mean_s: float):
        self.units = cb.Resource(capacity=n_servers)
        self.service_mean_s = service_mean_s

    @cb.function
    def serve(self) -> bool:
        """Queue and be served; a timer of the calling process may cut either short."""
        self.in_system += 1
        signal = self.units.acquire()
        if signal == 0:
            signal = cb.hold(cb.random.exponential(self.service_mean_s))
            self.units.release()
        self.in_system -= 1
        return signal == 0


class TiersModel(cb.Model):
    """Two tiers in a row, a call with timeout and three tries to each."""

    gap_mean_s: cb.Param[float]
    timeout_s: cb.Param[float]
    first_backoff_s: cb.Param[float]
    second_backoff_s: cb.Param[float]
    web: Servers
    db: Servers
    inbox: cb.Store[float]
    busy: int = 0
    peak_busy: cb.Output[int] = 0
    completed: cb.Output[int] = 0
    failed: cb.Output[int] = 0
    latency_sum_s: cb.Output[float] = 0.0

    @cb.function
    def attempt(self, tier: Servers) -> bool:
        me = cb.this_process()
        me.timer_set(self.timeout_s, TIMED_OUT)
        if not tier.serve():
            return False
        me.timers_clear()
        return True

    @cb.function
    def call(self, tier: Servers) -> bool:
        if self.attempt(tier):
            return True
        cb.hold(self.first_backoff_s)
        if self.attempt(tier):
            return True
        cb.hold(self.second_backoff_s)
        return self.attempt(tier)

    @cb.process
    def arrivals(self):
        while True:
            cb.hold(cb.random.exponential(self.gap_mean_s))
            self.inbox.put(cb.now())

    @cb.process(copies=TIERS_CREW)
    def request(self):
        while True:
            arrived_s = self.inbox.get()
            self.busy += 1
            self.peak_busy = max(self.peak_busy, self.busy)
            if self.call(self.web) and self.call(self.db):
                self.completed += 1
                self.latency_sum_s += cb.now() - arrived_s
            else:
                self.failed += 1
            self.busy -= 1


class Stream(cb.Model):
    """The requests of one workload in one region."""

    root: cb.Ref["PipelineModel"]
    gap_mean_s: cb.Param[float]
    timeout_s: cb.Param[float]
    near_first_pool: cb.Param[int]
    far_first_pool: cb.Param[int]
    inbox: cb.Store[float]
    busy: int = 0
    peak_busy: cb.Output[int] = 0
    completed: cb.Output[int] = 0
    failed: cb.Output[int] = 0
    latency_sum_s: cb.Output[float] = 0.0

    @cb.function
    def attempt(self, first_pool: int, way_s: float) -> bool:
        me = cb.this_process()
        me.timer_set(self.timeout_s, TIMED_OUT)
        pool = self.root.pools[self.root.less_loaded(first_pool)]
        if cb.hold(way_s) != 0 or not pool.serve() or cb.hold(way_s) != 0:
            return False
        me.timers_clear()
        return True

    @cb.function
    def call(self) -> bool:
        if self.attempt(self.near_first_pool, self.root.near_s):
            return True
        cb.hold(self.root.first_backoff_s)
        if self.attempt(self.near_first_pool, self.root.near_s):
            return True
        cb.hold(self.root.second_backoff_s)
        return self.attempt(self.far_first_pool, self.root.far_s)

    @cb.process
    def arrivals(self):
        while True:
            cb.hold(cb.random.exponential(self.gap_mean_s))
            self.inbox.put(cb.now())

    @cb.process(copies=STREAM_CREW)
    def request(self):
        while True:
            arrived_s = self.inbox.get()
            self.busy += 1
            self.peak_busy = max(self.peak_busy, self.busy)
            cb.hold(self.root.cache_s)
            if cb.random.bernoulli(self.root.hit_probability) or self.call():
                self.completed += 1
                self.latency_sum_s += cb.now() - arrived_s
            else:
                self.failed += 1
            self.busy -= 1


class PipelineModel(cb.Model):
    """Pools of all regions in one list, and a stream per region and workload."""

    cache_s: cb.Param[float]
    hit_probability: cb.Param[float]
    n_pools: cb.Param[int]
    near_s: cb.Param[float]
    far_s: cb.Param[float]
    first_backoff_s: cb.Param[float]
    second_backoff_s: cb.Param[float]
    pools: list[Servers]
    streams: list[Stream]
    peak_busy: cb.Output[int] = 0
    completed: cb.Output[int] = 0
    failed: cb.Output[int] = 0
    latency_sum_s: cb.Output[float] = 0.0

    @cb.function
    def less_loaded(self, first_pool: int) -> int:
        """The less loaded of two pools drawn with replacement, the first one on a tie."""
        one = first_pool + int(cb.random.uniform() * self.n_pools)
        other = first_pool + int(cb.random.uniform() * self.n_pools)
        return other if self.pools[other].in_system < self.pools[one].in_system else one

    @cb.on_end
    def add_up(self):
        for stream_id in range(len(self.streams)):  # compiled code cannot iterate over a list of models
            stream = self.streams[stream_id]
            self.completed += stream.completed
            self.failed += stream.failed
            self.latency_sum_s += stream.latency_sum_s
            self.peak_busy = max(self.peak_busy, stream.peak_busy)
