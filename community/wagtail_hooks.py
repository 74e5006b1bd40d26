"""Order in the house: the moderation queue in the Wagtail admin, for comments and pages."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.admin.views.account import NameEmailSettingsPanel

from cms.core.staff_pages import StaffPage
from community import viewsets
from community.forms import RejectForm
from community.models import Comment, User
from community.selectors.comments import held_comments
from community.selectors.moderation import pages_in_review, waiting_count
from community.selectors.roles import may_moderate
from community.services.comments import approve_comment, reject_comment

_PER_PAGE = 30


class ModerationView(StaffPage):
    """What waits, oldest first."""

    template_name = "community/admin/moderation.html"
    page_title = gettext_lazy("Moderation")
    header_icon = "comment"
    may_see = staticmethod(may_moderate)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["held"] = Paginator(held_comments(), _PER_PAGE).get_page(self.request.GET.get("p"))
        context["in_review"] = pages_in_review(self.request.user)
        return context


@require_POST
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Approve a comment, or turn it down with a reason."""
    if not may_moderate(request.user):
        raise PermissionDenied
    comment = get_object_or_404(Comment, ref=ref)
    now = timezone.now()
    if request.POST.get("decision") == "approve":
        approve_comment(comment=comment, by=cast(User, request.user), now=now)
        messages.success(request, _("The comment is published."))
    else:
        form = RejectForm(request.POST)
        if form.is_valid():
            reject_comment(comment=comment, by=cast(User, request.user), reason=form.cleaned_data["reason"], now=now)
            messages.success(request, _("The comment is turned down; its author sees the reason."))
        else:
            messages.error(request, _("Say why: the author will read the reason."))
    return HttpResponseRedirect(reverse("community_moderation"))


@hooks.register("register_admin_urls")
def moderation_urls() -> list[URLPattern]:
    return [
        path("moderation/", ModerationView.as_view(), name="community_moderation"),
        path("moderation/<slug:ref>/", decide, name="community_moderation_decide"),
    ]


class ModerationMenuItem(MenuItem):
    """Shown to those who may decide, with the number of things that wait."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_moderate(request.user)

    def render_component(self, request: HttpRequest) -> Any:
        waiting = waiting_count(request.user)
        label = f"{self.label} ({waiting})" if waiting else str(self.label)
        return LinkMenuItem(
            self.name, label, self.url, icon_name=self.icon_name, classname=self.classname, attrs=self.attrs
        )


@hooks.register("register_admin_viewset")
def creators_viewset() -> Any:
    return viewsets.creators


@hooks.register("register_admin_menu_item")
def moderation_menu_item() -> MenuItem:
    return ModerationMenuItem(
        gettext_lazy("Moderation"),
        reverse("community_moderation"),
        name="moderation",
        icon_name="comment",
        order=90,
    )


# Wagtail asks everyone for a first and a last name; our people have one name, in their profile.
NameEmailSettingsPanel.is_active = lambda _panel: False
