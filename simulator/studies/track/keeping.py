"""The folder that keeps forecasts and what came: a file for each forecast, never changed, and one for each month."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from simulator.results.store.manifest import canonical_json
from simulator.results.store.stored_run import StoreError
from simulator.results.store.whole_file import write_whole
from simulator.studies.record import Record
from simulator.studies.track.records import Came, KeptForecast

_FORECASTS, _CAME = "forecasts", "came"
RecordT = TypeVar("RecordT", bound=Record)


class ForecastFolder:
    """Forecasts and months of one rollout.

    Parameters
    ----------
    folder : made when something is kept
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def forecasts(self) -> list[KeptForecast]:
        """All that were kept, oldest first.

        Raises
        ------
        StoreError
            If a file cannot be read.
        """
        return sorted(_read(self.folder / _FORECASTS, KeptForecast), key=lambda one: one.made)

    def came(self, workload: str | None) -> dict[str, Came]:
        """What came in each month.

        Parameters
        ----------
        workload : that the logs were of

        Raises
        ------
        StoreError
            If a file cannot be read.
        """
        return {one.month: one for one in _read(self.folder / _CAME, Came) if one.workload == workload}

    def keep(self, forecast: KeptForecast) -> None:
        """Keep a forecast, unless the last one is of the same scenario and capacity."""
        before = self.forecasts()
        if before and _same(before[-1], forecast):
            return
        name = f"{forecast.made:%Y-%m-%dT%H%M%S}-{forecast.scenario_hash[:12]}.json"
        _write(self.folder / _FORECASTS / name, forecast)

    def keep_came(self, came: Came) -> None:
        """Keep what came in a month, in place of what was kept of it."""
        of = "" if came.workload is None else f"-{came.workload}"
        _write(self.folder / _CAME / f"{came.month}{of}.json", came)


def _same(one: KeptForecast, other: KeptForecast) -> bool:
    return (one.scenario_hash, one.capacity_from, one.engine_version) == (
        other.scenario_hash,
        other.capacity_from,
        other.engine_version,
    )


def _read(folder: Path, kind: type[RecordT]) -> Iterator[RecordT]:
    for path in sorted(folder.glob("*.json")):
        try:
            kept = json.loads(path.read_bytes())
            if kept["checksum"] != _checksum(kept["record"]):
                raise KeyError
            yield kind.model_validate_json(json.dumps(kept["record"]))
        except OSError as error:
            raise StoreError(f"cannot read {path}: {error.strerror or error}") from error
        except (ValueError, KeyError, TypeError, RecursionError):
            raise StoreError(f"{path} is damaged, or of another version: take it out of the folder") from None


def _checksum(record: object) -> str:
    return hashlib.sha256(canonical_json(record).encode()).hexdigest()


def _write(path: Path, record: Record) -> None:
    """Write a file whole or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        found = json.loads(record.to_json())
        kept = {"checksum": _checksum(found), "record": found}
        write_whole(path, json.dumps(kept, ensure_ascii=False))
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error
