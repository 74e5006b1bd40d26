"""The page that says how the worker's jobs are, among the admin's reports."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from cms.home.job_list import feed_lines, job_rows
from community.selectors.roles import is_operator


class JobsView(WagtailAdminTemplateMixin, TemplateView):
    """How each job and each feed is; for operators."""

    template_name = "home/admin/jobs.html"
    page_title = _("Jobs")
    header_icon = "tasks"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not is_operator(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        now = timezone.now()
        context["jobs"], context["feeds"], context["as_of"] = job_rows(now), feed_lines(now), now
        bad = {"overdue", "failing"}
        context["bad_jobs"] = sum(row.mark in bad for row in context["jobs"])
        context["bad_feeds"] = sum(line.mark in bad for line in context["feeds"])
        return context


class JobsMenuItem(MenuItem):
    """For operators only."""

    def is_shown(self, request: HttpRequest) -> bool:
        return is_operator(request.user)


@hooks.register("register_admin_urls")
def jobs_urls() -> list[URLPattern]:
    return [path("reports/jobs/", JobsView.as_view(), name="home_jobs")]


@hooks.register("register_reports_menu_item")
def jobs_menu_item() -> MenuItem:
    return JobsMenuItem(_("Jobs"), reverse("home_jobs"), name="jobs", icon_name="tasks", order=100)
