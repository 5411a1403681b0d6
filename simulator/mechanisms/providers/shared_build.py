"""From quotas that models share to the limits that the kernel keeps: one for all, and a part for each who draws on it."""

from collections.abc import Mapping, Sequence

from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.providers.limit_rules import RequestRule
from simulator.mechanisms.providers.limits_build import charges_of, limits_in, window_of
from simulator.mechanisms.providers.shared_quotas import SharedQuota
from simulator.mechanisms.targets import TargetList

_REST = ""


class SharedLimits:
    """The shared limits of a scenario, made when the first model that draws on them is built."""

    def __init__(
        self,
        quotas: Mapping[str, SharedQuota],
        askers: Sequence[tuple[str, str]],
        targets: TargetList,
    ) -> None:
        """Number who draws on what.

        Parameters
        ----------
        askers : workload and tenant of each stream
        """
        self._quotas = quotas
        self._targets = targets
        self._drawers: list[tuple[str, ...]] = []  # [number] name by quota
        self.drawer_of_stream: list[int] = []
        for workload, tenant in askers:
            names = tuple(quota.drawer(workload, tenant) for quota in quotas.values())
            if names not in self._drawers:
                self._drawers.append(names)
            self.drawer_of_stream.append(self._drawers.index(names))
        self.blocks: dict[tuple[str, str], tuple[int, int]] = {}  # (quota, region) → first limit, number
        self._state: dict[tuple[str, str, str], int] = {}  # (quota, region, key) → limit

    def rows(self, model: Model, region: str) -> list[dict[str, float]]:
        """Fields of LIMIT for a deployment that draws on shared limits: what it is charged, and what of."""
        found = []
        for place, (name, quota) in enumerate(self._quotas.items()):
            if model.model_name not in quota.models:
                continue
            where = region if quota.scope == "region" else ""
            if (name, where) not in self.blocks:
                self._add(name, quota, place, where)
            for key, per_minute, rule in limits_in(quota, region):
                state = {"state": self._state[name, where, key]}
                found.append(window_of(per_minute, rule) | charges_of(rule, model) | state)
        return found

    def _add(self, name: str, quota: SharedQuota, place: int, where: str) -> None:
        """Add every limit of a quota, and the parts of each."""
        first = len(self._targets.limits)
        for key, per_minute, rule in limits_in(quota, where):
            state = self._targets.add_shared([window_of(per_minute, rule)])
            self._state[name, where, key] = state
            if quota.reserved:
                first_part = self._add_parts(quota, place, per_minute, rule)
                self._targets.limits[state] |= {"first_part": first_part, "lends_below": quota.borrow_below}
        self.blocks[name, where] = first, len(self._targets.limits) - first

    def _add_parts(self, quota: SharedQuota, place: int, per_minute: float, rule: RequestRule) -> int:
        """Add a part for each share, and for each drawer's number a limit that points to it."""
        shares = {**quota.reserved, _REST: quota.rest}
        windows = [window_of(share * per_minute, rule) for share in shares.values()]
        first = self._targets.add_shared(windows)
        numbers = {name: first + number for number, name in enumerate(shares)}
        return self._targets.add_shared([{"state": numbers[names[place]]} for names in self._drawers])
