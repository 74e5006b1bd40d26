"""What networks add to the admin, under Money."""

from __future__ import annotations

from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import register_permission_policy

from affiliates.earnings.views.finance import MoneyMenuItem
from affiliates.networks.forms import ReportMappingForm
from affiliates.networks.models import ReportMapping
from affiliates.networks.views import reports
from affiliates.parties.viewsets import RolePolicy
from community.selectors.roles import is_finance, is_operator

register_permission_policy(
    ReportMapping, RolePolicy(ReportMapping, roles={"Operators": is_operator, "Finance": is_finance})
)


@hooks.register("register_admin_urls")
def report_urls() -> list[URLPattern]:
    return [
        path("network-reports/", reports.ReportsView.as_view(), name="networks_reports"),
        path("network-reports/upload/", reports.UploadView.as_view(), name="networks_upload"),
        path("network-reports/differences/", reports.DifferencesView.as_view(), name="networks_differences"),
        path("network-reports/<slug:ref>/", reports.ReportView.as_view(), name="networks_report"),
        path(
            "network-reports/<slug:ref>/compare/", reports.ReconciliationView.as_view(), name="networks_reconciliation"
        ),
        path("network-reports/<slug:ref>/import/", reports.import_now, name="networks_import"),
    ]


class ReportMappingViewSet(ModelViewSet):
    """How networks' tables are read."""

    model = ReportMapping
    icon = "table"
    menu_label = _("Report mappings")
    copy_view_enabled = False
    list_display = ["name", "slug", "currency", "time_zone"]
    search_fields = ["name", "slug"]
    form_fields = [*ReportMappingForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[ReportMappingForm]:
        return ReportMappingForm


@hooks.register("register_admin_viewset")
def report_mappings() -> ReportMappingViewSet:
    return ReportMappingViewSet("networks_mappings", url_prefix="report-mappings")


@hooks.register("register_money_menu_item")
def reports_menu_item() -> MenuItem:
    return MoneyMenuItem(
        _("Network reports"), reverse("networks_reports"), name="network-reports", icon_name="download", order=250
    )
