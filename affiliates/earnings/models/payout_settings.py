"""The account that SEPA transfers leave from."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail.contrib.settings.models import BaseGenericSetting, register_setting

from affiliates.earnings.domain.bank_accounts import SEPA_COUNTRIES, compact, iban_fault, is_bic


@register_setting(icon="calendar-check")
class PayoutAccount(BaseGenericSetting):
    """What an operator enters once. A batch keeps what was in force when it was handed over."""

    name = models.CharField(_("account holder"), max_length=70, blank=True)
    iban = models.CharField(_("IBAN"), max_length=42, blank=True)
    bic = models.CharField(_("BIC"), max_length=15, blank=True)

    class Meta:
        verbose_name = _("payout account")

    def clean(self) -> None:
        """The numbers without spaces; named where they cannot be right."""
        self.iban, self.bic = compact(self.iban), compact(self.bic)
        faults = {}
        if self.iban and (iban_fault(self.iban) or self.iban[:2] not in SEPA_COUNTRIES):
            faults["iban"] = _("This is no IBAN of a country that takes part in SEPA. Check it digit by digit.")
        if self.iban and not self.name.strip():
            faults["name"] = _("Say whose account it is.")
        if self.bic and not is_bic(self.bic):
            faults["bic"] = _("A BIC has eight or eleven letters and digits.")
        if faults:
            raise ValidationError(faults)
