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
        assert workload.trace.replay == "arrivals"
        self.trace = workload.trace
        self.scales = [
            tokens.scale if isinstance(tokens, TokenTrace) else 1.0
            for tokens in (workload.prompt_tokens, workload.output_tokens)
        ]
        gap = load_trace(workload.trace, base_dir).gap  # read and spread there, which has tests of its own
        assert gap is not None
        self.gaps = gap
        is_csv = ".csv" in workload.trace.file
        with gzip.open(base_dir / workload.trace.file, "rt") as lines:
            rows = csv.DictReader(lines) if is_csv else map(json.loads, lines)
            self.rows: list[dict[str, Any]] = list(rows)
        u = draws.uniform(draws.derive(stream_key, 2**63)) if workload.trace.rotate else 0.0
        self.first = int(u * len(self.rows))

    def gap(self, number: int) -> float:
        """Gap before an arrival, over the mean."""
        return float(self.gaps[(self.first + number) % len(self.rows)])

    def lengths(self, number: int) -> tuple[int, int]:
        """Prompt and output tokens of an arrival."""
        row = self._row(number)
        assert self.trace.prompt_tokens is not None
        assert self.trace.output_tokens is not None
        recorded = max(1, int(row[self.trace.prompt_tokens])), max(1, int(row[self.trace.output_tokens]))
        prompt, output = (max(1, int(n * by + 0.5)) for n, by in zip(recorded, self.scales, strict=True))
        return prompt, output

    def units(self, number: int, prompt_tokens: int) -> list[tuple[Any, int]]:
        """Blocks of the prompt that others may have: id and full blocks of the KV cache."""
        if self.trace.hash_ids is None:
            return []
        ids = self._row(number)[self.trace.hash_ids]
        begins = np.arange(len(ids)) * self.trace.block_tokens
        tokens = np.clip(prompt_tokens - begins, 0, self.trace.block_tokens)
        return [(("block", id_), int(n) // 16) for id_, n in zip(ids, tokens, strict=True) if n >= 16]

    def _row(self, number: int) -> dict[str, Any]:
        return self.rows[(self.first + number) % len(self.rows)]
