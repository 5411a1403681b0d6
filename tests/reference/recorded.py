"""A recorded request log as the reference replays it: row after row, from a row that the stream's key picks."""

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

from simulator.mechanisms.traffic.config import TokenTrace, Workload
from simulator.mechanisms.traffic.trace import load_trace
from tests.reference import draws


class Recording:
    """The trace of a workload in one region."""

    def __init__(self, workload: Workload, stream_key: int, base_dir: Path) -> None:
        assert workload.trace is not None
        assert workload.trace.says_when
        self.trace = workload.trace
        self.scales = [
            tokens.scale if isinstance(tokens, TokenTrace) else 1.0
            for tokens in (workload.prompt_tokens, workload.output_tokens)
        ]
        gap = load_trace(workload.trace, base_dir).gap  # read and spread there, which has tests of its own
        assert gap is not None
        self.gaps = gap
        is_csv = ".csv" in workload.trace.file
        opened = gzip.open if workload.trace.file.endswith(".gz") else open
        with opened(base_dir / workload.trace.file, "rt") as lines:
            rows = csv.DictReader(lines) if is_csv else map(json.loads, lines)
            self.rows: list[dict[str, Any]] = list(rows)
        self.sessions: list[list[dict[str, Any]]] = [[row] for row in self.rows]
        if workload.trace.session is not None:
            by_name: dict[Any, list[dict[str, Any]]] = {}
            for row in self.rows:
                by_name.setdefault(row[workload.trace.session], []).append(row)
            self.sessions = list(by_name.values())
        u = draws.uniform(draws.derive(stream_key, 2**63)) if workload.trace.rotate else 0.0
        self.first = int(u * len(self.sessions))

    def gap(self, number: int) -> float:
        """Gap before an arrival, over the mean."""
        return float(self.gaps[(self.first + number) % len(self.sessions)])

    def calls(self, number: int) -> int:
        """Calls of a session."""
        return len(self.sessions[(self.first + number) % len(self.sessions)])

    def pause_s(self, number: int, turn: int) -> float:
        """From the recorded end of the call before to the call, never negative."""
        unit_s = {"s": 1.0, "ms": 1e-3}[self.trace.time_unit]
        assert self.trace.time is not None
        now, before = (float(self._row(number, call)[self.trace.time]) for call in (turn, turn - 1))
        took = float(self._row(number, turn - 1)[self.trace.latency]) if self.trace.latency else 0.0
        return max(0.0, (now - before - took) * unit_s)

    def begins_afresh(self, number: int, turn: int) -> bool:
        """Whether a call's prompt is no longer than the one before."""
        if self.trace.session is None or turn == 0:
            return False
        return self._recorded(number, turn)[0] <= self._recorded(number, turn - 1)[0]

    def lengths(self, number: int, turn: int = 0) -> tuple[int, int]:
        """Tokens that a call adds to what was said, and of its output."""
        recorded = self._recorded(number, turn)
        if self.trace.session is not None and turn > 0 and not self.begins_afresh(number, turn):
            recorded = max(1, recorded[0] - sum(self._recorded(number, turn - 1))), recorded[1]
        prompt, output = (max(1, int(n * by + 0.5)) for n, by in zip(recorded, self.scales, strict=True))
        return prompt, output

    def _recorded(self, number: int, turn: int) -> tuple[int, int]:
        row = self._row(number, turn)
        assert self.trace.prompt_tokens is not None
        assert self.trace.output_tokens is not None
        return max(1, int(row[self.trace.prompt_tokens])), max(1, int(row[self.trace.output_tokens]))

    def units(self, number: int, prompt_tokens: int) -> list[tuple[Any, int]]:
        """Blocks of the prompt that others may have: id and full blocks of the KV cache."""
        if self.trace.hash_ids is None:
            return []
        ids = self._row(number)[self.trace.hash_ids]
        begins = np.arange(len(ids)) * self.trace.block_tokens
        tokens = np.clip(prompt_tokens - begins, 0, self.trace.block_tokens)
        return [(("block", id_), int(n) // 16) for id_, n in zip(ids, tokens, strict=True) if n >= 16]

    def _row(self, number: int, turn: int = 0) -> dict[str, Any]:
        return self.sessions[(self.first + number) % len(self.sessions)][turn if self.trace.session else 0]
