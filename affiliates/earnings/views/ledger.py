"""Finance looks into the books: accounts and balances, the transfers behind any amount, one transfer and its cause."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from affiliates.earnings.ledger_forms import AccountsForm, ChartForm, TransferForm
from affiliates.earnings.models import Account, Transfer
from affiliates.earnings.selectors.causes import cause_of
from affiliates.earnings.selectors.chart import accounts_of, chart_of_accounts
from affiliates.earnings.selectors.evidence import evidence, messages_of, sources_of
from affiliates.earnings.selectors.explanations import explain
from affiliates.earnings.selectors.figures import Figure, named
from affiliates.earnings.selectors.figures_finance import finance_figure
from affiliates.earnings.selectors.history import transfer_words
from affiliates.earnings.views.finance import PER_PAGE, FinanceView, check_finance
from cms.core.domain.money import decimal_string
from cms.core.spreadsheets import safe_cell

LEDGER = ("earnings_ledger", gettext_lazy("Ledger"))
ROWS_A_PAGE = 100


def figure_page(figure: Figure, request: HttpRequest) -> dict[str, Any]:
    """A page of a figure's transfers, latest first, by the number of the last one seen, and its sum. Two queries."""
    total = figure.total()
    rows = named(figure.transfers())
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(seq__lt=int(before))
    found = list(rows[: ROWS_A_PAGE + 1])
    query = request.GET.copy()
    query.pop("before", None)
    shown = found[:ROWS_A_PAGE]
    return {
        "currency": figure.currency,
        "total": total,
        "rows": shown,
        "is_first": before == "",
        "is_all": total.transfers == len(shown),
        "older": shown[-1].seq if len(found) > ROWS_A_PAGE else None,
        "query": query.urlencode(),
    }


class _Echo:
    """A file that hands back what csv writes to it."""

    def write(self, value: str) -> str:
        return value


def figure_csv(figure: Figure, name: str) -> StreamingHttpResponse:
    """All transfers of a figure, latest first, as they are read; the last row is their sum."""
    writer = csv.writer(_Echo())

    def owner(account: Account) -> str:
        party = account.merchant or account.creator
        return "" if party is None else getattr(party, "slug", "") or getattr(party, "handle", "")

    def cells() -> Iterator[list[str]]:
        yield [
            "transfer", "effective_at", "booked_at", "cause", "reference", "debit", "debit_owner", "credit",
            "credit_owner", "currency", "amount", "counts",
        ]  # fmt: skip
        total = 0
        for row in named(figure.transfers()).iterator(chunk_size=1000):
            total += row.signed_minor
            yield [
                str(row.seq), row.effective_at.isoformat(), row.created_at.isoformat(), row.kind, cause_of(row)[0],
                row.debit.kind, owner(row.debit), row.credit.kind, owner(row.credit), row.currency,
                decimal_string(row.amount_minor, row.currency), decimal_string(row.signed_minor, row.currency),
            ]  # fmt: skip
        yield ["total", *[""] * 8, figure.currency, "", decimal_string(total, figure.currency)]

    response = StreamingHttpResponse(
        (writer.writerow([safe_cell(cell) for cell in row]) for row in cells()), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


class LedgerView(FinanceView):
    """A page about the books."""

    parent: tuple[str, Any] | None = LEDGER
    header_icon = "clipboard-list"


class ChartView(LedgerView):
    """The chart of accounts with what stood in each kind of account at the end of a day."""

    template_name = "earnings/admin/ledger.html"
    page_title = gettext_lazy("Ledger")
    parent = None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = ChartForm(self.request.GET)
        on = form.cleaned_data["on"] if form.is_valid() else None
        return context | {"form": form, "on": on, "charts": chart_of_accounts(on=on)}


class AccountsView(LedgerView):
    """The accounts of one kind and currency, owner by owner."""

    template_name = "earnings/admin/ledger_accounts.html"
    page_title = gettext_lazy("Accounts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = AccountsForm(self.request.GET)
        if not form.is_valid():
            if {"currency", "kind"} & set(form.errors):
                raise Http404
            return context | {"form": form, "accounts": None}
        data = form.cleaned_data
        found = accounts_of(currency=data["currency"], kind=data["kind"], on=data["on"], words=data["q"])
        query = self.request.GET.copy()
        query.pop("p", None)
        return context | {
            "form": form, "on": data["on"], "kind": Account.Kind(data["kind"]), "currency": data["currency"],
            "accounts": Paginator(found, PER_PAGE).get_page(self.request.GET.get("p")), "query": query.urlencode(),
        }  # fmt: skip


class TransfersView(LedgerView):
    """Transfers by account, day, cause and reference, and what they add up to."""

    template_name = "earnings/admin/ledger_transfers.html"
    page_title = gettext_lazy("Transfers")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = TransferForm(self.request.GET)
        context["form"] = form
        if form.is_valid():
            context |= figure_page(form.figure(), self.request)
            context["csv_address"] = reverse("earnings_transfers_csv")
        return context


@require_safe
def transfers_csv(request: HttpRequest) -> HttpResponseBase:
    """The transfers of a filter as CSV."""
    check_finance(request)
    form = TransferForm(request.GET)
    if not form.is_valid():
        raise Http404
    return figure_csv(form.figure(), f"transfers-{form.cleaned_data['currency']}.csv")


def _named_figure(name: str, request: HttpRequest) -> tuple[str, Figure]:
    try:
        return finance_figure(name, request.GET)
    except (LookupError, ValueError, ObjectDoesNotExist) as error:
        raise Http404 from error


class FigureView(LedgerView):
    """The transfers that an amount of another page is the sum of."""

    template_name = "earnings/admin/ledger_transfers.html"

    def get_page_title(self) -> str:
        return self.found()[0]

    def found(self) -> tuple[str, Figure]:
        """(title, figure), found once a request."""
        if not hasattr(self, "_found"):
            self._found = _named_figure(self.kwargs["name"], self.request)
        return self._found

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context |= figure_page(self.found()[1], self.request)
        context["csv_address"] = reverse("earnings_figure_csv", args=[self.kwargs["name"]])
        return context


@require_safe
def named_csv(request: HttpRequest, name: str) -> HttpResponseBase:
    """The transfers of a figure as CSV."""
    check_finance(request)
    return figure_csv(_named_figure(name, request)[1], f"{name}.csv")


class TransferView(LedgerView):
    """One transfer: between which accounts, why, and all that led to it."""

    template_name = "earnings/admin/ledger_transfer.html"

    def get_page_title(self) -> str:
        return _("Transfer %(number)s") % {"number": self.kwargs["seq"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        found = named(Transfer.objects.all()).select_related(
            "conversion__placement", "conversion__creator", "conversion__click", "conversion__program"
        )
        transfer = get_object_or_404(found, seq=self.kwargs["seq"])
        context["transfer"], context["words"] = transfer, transfer_words(transfer.kind)
        context["cause"], context["cause_address"] = cause_of(transfer)
        together = Transfer.objects.filter(group=transfer.group).exclude(pk=transfer.pk)
        context["together"] = list(named(together).order_by("seq")[:ROWS_A_PAGE])
        if conversion := transfer.conversion:
            context["conversion"] = conversion
            context["explanation"] = explain(conversion)
            context["evidence"] = evidence(conversion)
            context["reports"], context["sources"] = messages_of(conversion), sources_of(conversion)
        return context


URLS = [
    path("money/ledger/", ChartView.as_view(), name="earnings_ledger"),
    path("money/ledger/accounts/", AccountsView.as_view(), name="earnings_accounts"),
    path("money/ledger/transfers/", TransfersView.as_view(), name="earnings_transfers"),
    path("money/ledger/transfers/csv/", transfers_csv, name="earnings_transfers_csv"),
    path("money/ledger/transfers/<int:seq>/", TransferView.as_view(), name="earnings_transfer"),
    path("money/ledger/figures/<slug:name>/", FigureView.as_view(), name="earnings_figure"),
    path("money/ledger/figures/<slug:name>/csv/", named_csv, name="earnings_figure_csv"),
]
