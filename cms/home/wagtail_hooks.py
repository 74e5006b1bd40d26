"""The page that says how the worker's jobs are, among the admin's reports."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wagtail import hooks
from wagtail.admin.menu import MenuItem

from cms.core.staff_pages import StaffPage
from cms.home.job_list import feed_lines, job_rows
from community.selectors.roles import is_operator


class JobsView(StaffPage):
    """How each job and each feed is; for operators."""

    template_name = "home/admin/jobs.html"
    page_title = _("Jobs")
    header_icon = "tasks"
    may_see = staticmethod(is_operator)

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
