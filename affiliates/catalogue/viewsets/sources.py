"""What sources allow, in the admin."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from wagtail.admin.viewsets.model import ModelViewSet

from affiliates.catalogue.forms import SourcePolicyForm
from affiliates.catalogue.models import SourcePolicy


class SourcePolicyViewSet(ModelViewSet):
    """What sources allow. Forbidding history deletes what was kept of it."""

    model = SourcePolicy
    icon = "lock"
    menu_label = _("Sources")
    copy_view_enabled = False
    list_display = ["name", "may_keep_history", "may_alert", "max_price_age_hours", "may_cache_images"]
    form_fields = [*SourcePolicyForm.Meta.fields, "confirm"]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return SourcePolicyForm
