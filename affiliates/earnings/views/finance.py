"""What all of finance's screens share."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.views.generic import TemplateView

from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from community.models import User
from community.selectors.roles import is_finance, is_operator

PER_PAGE = 50


def may_see_money(user: Any) -> bool:
    """Finance and operators."""
    return is_finance(user) or is_operator(user)


def check_finance(request: HttpRequest) -> User:
    """The person, who may see everybody's money; PermissionDenied for others."""
    if not may_see_money(request.user):
        raise PermissionDenied
    return cast(User, request.user)


class MoneyMenuItem(MenuItem):
    """An entry under Money, shown to finance and operators."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_see_money(request.user)


class FinanceView(WagtailAdminTemplateMixin, TemplateView):
    """A page of the admin for those who may see everybody's money."""

    parent: tuple[str, Any] | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        check_finance(request)
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = list(self.breadcrumbs_items)
        if self.parent:
            items.append({"url": reverse(self.parent[0]), "label": self.parent[1]})
        return [*items, {"url": "", "label": self.get_page_title()}]
