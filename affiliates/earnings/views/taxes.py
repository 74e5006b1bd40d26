"""Finance keeps the dated rows by which documents show tax."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from affiliates.earnings.forms import TaxIdentityForm, TaxRuleForm
from affiliates.earnings.models import TaxRule
from affiliates.earnings.selectors.taxes import missing_for_tax, tax_identities
from affiliates.earnings.views.finance import PER_PAGE, FinanceView


class TaxView(FinanceView):
    """The rows, what is missing among them, and a form for each kind. Rows are added, not edited."""

    template_name = "earnings/admin/tax.html"
    page_title = gettext_lazy("Tax")
    parent = ("earnings_periods", gettext_lazy("Months"))
    header_icon = "doc-full"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context.setdefault("identity_form", TaxIdentityForm(prefix="identity"))
        context.setdefault("rule_form", TaxRuleForm(prefix="rule"))
        context["identities"] = Paginator(tax_identities(), PER_PAGE).get_page(self.request.GET.get("p"))
        context["rules"] = TaxRule.objects.all()
        context["missing"] = missing_for_tax()
        return context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        which = "rule" if request.POST.get("add") == "rule" else "identity"
        made = TaxRuleForm if which == "rule" else TaxIdentityForm
        form = made(request.POST, prefix=which)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(**{f"{which}_form": form}), status=400)
        form.save()
        messages.success(request, _("The row is added. It counts for months that are closed from now on."))
        return HttpResponseRedirect(reverse("earnings_tax"))


URLS = [path("money/tax/", TaxView.as_view(), name="earnings_tax")]
