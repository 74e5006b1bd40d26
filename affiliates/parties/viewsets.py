"""Shops in the Wagtail admin, for operators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django import forms
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permission_policies.base import BasePermissionPolicy

import django_filters

from affiliates.parties.forms import MemberForm, MerchantForm
from affiliates.parties.models import Merchant, MerchantMember, Program
from cms.core.spreadsheets import safe_cell
from community.models import User
from community.selectors.roles import EDITORS, OPERATORS, is_editor, is_operator


class RolePolicy(BasePermissionPolicy):
    """What people of some roles may do with a model; nobody else may do anything."""

    def __init__(
        self, model: type[Model], *, roles: Mapping[str, Callable[[Any], bool]], actions: Iterable[str] = ()
    ) -> None:
        super().__init__(model)
        self.roles = roles
        self.actions = frozenset(actions) or frozenset({"view", "add", "change"})

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action in self.actions and any(holds(user) for holds in self.roles.values())

    def user_has_any_permission(self, user: Any, actions: Iterable[str]) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)

    def users_with_any_permission(self, actions: Iterable[str]) -> QuerySet[User]:
        if not self.actions.intersection(actions):
            return User.objects.none()
        of_roles = Q(groups__name__in=self.roles) | Q(is_superuser=True)
        return User.objects.filter(of_roles, is_active=True).distinct()


OPERATOR = {OPERATORS: is_operator}
STAFF = {OPERATORS: is_operator, EDITORS: is_editor}


class SafeExportIndexView(IndexView):
    """A list with an export that no spreadsheet takes for formulas."""

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        cell = super().preprocess_field_value(field, value, export_format)
        return safe_cell(cell) if isinstance(cell, str) and export_format == self.FORMAT_CSV else cell


class TickedIndexView(SafeExportIndexView):
    """Such a list with boxes to tick."""

    template_name = "parties/admin/list.html"

    @property
    def ticked(self) -> str:
        """The kind of thing that is ticked, as bulk actions are addressed."""
        return str(self.model._meta.model_name)

    @cached_property
    def columns(self) -> list[Any]:
        return [BulkActionsCheckboxColumn("bulk_actions", obj_type=self.ticked), *super().columns]

    def _get_title_column(self, *args: Any, **kwargs: Any) -> Any:
        return super()._get_title_column(*args, **kwargs, get_title_id=lambda row: f"{self.ticked}_{row.pk}_title")

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        return {**context, "ticked": self.ticked, "ticked_in": self.model._meta.app_label}


class MerchantFilter(WagtailFilterSet):
    """By country, currency, whether it is active and whether it has a programme in force."""

    has_program = django_filters.BooleanFilter(label=_("Has a programme in force"), method="by_program")

    class Meta:
        model = Merchant
        fields = ["home_country", "currency", "is_active"]

    def by_program(self, merchants: QuerySet[Merchant], name: str, value: bool) -> QuerySet[Merchant]:
        in_force = Exists(Program.objects.filter(merchant=OuterRef("pk"), is_active=True))
        return merchants.filter(in_force) if value else merchants.filter(~in_force)


class ProgramIndexView(TickedIndexView):
    """Programmes with their merchants."""

    custom_field_preprocess = {"merchant": dict.fromkeys(IndexView.FORMATS, lambda merchant: merchant.slug)}

    def get_base_queryset(self) -> QuerySet[Program]:
        programs: QuerySet[Program] = super().get_base_queryset()
        return programs.select_related("merchant")


class MerchantViewSet(ModelViewSet):
    """Merchants with their hosts; below the form, what other apps know of them."""

    model = Merchant
    edit_template_name = "parties/admin/merchant_edit.html"
    icon = "home"
    menu_label = _("Merchants")
    copy_view_enabled = False
    list_display = ["name", "slug", "home_country", "currency", "is_active"]
    index_view_class = TickedIndexView
    index_template_name = TickedIndexView.template_name
    filterset_class = MerchantFilter
    list_export = ["slug", "name", "home_country", "currency", "is_active"]
    export_filename = "merchants"
    search_fields = ["name", "slug", "hosts__host"]
    form_fields = [*MerchantForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return MerchantForm


class ProgramViewSet(ModelViewSet):
    """Programmes. Their commission rules are kept where the money is."""

    model = Program
    icon = "clipboard-list"
    menu_label = _("Programmes")
    copy_view_enabled = False
    index_view_class = ProgramIndexView
    index_template_name = ProgramIndexView.template_name
    list_display = [
        "name", "merchant", "currency", "window_days", "hold_days", "creator_share_percent", "is_open", "is_active",
    ]  # fmt: skip
    list_filter = ["merchant", "kind", "currency", "is_open", "is_active"]
    list_export = [
        "merchant", "name", "kind", "currency", "attribution_model", "window_days", "hold_days", "auto_approve_days",
        "payout_lag_days", "creator_share_percent", "click_param", "is_open", "is_active",
    ]  # fmt: skip
    export_filename = "programmes"
    search_fields = ["name", "merchant__name"]
    form_fields = [
        "merchant", "name", "kind", "currency", "attribution_model", "coupon_policy", "window_days", "hold_days",
        "auto_approve_days", "payout_lag_days", "creator_share_percent", "click_param", "is_open", "is_active",
    ]  # fmt: skip


class MemberIndexView(SafeExportIndexView):
    """Members with their shops and accounts."""

    def get_base_queryset(self) -> QuerySet[MerchantMember]:
        members: QuerySet[MerchantMember] = super().get_base_queryset()
        return members.select_related("merchant", "user")


class MemberViewSet(ModelViewSet):
    """Who acts for a merchant."""

    model = MerchantMember
    index_view_class = MemberIndexView
    icon = "group"
    menu_label = _("Members")
    copy_view_enabled = False
    list_display = ["user", "merchant", "role"]
    list_filter = ["merchant", "role"]
    search_fields = ["user__email", "user__display_name", "merchant__name"]
    form_fields = [*MemberForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return MemberForm


class ShopsGroup(ViewSetGroup):
    """One entry of the menu."""

    menu_label = _("Shops")
    menu_icon = "home"
    menu_order = 300
    items = (
        MerchantViewSet("parties_merchants", url_prefix="merchants"),
        ProgramViewSet("parties_programs", url_prefix="programs"),
        MemberViewSet("parties_members", url_prefix="members"),
    )
