"""What orders earn, whom they are credited to, and where the money stands."""

from __future__ import annotations

from affiliates.earnings.models.accounts import Account, Transfer
from affiliates.earnings.models.attributions import Attribution
from affiliates.earnings.models.brand_accounts import BrandPayment, BrandStatement, BrandStatementLine
from affiliates.earnings.models.changes import OrderChange
from affiliates.earnings.models.conversions import Conversion, ConversionLine
from affiliates.earnings.models.disputes import Adjustment, CreatorNotice, Dispute, SaleClaim
from affiliates.earnings.models.intake import IdempotentAnswer, RawReport, ReportOutcome
from affiliates.earnings.models.payouts import Payout, PayoutBatch
from affiliates.earnings.models.rules import CommissionRule

__all__ = [
    "Account",
    "Adjustment",
    "Attribution",
    "BrandPayment",
    "BrandStatement",
    "BrandStatementLine",
    "CommissionRule",
    "Conversion",
    "ConversionLine",
    "CreatorNotice",
    "Dispute",
    "IdempotentAnswer",
    "OrderChange",
    "Payout",
    "PayoutBatch",
    "RawReport",
    "ReportOutcome",
    "SaleClaim",
    "Transfer",
]
