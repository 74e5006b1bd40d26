"""Finance holds the books against the bank: statements, lines to match, and what nobody can explain yet."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from affiliates.earnings.bank_forms import BankFileForm, EndForm, UnexplainedForm
from affiliates.earnings.domain.bank_lines import BankFileFault
from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import BankLine, BankStatement, SuspenseEnd, SuspenseItem
from affiliates.earnings.selectors.bank import reconciliations, waiting_lines
from affiliates.earnings.selectors.bank_matching import suggestions
from affiliates.earnings.selectors.periods import next_month_to_close, unexplained
from affiliates.earnings.selectors.suspense import age_in_days, items, open_items, suspense_accounts
from affiliates.earnings.services.bank_lines import BankRefused, import_bank_file, match_certain, settle_line
from affiliates.earnings.services.suspense import (
    SuspenseRefused,
    approve_end,
    propose_end,
    record_unexplained,
    reject_end,
    rest_of,
    sign_unexplained,
)
from affiliates.earnings.views.finance import PER_PAGE, FinanceView, check_finance
from cms.core.domain.money import decimal_string
from community.models import User

LINES_A_PAGE = 25
BANK = ("earnings_bank", gettext_lazy("Bank"))
SUSPENSE = ("earnings_suspense", gettext_lazy("Unexplained money"))


class BankView(FinanceView):
    """The books against the bank, lines that wait, statements, and the form for another."""

    template_name = "earnings/admin/bank.html"
    page_title = gettext_lazy("Bank")
    header_icon = "clipboard-list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["currencies"] = reconciliations()
        context["waiting"] = waiting_lines().count()
        statements = BankStatement.objects.select_related("imported_by")
        context["statements"] = Paginator(statements, PER_PAGE).get_page(self.request.GET.get("p"))
        context["as_of"] = timezone.now()
        context.setdefault("form", BankFileForm())
        return context

    def post(self, request: HttpRequest) -> HttpResponse:
        """Import a file."""
        form = BankFileForm(request.POST, request.FILES)
        if form.is_valid():
            data = form.cleaned_data
            try:
                made = import_bank_file(
                    body=data["file"].read(), name=data["file"].name, mapping=data["mapping"],
                    by=cast(User, request.user), now=timezone.now(),
                )  # fmt: skip
            except BankFileFault as fault:
                form.add_error("file", [_("Nothing was imported."), *fault.faults])
            else:
                self._say(request, made.new, made.matched)
                return HttpResponseRedirect(reverse("earnings_bank"))
        return self.render_to_response(self.get_context_data(form=form), status=422)

    def _say(self, request: HttpRequest, new: int, matched: int) -> None:
        if not new:
            messages.info(request, _("Every line of this file was known. Nothing changed."))
            return
        words = ngettext("%(new)s new line, %(matched)s matched.", "%(new)s new lines, %(matched)s matched.", new)
        messages.success(request, words % {"new": new, "matched": matched})


class BankLinesView(FinanceView):
    """Lines that wait for somebody, with what they may be."""

    template_name = "earnings/admin/bank_lines.html"
    page_title = gettext_lazy("Lines to match")
    header_icon = "clipboard-list"
    parent = BANK

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page: Any = Paginator(waiting_lines(), LINES_A_PAGE).get_page(self.request.GET.get("p"))
        found = suggestions(list(page))
        for line in page:
            line.may_be = found[line.pk]
        return context | {"lines": page}


@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what a line is."""
    user, line = check_finance(request), get_object_or_404(BankLine, pk=pk)
    action, words = request.POST.get("action", ""), request.POST.get("words", "")[:500]
    allowed = {one.action for one in suggestions([line])[line.pk]} | {"suspense"}
    if action not in allowed:
        messages.error(request, _("Choose what the line is."))
        return HttpResponseRedirect(reverse("earnings_bank_lines"))
    try:
        settle_line(line=line, action=action, by=user, now=timezone.now(), words=words)
        messages.success(request, _("The line %(ref)s is matched.") % {"ref": line.bank_ref})
    except BankRefused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("earnings_bank_lines"))


@require_POST
def match_again(request: HttpRequest) -> HttpResponse:
    """Match all lines that are certain by now."""
    user = check_finance(request)
    matched = match_certain(by=user, now=timezone.now(), lines=list(waiting_lines()))
    messages.info(request, ngettext("%(n)s line matched.", "%(n)s lines matched.", matched) % {"n": matched})
    return HttpResponseRedirect(reverse("earnings_bank"))


class BankStatementView(FinanceView):
    """One statement's lines, and what each is in the books."""

    template_name = "earnings/admin/bank_statement.html"
    header_icon = "clipboard-list"
    parent = BANK

    def get_page_title(self) -> str:
        return str(self.statement())

    def statement(self) -> BankStatement:
        """The statement, read once a request."""
        if not hasattr(self, "_found"):
            self._found = get_object_or_404(BankStatement, ref=self.kwargs["ref"])
        return self._found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        lines = self.statement().lines.prefetch_related("matches").order_by("row", "pk")
        page = Paginator(lines, PER_PAGE).get_page(self.request.GET.get("p"))
        return context | {"statement": self.statement(), "lines": page}


class SuspenseView(FinanceView):
    """What nobody can explain, oldest first, and the form for another amount."""

    template_name = "earnings/admin/suspense.html"
    page_title = gettext_lazy("Unexplained money")
    header_icon = "warning"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        show_all, today = "all" in self.request.GET, timezone.now().date()
        found = items().order_by("-moved_on", "-pk") if show_all else open_items()
        page: Any = Paginator(found.prefetch_related("ends"), PER_PAGE).get_page(self.request.GET.get("p"))
        for item in page:
            item.age = age_in_days(item, today)
            item.proposed = sum(1 for end in item.ends.all() if end.state == "proposed")
        turn = next_month_to_close()
        is_over = turn is not None and turn.ends_at <= timezone.now()
        to_sign = turn if turn and is_over and unexplained(turn.ends_at) else None
        context |= {"accounts": suspense_accounts(), "items": page, "show_all": show_all, "month": to_sign}
        context.setdefault("form", UnexplainedForm())
        return context

    def post(self, request: HttpRequest) -> HttpResponse:
        """Record an amount."""
        form = UnexplainedForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            amount = data["amount_minor"] if data["came"] else -data["amount_minor"]
            try:
                item = record_unexplained(
                    currency=data["currency"], amount_minor=amount, moved_on=data["moved_on"], party=data["party"],
                    reference=data["reference"], words=data["words"], by=cast(User, request.user), now=timezone.now(),
                )  # fmt: skip
            except SuspenseRefused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("The amount stands in suspense."))
                return HttpResponseRedirect(reverse("earnings_suspense_item", args=[item.ref]))
        return self.render_to_response(self.get_context_data(form=form), status=422)


class SuspenseItemView(FinanceView):
    """One unexplained amount: what is known, where it was said to belong, and what is left."""

    template_name = "earnings/admin/suspense_item.html"
    header_icon = "warning"
    parent = SUSPENSE

    def get_page_title(self) -> str:
        return _("Unexplained amount %(ref)s") % {"ref": self.kwargs["ref"]}

    def item(self) -> SuspenseItem:
        """The amount, read once a request."""
        if not hasattr(self, "_item"):
            self._item = get_object_or_404(SuspenseItem.objects.select_related("recorded_by"), ref=self.kwargs["ref"])
        return self._item

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        item = self.item()
        ends = item.ends.select_related("merchant", "proposed_by", "decided_by", "payment")
        left = rest_of(item)
        context |= {"item": item, "ends": ends, "left_minor": left}
        start = {"amount": decimal_string(left, item.currency)}
        context.setdefault("form", EndForm(currency=item.currency, initial=start))
        return context

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        """Propose where it belongs."""
        form = EndForm(request.POST, currency=self.item().currency)
        if form.is_valid():
            data = form.cleaned_data
            try:
                propose_end(
                    item=self.item(), target=data["target"], merchant=data["merchant"], amount_minor=data["amount"],
                    reason=data["reason"], by=cast(User, request.user), now=timezone.now(),
                )  # fmt: skip
            except SuspenseRefused as refused:
                form.add_error(None, str(refused))
            else:
                messages.success(request, _("It is proposed. Somebody else has to approve it."))
                return HttpResponseRedirect(reverse("earnings_suspense_item", args=[ref]))
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
def decide_end(request: HttpRequest, ref: str) -> HttpResponse:
    """Approve or reject where an amount was said to belong."""
    user, end = check_finance(request), get_object_or_404(SuspenseEnd.objects.select_related("item"), ref=ref)
    try:
        if request.POST.get("decision") == "approve":
            approve_end(end=end, by=user, now=timezone.now())
            messages.success(request, _("It is approved and booked."))
        else:
            reject_end(end=end, by=user, now=timezone.now())
            messages.success(request, _("The proposal is rejected."))
    except SuspenseRefused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("earnings_suspense_item", args=[end.item.ref]))


@require_POST
def sign(request: HttpRequest) -> HttpResponse:
    """Sign what is unexplained at the end of a month."""
    user = check_finance(request)
    try:
        month = Month.parse(request.POST.get("month", ""))
    except ValueError as error:
        raise Http404 from error
    try:
        signed = sign_unexplained(month=month, by=user, now=timezone.now())
    except SuspenseRefused as refused:
        messages.error(request, str(refused))
    else:
        words = _("The list at the end of %(month)s is signed.") if signed else _("There was nothing to sign.")
        messages.success(request, words % {"month": month} if signed else words)
    return HttpResponseRedirect(reverse("earnings_suspense"))


URLS = [
    path("money/bank/", BankView.as_view(), name="earnings_bank"),
    path("money/bank/lines/", BankLinesView.as_view(), name="earnings_bank_lines"),
    path("money/bank/lines/<int:pk>/", settle, name="earnings_settle_line"),
    path("money/bank/match/", match_again, name="earnings_match_lines"),
    path("money/bank/statements/<slug:ref>/", BankStatementView.as_view(), name="earnings_bank_statement"),
    path("money/suspense/", SuspenseView.as_view(), name="earnings_suspense"),
    path("money/suspense/sign/", sign, name="earnings_sign_suspense"),
    path("money/suspense/ends/<slug:ref>/", decide_end, name="earnings_decide_end"),
    path("money/suspense/<slug:ref>/", SuspenseItemView.as_view(), name="earnings_suspense_item"),
]
