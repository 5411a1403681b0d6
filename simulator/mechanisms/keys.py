"""Random-number keys made from names, so that an unused or reordered component changes nobody's luck."""

import hashlib

import numpy as np


def name_key(*parts: str | int) -> np.uint64:
    """64-bit key of a tuple of names and numbers (BLAKE2b, so the same in every process)."""
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(str(part).encode())
        digest.update(b"\0")
    return np.uint64(int.from_bytes(digest.digest(), "little"))
