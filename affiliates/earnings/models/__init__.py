"""What orders earn, whom they are credited to, and where the money stands."""

from __future__ import annotations

from affiliates.earnings.models.accounts import Account, Transfer
from affiliates.earnings.models.attributions import Attribution
from affiliates.earnings.models.bank import BankLine, BankMapping, BankMatch, BankStatement
from affiliates.earnings.models.brand_accounts import BrandPayment, BrandStatement, BrandStatementLine
from affiliates.earnings.models.changes import OrderChange
from affiliates.earnings.models.conversions import Conversion, ConversionLine
from affiliates.earnings.models.coupons import Assist, Coupon, CouponHolding
from affiliates.earnings.models.disputes import Adjustment, CreatorNotice, Dispute, SaleClaim
from affiliates.earnings.models.intake import IdempotentAnswer, RawReport, ReportOutcome, SandboxOrder
from affiliates.earnings.models.payout_profiles import ExchangeQuote, PayoutProfile, SharedAccount
from affiliates.earnings.models.payout_settings import PayoutAccount
from affiliates.earnings.models.payouts import Payout, PayoutBatch
from affiliates.earnings.models.periods import Period, Seal, StatementRun
from affiliates.earnings.models.rules import CommissionRule
from affiliates.earnings.models.statements import Statement, StatementParty, TaxIdentity, TaxRule
from affiliates.earnings.models.suspense import SuspenseEnd, SuspenseItem, SuspenseSignature
from affiliates.earnings.models.volume_tiers import VolumeBonus, VolumeTiers

__all__ = [
    "Account",
    "Adjustment",
    "Assist",
    "Attribution",
    "BankLine",
    "BankMapping",
    "BankMatch",
    "BankStatement",
    "BrandPayment",
    "BrandStatement",
    "BrandStatementLine",
    "CommissionRule",
    "Conversion",
    "ConversionLine",
    "Coupon",
    "CouponHolding",
    "CreatorNotice",
    "Dispute",
    "ExchangeQuote",
    "IdempotentAnswer",
    "OrderChange",
    "Payout",
    "PayoutAccount",
    "PayoutBatch",
    "PayoutProfile",
    "Period",
    "RawReport",
    "ReportOutcome",
    "SaleClaim",
    "SandboxOrder",
    "Seal",
    "SharedAccount",
    "Statement",
    "StatementParty",
    "StatementRun",
    "SuspenseEnd",
    "SuspenseItem",
    "SuspenseSignature",
    "TaxIdentity",
    "TaxRule",
    "Transfer",
    "VolumeBonus",
    "VolumeTiers",
]
