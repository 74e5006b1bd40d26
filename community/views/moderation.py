"""The queue of those who keep order: held comments, and pages that wait for an editor."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from community.forms import RejectForm
from community.models import Comment
from community.selectors.comments import held_comments
from community.selectors.moderation import pages_in_review
from community.selectors.roles import may_moderate
from community.services.comments import approve_comment, reject_comment

_PER_PAGE = 30


class ModerationView(WagtailAdminTemplateMixin, TemplateView):
    """What waits, oldest first."""

    template_name = "community/admin/moderation.html"
    page_title = gettext_lazy("Moderation")
    header_icon = "comment"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not may_moderate(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.page_title}]

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
        approve_comment(comment=comment, by=request.user, now=now)
        messages.success(request, _("The comment is published."))
    else:
        form = RejectForm(request.POST)
        if form.is_valid():
            reject_comment(comment=comment, by=request.user, reason=form.cleaned_data["reason"], now=now)
            messages.success(request, _("The comment is turned down; its author sees the reason."))
        else:
            messages.error(request, _("Say why: the author will read the reason."))
    return HttpResponseRedirect(reverse("community_moderation"))
