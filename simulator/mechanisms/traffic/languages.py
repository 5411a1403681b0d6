"""What a scenario says about the languages of users.

A language has its own number of tokens for the same text, its own answers in a cache, and may be answered worse.
"""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from simulator.units import Share, Usd

UNNAMED = ""  # the language of users in a region that names none


class Language(BaseModel):
    """What is different in a language; one of which nothing is said differs in nothing."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    tokenizer: str | None = Field(
        default=None,
        description="Entry of the catalog of languages whose `token_factor` holds, e.g. `o200k_base`.",
    )
    token_factor: float = Field(
        default=1.0,
        gt=0.0,
        le=20.0,
        description="Tokens of a text over those in the language that `prompt_tokens` and `output_tokens` are given for.",
    )
    investment: Usd = Field(
        default=0.0,
        ge=0,
        description="Paid once, as the first stage that is exposed where it is spoken begins: translation, test sets.",
    )
    success_factor: Share = Field(
        default=1.0,
        description="Factor on the share of right answers of every model that has none of its own.",
    )


def spoken_in(languages: Mapping[str, float] | None) -> dict[str, float]:
    """Shares of the languages of a region's users, those that nobody speaks left out."""
    return {name: share for name, share in (languages or {UNNAMED: 1.0}).items() if share > 0.0}
