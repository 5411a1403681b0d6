"""The columns of the FOCUS export: all that the specification makes mandatory."""

from simulator.formats.focus.columns import FOCUS

MANDATORY = {  # of FOCUS 1.3
    "BilledCost",
    "BillingAccountId",
    "BillingAccountName",
    "BillingCurrency",
    "BillingPeriodStart",
    "BillingPeriodEnd",
    "ChargeCategory",
    "ChargeClass",
    "ChargeDescription",
    "ChargePeriodStart",
    "ChargePeriodEnd",
    "ContractedCost",
    "EffectiveCost",
    "InvoiceIssuerName",
    "ListCost",
    "PricingQuantity",
    "PricingUnit",
    "ServiceCategory",
    "ServiceName",
    "ProviderName",
    "PublisherName",
    "ServiceProviderName",
    "HostProviderName",
}


def test_all_mandatory_columns_are_there() -> None:
    assert {column.name for column in FOCUS if column.is_mandatory} == MANDATORY
    assert len(MANDATORY) == 23
