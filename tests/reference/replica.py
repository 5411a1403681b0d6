"""One replica of a pool, iteration by iteration: lists of sequences, a block at a time, nothing clever.

At a boundary call `end_iteration` (tokens are there), then `begin_iteration` (who takes part in the next, and how long
it takes). In between, sequences `join` or are aborted.
"""

import math
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np

from simulator.mechanisms.replicas.profile import Profile

BLOCK = 16


@dataclass(eq=False)
class Sequence:
    """A request at a replica."""

    prompt: int
    output: int
    priority: int = 0
    chain: Hashable = None  # of its conversation
    reusable: int = 0  # leading tokens that the turn before may have left
    turn: int = 0
    generated: int = 0
    computed: int = 0  # tokens in the cache
    chunk: int = 0  # of them, those of the iteration under way
    is_decoding: bool = False  # only its newest token is not in the cache
    is_aborted: bool = False
    busy_s: float = 0.0
    admit_s: float = math.inf  # first time
    first_token_s: float = math.inf
    finish_s: float = math.inf
    n_preemptions: int = 0
    hit_tokens: int = 0

    @property
    def total(self) -> int:
        """Tokens that must be in the cache before the next one comes out."""
        return self.prompt + self.generated


def blocks(n_tokens: int) -> int:
    """Blocks that hold so many tokens."""
    return -(-n_tokens // BLOCK)


@dataclass
class Replica:
    """A batch, its queue, and its KV cache."""

    profile: Profile
    max_num_seqs: int
    max_num_batched_tokens: int
    n_blocks: int
    keeps_prefixes: bool
    waiting: list[list[Sequence]] = field(default_factory=lambda: [[], []])
    running: list[Sequence] = field(default_factory=list)  # in order of admission
    kept: OrderedDict[tuple[Hashable, int], int] = field(default_factory=OrderedDict)  # block → turn
    n_iterations: int = 0
    n_preemptions: int = 0
    decode_s: float = 0.0  # of the iteration under way
    step_s: float = 0.0

    @property
    def outstanding(self) -> int:
        """Who waits and who runs, those aborted included until they are gone."""
        return len(self.running) + len(self.waiting[0]) + len(self.waiting[1])

    def join(self, sequence: Sequence) -> None:
        """Stand in line."""
        self.waiting[sequence.priority].append(sequence)

    # ------------------------------------------------------------------------------------------------ an iteration

    def end_iteration(self, now_s: float) -> list[Sequence]:
        """What was worked on is there; returns who has finished."""
        prefill = sum(sequence.chunk for sequence in self.running if not sequence.is_decoding)
        n_decodes = sum(sequence.is_decoding for sequence in self.running)
        for sequence in self.running:
            if sequence.is_decoding:
                sequence.busy_s += self.decode_s / n_decodes
            elif sequence.chunk > 0:
                sequence.busy_s += (self.step_s - self.decode_s) * sequence.chunk / prefill
        for sequence in self.running:
            sequence.computed += sequence.chunk
            is_new_token = sequence.chunk > 0 and sequence.computed == sequence.total
            sequence.chunk = 0
            if is_new_token:
                sequence.generated += 1
                sequence.is_decoding = True
                sequence.first_token_s = min(sequence.first_token_s, now_s)
        self.n_iterations += 1
        for sequence in [sequence for sequence in self.running if sequence.is_aborted]:
            self._leave(sequence)
        finished = [sequence for sequence in self.running if sequence.generated == sequence.output]
        for sequence in finished:
            sequence.finish_s = now_s
            self._leave(sequence)
        return finished

    def begin_iteration(self, now_s: float) -> float | None:
        """Preempt, decode, go on with a prompt, admit; the seconds until the next boundary, None if idle."""
        is_preempting = False
        while self._used_after(self._planned()) > self.n_blocks:
            is_preempting = True
            self._preempt()
        for sequence, chunk in self._planned():
            sequence.chunk = chunk
        self._evict()
        if not is_preempting:
            self._admit(now_s)
        if not any(sequence.chunk for sequence in self.running):
            return None
        decodes = [sequence for sequence in self.running if sequence.is_decoding]
        prompts = [sequence for sequence in self.running if sequence.chunk > 0 and not sequence.is_decoding]
        context = float(np.mean([sequence.computed + 1 for sequence in decodes])) if decodes else 0.0
        prefill = sum(sequence.chunk for sequence in prompts)
        pairs = sum(sequence.chunk * (sequence.computed + sequence.chunk / 2) for sequence in prompts)
        self.decode_s = self.profile.step_time_s(0, len(decodes), context) if decodes else 0.0
        self.step_s = self.profile.step_time_s(prefill, len(decodes), context)
        self.step_s += self.profile.prefill_attention_s * pairs
        return self.step_s

    def _planned(self) -> list[tuple[Sequence, int]]:
        """What those who run do next: decode a token each, then go on with a prompt as far as the budget goes."""
        decodes = [(sequence, 1) for sequence in self.running if sequence.is_decoding]
        left = self.max_num_batched_tokens - len(decodes)
        prompts = []
        for sequence in self.running:
            if not sequence.is_decoding:
                chunk = min(sequence.total - sequence.computed, left)
                prompts.append((sequence, chunk))
                left -= chunk
        return decodes + prompts

    def _used_after(self, planned: list[tuple[Sequence, int]]) -> int:
        return sum(blocks(sequence.computed + chunk) for sequence, chunk in planned)

    def _used(self) -> int:
        return self._used_after([(sequence, sequence.chunk) for sequence in self.running])

    def _preempt(self) -> None:
        """Send the last admitted of the lowest priority back."""
        lowest = max(sequence.priority for sequence in self.running)
        sequence = [sequence for sequence in self.running if sequence.priority == lowest][-1]
        self._leave(sequence)
        sequence.computed = 0
        sequence.is_decoding = False
        sequence.n_preemptions += 1
        self.n_preemptions += 1
        self.waiting[sequence.priority].insert(0, sequence)

    def _admit(self, now_s: float) -> None:
        while len(self.running) < self.max_num_seqs:
            left = self.max_num_batched_tokens - sum(sequence.chunk for sequence in self.running)
            line = self.waiting[0] or self.waiting[1]
            if left <= 0 or not line:
                return
            sequence = line[0]
            hit = self.cached_tokens(sequence)
            chunk = min(sequence.total - hit, left)
            if self._used() + blocks(hit + chunk) > self.n_blocks:
                return
            if hit > 0:
                self._forget(sequence.chain)
            line.pop(0)
            sequence.computed = hit
            sequence.hit_tokens += hit
            sequence.chunk = chunk
            sequence.admit_s = min(sequence.admit_s, now_s)
            self.running.append(sequence)
            self._evict()

    # ------------------------------------------------------------------------------------------------ the KV cache

    def _leave(self, sequence: Sequence) -> None:
        """Give up the blocks; full ones are kept, the last one is the first to be evicted."""
        self.running.remove(sequence)
        if self.keeps_prefixes:
            self._forget(sequence.chain)
            for number in reversed(range(sequence.computed // BLOCK)):
                self.kept[sequence.chain, number] = sequence.turn

    def _forget(self, chain: Hashable) -> None:
        for block in [block for block in self.kept if block[0] == chain]:
            del self.kept[block]

    def _evict(self) -> None:
        while self.kept and self._used() + len(self.kept) > self.n_blocks:
            self.kept.popitem(last=False)

    def cached_tokens(self, sequence: Sequence) -> int:
        """Leading tokens that need not be computed: whole blocks, and never all of them."""
        number = 0
        while (sequence.chain, number) in self.kept:
            number += 1
        if number == 0 or not self.keeps_prefixes:
            return 0
        is_same_turn = self.kept[sequence.chain, 0] == sequence.turn
        repeated = sequence.total if is_same_turn else sequence.reusable
        tokens = min(number * BLOCK, repeated, sequence.total - 1)
        return tokens // BLOCK * BLOCK
