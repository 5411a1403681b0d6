"""The columns of the FOCUS 1.3 export: type, whether they may be empty, and which values are allowed.

FOCUS is the FinOps Open Cost and Usage Specification (focus.finops.org, version 1.3). All columns that it makes
mandatory are there, some that it makes conditional, and those of our own, which begin with `x_`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

FocusType = Literal["decimal", "string", "time", "bool"]
TIME = "datetime64[us, UTC]"
_TOLERANCE = 1e-9

CHARGE_CATEGORIES = ("Usage", "Purchase", "Tax", "Credit", "Adjustment")
SERVICE_CATEGORIES = {
    "AI and Machine Learning": ("Generative AI", "AI Platforms"),
    "Compute": ("Virtual Machines",),
    "Management and Governance": ("Observability",),
    "Networking": ("Other (Networking)",),
    "Other": ("Other (Other)",),
}


@dataclass(frozen=True)
class FocusColumn:
    """One column of the export."""

    name: str
    type: FocusType
    is_mandatory: bool = False  # by the specification
    is_nullable: bool = False
    allowed: tuple[str, ...] = ()


def _mandatory(
    name: str, kind: FocusType, *, nullable: bool = False, allowed: tuple[str, ...] = ()
) -> FocusColumn:
    return FocusColumn(name, kind, True, nullable, allowed)


FOCUS = (
    _mandatory("BilledCost", "decimal"),
    _mandatory("BillingAccountId", "string"),
    _mandatory("BillingAccountName", "string"),
    _mandatory("BillingCurrency", "string"),
    _mandatory("BillingPeriodStart", "time"),
    _mandatory("BillingPeriodEnd", "time"),
    _mandatory("ChargeCategory", "string", allowed=CHARGE_CATEGORIES),
    _mandatory("ChargeClass", "string", nullable=True, allowed=("Correction",)),
    _mandatory("ChargeDescription", "string"),
    _mandatory("ChargePeriodStart", "time"),
    _mandatory("ChargePeriodEnd", "time"),
    _mandatory("ContractedCost", "decimal"),
    _mandatory("EffectiveCost", "decimal"),
    _mandatory("InvoiceIssuerName", "string"),
    _mandatory("ListCost", "decimal"),
    _mandatory("PricingQuantity", "decimal"),
    _mandatory("PricingUnit", "string"),
    _mandatory("ServiceCategory", "string", allowed=tuple(SERVICE_CATEGORIES)),
    _mandatory("ServiceName", "string"),
    _mandatory("ProviderName", "string"),
    _mandatory("PublisherName", "string"),
    _mandatory("ServiceProviderName", "string"),
    _mandatory("HostProviderName", "string"),
    FocusColumn("ServiceSubcategory", "string"),
    FocusColumn("ChargeFrequency", "string", allowed=("Usage-Based", "Recurring", "One-Time")),
    FocusColumn("PricingCategory", "string", allowed=("Standard", "Dynamic", "Committed", "Other")),
    FocusColumn("ConsumedQuantity", "decimal", is_nullable=True),
    FocusColumn("ConsumedUnit", "string", is_nullable=True),
    FocusColumn("ListUnitPrice", "decimal"),
    FocusColumn("ContractedUnitPrice", "decimal"),
    FocusColumn("RegionId", "string", is_nullable=True),
    FocusColumn("SubAccountId", "string", is_nullable=True),
    FocusColumn("SubAccountName", "string", is_nullable=True),
    FocusColumn("x_IsForecast", "bool"),
    FocusColumn("x_RunId", "string"),
    FocusColumn("x_ScenarioHash", "string"),
    FocusColumn("x_RolloutStage", "string"),
    FocusColumn("x_Percentile", "string", allowed=("stated", "P10", "P50", "P90")),
    FocusColumn("x_SuccessfulActions", "decimal"),
    FocusColumn("x_Workload", "string"),
    FocusColumn("x_UserRegion", "string"),
    FocusColumn("x_Category", "string"),
    FocusColumn("x_UnusedCost", "decimal"),
)


def focus_problems(frame: pd.DataFrame) -> list[str]:
    """What an export breaks of the specification: columns, types, nulls, values, periods, identities of costs."""
    missing = [column.name for column in FOCUS if column.name not in frame]
    if missing:
        return [f"no column {name}" for name in missing]
    problems = [problem for column in FOCUS for problem in _column_problems(frame[column.name], column)]
    return problems or list(_row_problems(frame))


def _column_problems(values: pd.Series, column: FocusColumn) -> Iterator[str]:
    if not column.is_nullable and values.isna().any():
        yield f"{column.name} is empty in {int(values.isna().sum())} rows"
    filled = values.dropna()
    if column.allowed and not filled.isin(column.allowed).all():
        yield f"{column.name} has values that are not allowed: {sorted(set(filled) - set(column.allowed))[:5]}"
    if column.type == "decimal" and not (pd.api.types.is_float_dtype(values) and np.isfinite(filled).all()):
        yield f"{column.name} is not made of finite numbers"
    if column.type == "time" and str(values.dtype) != TIME:
        yield f"{column.name} is not made of times in UTC"
    if column.type == "bool" and values.dtype != np.dtype(bool):
        yield f"{column.name} is not true or false"


def _row_problems(frame: pd.DataFrame) -> Iterator[str]:
    identities = (
        ("ListCost", frame["ListUnitPrice"] * frame["PricingQuantity"]),
        ("ContractedCost", frame["ContractedUnitPrice"] * frame["PricingQuantity"]),
        ("EffectiveCost", frame["ContractedCost"]),
        ("BilledCost", frame["EffectiveCost"]),
    )
    for name, expected in identities:
        if not np.allclose(frame[name], expected, rtol=_TOLERANCE, atol=0.0):
            yield f"{name} is not what its quantity and price give"
    if (frame["ChargePeriodStart"] >= frame["ChargePeriodEnd"]).any():
        yield "a charge period ends before it starts"
    within = (frame["ChargePeriodStart"] >= frame["BillingPeriodStart"]) & (
        frame["ChargePeriodEnd"] <= frame["BillingPeriodEnd"]
    )
    if not within.all():
        yield "a charge period is outside its billing period"
    used = frame["ChargeCategory"] == "Usage"
    if frame.loc[used, ["ConsumedQuantity", "ConsumedUnit"]].isna().any(axis=None):
        yield "usage without a consumed quantity"
    known = {category: set(names) for category, names in SERVICE_CATEGORIES.items()}
    pairs = set(zip(frame["ServiceCategory"], frame["ServiceSubcategory"], strict=True))
    if any(subcategory not in known.get(category, ()) for category, subcategory in pairs):
        yield "a service subcategory is not of its category"
