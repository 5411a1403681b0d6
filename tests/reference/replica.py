"""One replica of a pool, iteration by iteration: lists of sequences, a block at a time, nothing clever.

At a boundary call `end_iteration` (tokens are there), then `begin_iteration` (who takes part in the next, and how long
it takes). In between, sequences `join` or are aborted.
"""

import math
from collections import OrderedDict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from simulator.mechanisms.replicas.profile import Profile

BLOCK = 16
UNIT = -1  # in the place of a block's number


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
    units: list[tuple[Hashable, int]] = field(
        default_factory=list
    )  # in front, others have them: key and blocks
    n_held: int = 0  # of them, those that it shares

    def unit_blocks(self, n_units: int) -> int:
        """Blocks of the first units."""
        return sum(n_blocks for _, n_blocks in self.units[:n_units])

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
    stalls_decodes: bool = False
    waiting: list[list[Sequence]] = field(default_factory=lambda: [[], []])
    running: list[Sequence] = field(default_factory=list)  # in order of admission
    kept: OrderedDict[tuple[Hashable, int], int] = field(
        default_factory=OrderedDict
    )  # block → turn; unit → blocks
    n_kept: int = 0  # blocks
    first_kept: dict[Hashable, int] = field(default_factory=dict)  # number of a conversation's first block
    held: dict[Hashable, list[Sequence]] = field(default_factory=dict)  # who holds a unit
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
        if self.stalls_decodes:
            self._admit(now_s)
            if any(sequence.chunk for sequence in self.running):
                return self._time_of(decodes=[])
        is_preempting = False
        while self._used_after(self._planned()) > self.n_blocks:
            is_preempting = True
            self._preempt()
        for sequence, chunk in self._planned():
            sequence.chunk = chunk
            if chunk > 0 and not sequence.is_decoding:
                self._share(sequence)
        self._evict()
        if not is_preempting and not self.stalls_decodes:
            self._admit(now_s)
        if not any(sequence.chunk for sequence in self.running):
            return None
        return self._time_of([sequence for sequence in self.running if sequence.is_decoding])

    def _time_of(self, decodes: list[Sequence]) -> float:
        """Seconds of the iteration to come, in which these decode."""
        prompts = [sequence for sequence in self.running if sequence.chunk > 0 and not sequence.is_decoding]
        context = sum(sequence.computed + 1 for sequence in decodes) / len(decodes) if decodes else 0.0
        prefill = sum(sequence.chunk for sequence in prompts)
        pairs = sum(sequence.chunk * (sequence.computed + sequence.chunk / 2) for sequence in prompts)
        self.decode_s = self.profile.step_time_s(0, len(decodes), context) if decodes else 0.0
        self.step_s = self.profile.step_time_s(prefill, len(decodes), context)
        self.step_s += self.profile.prefill_attention_s * pairs
        return self.step_s

    def _planned(self) -> list[tuple[Sequence, int]]:
        """What those who run do next: decode a token each, then go on with a prompt as far as the budget goes."""
        decodes = [(sequence, 1) for sequence in self.running if sequence.is_decoding]
        left = self.max_num_batched_tokens - len(decodes) * self.profile.tokens_per_seq
        prompts = []
        for sequence in self.running:
            if not sequence.is_decoding:
                chunk = min(sequence.total - sequence.computed, left)
                prompts.append((sequence, chunk))
                left -= chunk
        return decodes + prompts

    def _worked_on(self, sequence: Sequence) -> int:
        """Tokens of the iteration to come: those of a prompt, or the one that is decoded and the proposed ones after it."""
        return sequence.chunk * (self.profile.tokens_per_seq if sequence.is_decoding else 1)

    def _used_after(self, planned: list[tuple[Sequence, int]]) -> int:
        own = sum(
            blocks(sequence.computed + chunk) - sequence.unit_blocks(sequence.n_held)
            for sequence, chunk in planned
        )
        return own + self._held_blocks(self.held)

    def _held_blocks(self, keys: Iterable[Hashable]) -> int:
        size = {key: n for users in self.held.values() for key, n in users[0].units}
        return sum(size[key] for key in keys)

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
            left = self.max_num_batched_tokens - sum(self._worked_on(sequence) for sequence in self.running)
            line = self.waiting[0] or self.waiting[1]
            if left <= 0 or not line:
                return
            sequence = line[0]
            units = [key for key, _ in sequence.units[: self._cached_units(sequence)]]
            hit = self.cached_tokens(sequence)
            chunk = min(sequence.total - hit, left)
            if self.stalls_decodes and chunk < sequence.total - hit:
                return
            held_blocks = self._held_blocks([key for key in units if key in self.held])
            if self._used() + blocks(hit + chunk) - held_blocks > self.n_blocks:
                return
            if hit > BLOCK * sequence.unit_blocks(len(units)):
                self._forget(sequence.chain)
            line.pop(0)
            for key in units:
                self._drop((key, UNIT))
                self.held.setdefault(key, []).append(sequence)
            sequence.n_held = len(units)
            sequence.computed = hit
            if sequence.n_preemptions == 0:
                sequence.hit_tokens = hit
            sequence.chunk = chunk
            sequence.admit_s = min(sequence.admit_s, now_s)
            self.running.append(sequence)
            self._share(sequence)
            self._evict()

    # ------------------------------------------------------------------------------------------------ the KV cache

    def _leave(self, sequence: Sequence) -> None:
        """Give up the blocks; full ones are kept, the last one is the first to be evicted."""
        self.running.remove(sequence)
        if self.keeps_prefixes:
            self._forget(sequence.chain)
            first = sequence.unit_blocks(sequence.n_held)
            for number in reversed(range(first, sequence.computed // BLOCK)):
                self._keep((sequence.chain, number), sequence.turn)
            self.first_kept[sequence.chain] = first
            for key, n_blocks in reversed(sequence.units[: sequence.n_held]):
                self.held[key].remove(sequence)
                if not self.held[key]:
                    del self.held[key]
                    self._keep((key, UNIT), n_blocks)
            sequence.n_held = 0

    def _share(self, sequence: Sequence) -> None:
        """Let others find the units that are full with the iteration to come."""
        if not self.keeps_prefixes:
            return
        while sequence.n_held < len(sequence.units):
            key = sequence.units[sequence.n_held][0]
            is_full = BLOCK * sequence.unit_blocks(sequence.n_held + 1) <= sequence.computed + sequence.chunk
            if not is_full or key in self.held or (key, UNIT) in self.kept:
                return
            self.held[key] = [sequence]
            sequence.n_held += 1

    def _forget(self, chain: Hashable) -> None:
        number = self.first_kept.pop(chain, 0)
        while (chain, number) in self.kept:
            self._drop((chain, number))
            number += 1

    def forget_all(self) -> None:
        """The memory is gone."""
        self.kept.clear()
        self.held.clear()
        self.first_kept.clear()
        self.n_kept = 0

    def _keep(self, block: tuple[Hashable, int], value: int) -> None:
        self.kept[block] = value
        self.n_kept += value if block[1] == UNIT else 1

    def _drop(self, block: tuple[Hashable, int]) -> None:
        if block in self.kept:
            value = self.kept.pop(block)
            self.n_kept -= value if block[1] == UNIT else 1

    def _evict(self) -> None:
        used = self._used()
        while self.kept and used + self.n_kept > self.n_blocks:
            self._drop(next(iter(self.kept)))

    def _cached_units(self, sequence: Sequence) -> int:
        number = 0
        for key, _ in sequence.units if self.keeps_prefixes else []:
            if key not in self.held and (key, UNIT) not in self.kept:
                break
            number += 1
        return number

    def cached_tokens(self, sequence: Sequence) -> int:
        """Leading tokens that need not be computed: whole blocks, and never all of them."""
        first = sequence.unit_blocks(self._cached_units(sequence))
        tokens = first * BLOCK
        number = begin = self.first_kept.get(sequence.chain, 0)
        while (sequence.chain, number) in self.kept:
            number += 1
        if begin < number and begin <= first:
            is_same_turn = self.kept[sequence.chain, begin] == sequence.turn
            repeated = sequence.total if is_same_turn else sequence.reusable
            tokens = max(tokens, min(number * BLOCK, repeated))
        return min(tokens, sequence.total - 1) // BLOCK * BLOCK
