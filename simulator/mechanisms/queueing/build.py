"""From services to targets and stations."""

import math
from collections.abc import Callable, Sequence

from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.distribution_means import mean_of
from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.distributions import Constant
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.station import UNLIMITED
from simulator.mechanisms.targets import TargetList, bucket
from simulator.numerics.events import NONE


def build_service(
    service: Service,
    regions: Sequence[str],
    table: DistributionTable,
    lane_of: Callable[[float], int],
    targets: TargetList,
) -> int:
    """Add a service and its stations; returns its target number."""
    target = targets.add_target(
        TargetKind.SERVICE,
        service_distribution=table.add(service.service_time),
        service_lane=lane_of(service.service_time.value)
        if isinstance(service.service_time, Constant)
        else NONE,
        patience_distribution=NONE if service.patience is None else table.add(service.patience),
        error_rate=service.error_rate,
        context_tokens=service.context_tokens,
        mean_s=mean_of(service.service_time),
        queue_wait_limit_s=math.inf if service.max_queue_wait is None else service.max_queue_wait,
        has_rules=int(service.success_rate is not None),
        ignores_cancel=int(not service.cancellation),
    )
    queue_limit = UNLIMITED if service.max_queued_requests is None else service.max_queued_requests
    batch_limit = (
        UNLIMITED if queue_limit == UNLIMITED else math.floor(queue_limit * service.batch_queue_share + 1e-9)
    )
    for region_id, region in enumerate(regions):
        replicas = replicas_in(service, region)
        if replicas is None:
            continue
        limits = {}
        if service.rate_limit is not None:
            depth = float(service.burst) if service.burst is not None else max(1.0, service.rate_limit * 60.0)
            limits = bucket(service.rate_limit, depth, "request")
        targets.add_station(
            target,
            region_id,
            servers=servers_of(service, replicas),
            queue_limit=queue_limit,
            batch_queue_limit=batch_limit,
            **limits,
        )
    return target


def replicas_in(service: Service, region: str) -> int | None:
    """Replicas of a service in a region, or None where it does not run."""
    if service.regions is not None and region not in service.regions:
        return None
    if isinstance(service.replicas, dict):
        return service.replicas.get(region)
    return service.replicas


def servers_of(service: Service, replicas: int) -> int:
    """Requests that `replicas` replicas serve at once."""
    if service.max_ongoing_requests is None:
        return UNLIMITED if replicas > 0 else 0
    return replicas * service.max_ongoing_requests
