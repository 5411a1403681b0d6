"""What the kernel calls of pools, by address: only runs that have pools compile it."""

from simulator.kernel.pools.requests import join_pool, leave_pool, step_replica
from simulator.kernel.world import WORLD
from simulator.numerics.deferred_calls import deferred, record_at_address

_world_at = record_at_address(WORLD)


@deferred
def step_replica_deferred(address, replica_id):
    """A boundary at which the batch of a replica changes."""
    step_replica(_world_at(address), replica_id)
    return 0


@deferred
def join_pool_deferred(address, slot):
    """Take a request in: 1, or refuse it with a result: 0."""
    return 1 if join_pool(_world_at(address), slot) else 0


@deferred
def leave_pool_deferred(address, slot):
    """Break an attempt at a pool off."""
    leave_pool(_world_at(address), slot)
    return 0


# by the field of the world's record that holds the address
POOL_KERNELS = {
    "step_replica": step_replica_deferred,
    "join_pool": join_pool_deferred,
    "leave_pool": leave_pool_deferred,
}
