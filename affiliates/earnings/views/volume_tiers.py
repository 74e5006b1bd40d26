"""Finance's screens of volume tiers, and of what they paid."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from affiliates.earnings.models import VolumeTiers
from affiliates.earnings.selectors.bonus_pages import bonus_page, tiers_in_words
from affiliates.earnings.selectors.volume_tiers import bonuses_of, counted_orders, tiers_of
from affiliates.earnings.services.volume_tiers import TiersRefused, add_tiers, end_tiers
from affiliates.earnings.tier_forms import EndTiersForm, TiersForm
from affiliates.earnings.views.finance import PER_PAGE, FinanceView, check_finance
from affiliates.parties.models import Program
from community.models import User


class TiersView(FinanceView):
    """All versions, newest first, the bonuses of the latest months, and the form for another version."""

    template_name = "earnings/admin/tiers.html"
    page_title = gettext_lazy("Volume tiers")
    header_icon = "order-up"

    def form(self, data: Any = None) -> TiersForm:
        programs = Program.objects.filter(is_active=True).select_related("merchant").order_by("name")
        return TiersForm(data, programs=programs, today=timezone.now().date())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["versions"] = tiers_in_words(tiers_of()[:PER_PAGE])
        context["bonuses"] = Paginator(bonuses_of().earned(), PER_PAGE).get_page(self.request.GET.get("p"))
        context["end_form"] = EndTiersForm(today=timezone.now().date(), auto_id=False)
        if "form" not in context:
            context["form"] = self.form()
        return context

    def post(self, request: HttpRequest) -> HttpResponse:
        """Add a version."""
        form = self.form(request.POST)
        if form.is_valid() and add_by_form(request, form):
            return HttpResponseRedirect(reverse("earnings_tiers"))
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
def end_version(request: HttpRequest, ref: str) -> HttpResponse:
    """Let a version end."""
    check_finance(request)
    end_by_form(request, get_object_or_404(VolumeTiers, ref=ref))
    return HttpResponseRedirect(reverse("earnings_tiers"))


def add_by_form(request: HttpRequest, form: TiersForm) -> bool:
    """Write a valid form's version down; False, with the reason in the form, where that is refused. The caller has
    checked who asks.
    """
    data = form.cleaned_data
    try:
        add_tiers(
            program=data["program"], currency=data["currency"], tiers=data["tiers"], starts=data["starts"],
            now=timezone.now(), by=cast(User, request.user),
        )  # fmt: skip
    except TiersRefused as refused:
        form.add_error(None, str(refused))
        return False
    messages.success(request, _("The tiers are written down."))
    return True


def end_by_form(request: HttpRequest, tiers: VolumeTiers) -> None:
    """Let a version end as the form says, and say what became of it. The caller has checked who asks."""
    now = timezone.now()
    form = EndTiersForm(request.POST, today=now.date())
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return
    try:
        end_tiers(tiers=tiers, ends=form.cleaned_data["ends"], now=now)
        messages.success(request, _("The version ends."))
    except TiersRefused as refused:
        messages.error(request, str(refused))


class BonusView(FinanceView):
    """One creator's month: why it earns what it earns, its orders and its transfers."""

    template_name = "earnings/admin/bonus.html"
    parent = ("earnings_tiers", gettext_lazy("Volume tiers"))
    header_icon = "order-up"

    def get_page_title(self) -> str:
        return _("Volume bonus %(ref)s") % {"ref": self.kwargs["ref"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        bonus = get_object_or_404(bonuses_of(), ref=self.kwargs["ref"])
        context["page_of"] = bonus_page(bonus)
        context["orders"] = Paginator(counted_orders(bonus), PER_PAGE).get_page(self.request.GET.get("p"))
        return context


URLS = [
    path("tiers/", TiersView.as_view(), name="earnings_tiers"),
    path("tiers/<slug:ref>/end/", end_version, name="earnings_end_tiers"),
    path("bonuses/<slug:ref>/", BonusView.as_view(), name="earnings_bonus"),
]
