"""Turning the buttons of the merchants that were ticked in the list off, and on again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from affiliates.catalogue.models import Suspension
from affiliates.catalogue.services.suspensions import lift_suspension, suspend_shop
from affiliates.parties.models import Merchant
from affiliates.parties.views import OperatorBulkAction


class ReasonForm(forms.Form):
    """Why: the shop reads it."""

    reason = forms.CharField(label=_("Reason"), max_length=400, help_text=_("The shop will read it."))


class ShopsBulkAction(OperatorBulkAction):
    """One reason for all that were ticked."""

    models = [Merchant]
    form_class = ReasonForm

    def get_execution_context(self) -> dict[str, Any]:
        assert self.cleaned_form is not None  # noqa: S101 - set by form_valid, which calls this
        return {"reason": self.cleaned_form.cleaned_data["reason"], "by": self.request.user}


class SuspendShops(ShopsBulkAction):
    """No page has a button to them any more, and their links lead nowhere."""

    display_name = _("Suspend")
    action_type = "suspend"
    aria_label = _("Turn the buttons of the selected merchants off")
    action_priority = 10
    title = _("Suspend merchants")
    question = _("No page will have a button to these merchants, and their links will lead nowhere:")

    @classmethod
    def execute_action(
        cls, objects: list[Merchant], reason: str = "", by: Any = None, **kwargs: Any
    ) -> tuple[int, int]:
        suspended = set(_open_suspensions(objects).values_list("merchant_id", flat=True))
        news = [merchant for merchant in objects if merchant.pk not in suspended]
        for merchant in news:
            suspend_shop(merchant=merchant, reason=reason, by=by, now=timezone.now())
        return len(news), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        words = ngettext("%(count)s merchant was suspended.", "%(count)s merchants were suspended.", num_parent_objects)
        return words % {"count": num_parent_objects}


class ResumeShops(ShopsBulkAction):
    """Their buttons are back."""

    display_name = _("Resume")
    action_type = "resume"
    aria_label = _("Turn the buttons of the selected merchants on again")
    action_priority = 20
    title = _("Resume merchants")
    question = _("The buttons of these merchants will be back on every page, where they are suspended:")

    @classmethod
    def execute_action(
        cls, objects: list[Merchant], reason: str = "", by: Any = None, **kwargs: Any
    ) -> tuple[int, int]:
        suspensions = list(_open_suspensions(objects))
        for suspension in suspensions:
            lift_suspension(suspension=suspension, because=reason, by=by, now=timezone.now())
        return len(suspensions), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        words = ngettext("%(count)s merchant was resumed.", "%(count)s merchants were resumed.", num_parent_objects)
        return words % {"count": num_parent_objects}


def _open_suspensions(merchants: list[Merchant]) -> Any:
    return Suspension.objects.filter(merchant__in=merchants, lifted_at__isnull=True)
