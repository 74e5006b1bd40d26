"""Who may see everybody's money, and the page they see it on."""

from __future__ import annotations

from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.views.generic import TemplateView

from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from community.models import User
from community.selectors.roles import is_finance, is_operator


def may_see_money(user: Any) -> bool:
    """Finance and operators."""
    return is_finance(user) or is_operator(user)


def checked_user(request: HttpRequest) -> User:
    """The person, if they may see everybody's money; PermissionDenied otherwise."""
    if not may_see_money(request.user):
        raise PermissionDenied
    return cast(User, request.user)


class FinanceView(WagtailAdminTemplateMixin, TemplateView):
    """A page of the admin for those who may see everybody's money."""

    parent: tuple[str, Any] | None = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        checked_user(request)
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        items = list(self.breadcrumbs_items)
        if self.parent:
            items.append({"url": reverse(self.parent[0]), "label": self.parent[1]})
        return [*items, {"url": "", "label": self.get_page_title()}]
