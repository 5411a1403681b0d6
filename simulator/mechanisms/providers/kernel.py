"""What a hosted model has streamed, and so billed, when its answer is cut off."""

from simulator.numerics.events import INSTANT_S
from simulator.numerics.jit import jit


@jit
def tokens_streamed(now_s, first_token_s, tpot_s, output_tokens):
    """Output tokens produced by `now_s` when the first came at `first_token_s`."""
    if now_s < first_token_s - INSTANT_S:
        return 0
    if tpot_s <= 0.0:
        return output_tokens
    return min(output_tokens, 1 + int((now_s - first_token_s + INSTANT_S) / tpot_s))
