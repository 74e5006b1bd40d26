"""Pages of the admin that are neither a model's list nor its form, each for people with a role."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.views.generic import TemplateView

from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin


class StaffPage(WagtailAdminTemplateMixin, TemplateView):
    """A page with its title at the end of the breadcrumbs. Whoever `may_see` refuses is refused, whatever they ask."""

    @staticmethod
    def may_see(user: Any) -> bool:
        """Nobody, until the page says who."""
        return False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not self.may_see(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]
