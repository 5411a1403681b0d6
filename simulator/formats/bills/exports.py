"""Which exports of costs can be read, and in which of their columns do time, amount, currency and service stand?

Columns are found without regard to case and punctuation, so that the many spellings of one export are one here:
`lineItem/UsageStartDate` and `line_item_usage_start_date`. Published schemas:

- FOCUS 1.0 to 1.3: focus.finops.org
- OpenAI: organization costs; Anthropic: cost report
- Azure: usage and charges file (cost details), its older pay-as-you-go form, and cost analysis of the portal
- AWS: Cost and Usage Report 2.0, and the legacy one
- Google Cloud: standard usage cost table of the BigQuery export
- LiteLLM: table of spend logs
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from simulator.formats.bills.basis import BillBasis

DateOrder = Literal["day first", "month first"]

# Names of services that sell tokens, as they stand in bills.
_MODELS = r"openai|foundry models|bedrock|vertex ai|gemini|generative (?:ai|language)|anthropic|\bclaude\b|mistral|cohere"


@dataclass(frozen=True)
class Export:
    """An export: the columns it is recognised by, and what stands in them; names as `plain_name` gives them.

    Attributes
    ----------
    name : as people call it
    time, end : columns with the time a row bills from and until; None: a day
    amounts : column of each basis; one that is not there gives way to the other
    currency : column; None: US dollars
    service : columns that say what is billed, the one that people know best first; none: only models are
    is_model : which rows bill models, of the columns of `service` that are there; None: all
    kind, left_out : column with the kind of charge, and kinds that are no use of anything
    date_order : of dates like 03/01/2027, where nothing in the file tells
    """

    name: str
    time: str
    end: str | None
    amounts: Mapping[BillBasis, str]
    currency: str | None = None
    service: tuple[str, ...] = ()
    is_model: Callable[[pd.DataFrame], pd.Series] | None = None
    kind: str | None = None
    left_out: frozenset[str] = field(default_factory=frozenset)
    date_order: DateOrder | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All that are read."""
        named = (self.time, self.end, *self.amounts.values(), self.currency, *self.service, self.kind)
        return tuple(dict.fromkeys(name for name in named if name is not None))

    @property
    def needed(self) -> tuple[str, str]:
        """Columns without which it is another export."""
        return self.time, self.amounts["cash"]


def plain_name(column: str) -> str:
    """Name of a column without case and punctuation."""
    return re.sub(r"[^a-z0-9]", "", column.lower())


def _speaks_of_models(services: pd.DataFrame) -> pd.Series:
    """Rows in which any of the columns names a service that sells tokens."""
    found = pd.Series(data=False, index=services.index)
    for name in services:
        found |= services[name].str.contains(_MODELS, case=False, regex=True, na=False)
    return found


def _generative(services: pd.DataFrame) -> pd.Series:
    """Rows of generative AI in FOCUS: by subcategory, else by category, else by name."""
    none = pd.Series(index=services.index, dtype="object")
    kind, category = services.get("servicesubcategory", none), services.get("servicecategory", none)
    rest = services.drop(columns=["servicesubcategory", "servicecategory"], errors="ignore")
    if kind.isna().all() and category.isna().all() and rest.empty:
        return pd.Series(data=True, index=services.index)
    by_category = kind.isna() & (category == "AI and Machine Learning")
    return (kind == "Generative AI") | by_category | _speaks_of_models(rest)


def _azure(services: pd.DataFrame) -> pd.Series:
    """Rows of the family of AI, or with a meter of a model."""
    family = services.get("servicefamily")
    found = _speaks_of_models(services)
    return found if family is None else found | (family == "AI + Machine Learning")


_AZURE_SERVICES = ("metercategory", "servicename", "metersubcategory", "servicefamily", "consumedservice")
_NOT_USED = frozenset(
    {"tax", "credit", "adjustment", "refund", "roundingadjustment", "discount", "rounding_error"}
)

EXPORTS = (
    Export(
        "FOCUS",
        "chargeperiodstart",
        "chargeperiodend",
        {"amortised": "effectivecost", "cash": "billedcost"},
        "billingcurrency",
        ("servicename", "servicecategory", "servicesubcategory"),
        _generative,
        "chargecategory",
        _NOT_USED,
    ),
    Export("OpenAI costs", "starttimeiso", "endtimeiso", {"cash": "amountvalue"}, "amountcurrency"),
    Export("Anthropic costs", "usagedateutc", None, {"cash": "costusd"}),
    Export(
        "Azure cost details",
        "date",
        None,
        {"cash": "costinbillingcurrency"},
        "billingcurrency",
        _AZURE_SERVICES,
        _azure,
        "chargetype",
        _NOT_USED,
        "month first",
    ),
    Export(
        "Azure pay-as-you-go usage",
        "usagedatetime",
        None,
        {"cash": "pretaxcost"},
        "currency",
        _AZURE_SERVICES,
        _azure,
        "chargetype",
        _NOT_USED,
        "month first",
    ),
    Export(
        "Azure cost analysis",
        "usagedate",
        None,
        {"cash": "costusd"},
        None,
        _AZURE_SERVICES,
        _azure,
        "chargetype",
        _NOT_USED,
        "month first",
    ),
    Export(
        "AWS Cost and Usage Report",
        "lineitemusagestartdate",
        "lineitemusageenddate",
        {"cash": "lineitemunblendedcost"},
        "lineitemcurrencycode",
        ("lineitemproductcode", "productproductname", "lineitemlineitemdescription"),
        _speaks_of_models,
        "lineitemlineitemtype",
        _NOT_USED | {"bundleddiscount", "privateratediscount", "edpdiscount"},
    ),
    Export(
        "Google Cloud billing export",
        "usagestarttime",
        "usageendtime",
        {"cash": "cost"},
        "currency",
        ("servicedescription", "skudescription"),
        _speaks_of_models,
        "costtype",
        _NOT_USED,
    ),
    Export("LiteLLM spend logs", "starttime", None, {"cash": "spend"}),
)
