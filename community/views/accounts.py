"""A person's own pages, and the first person's first page."""

from __future__ import annotations

import ipaddress
import json

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from cms.core.reader import remember
from community.forms import EraseForm, FirstRunForm, ProfileForm
from community.models import User
from community.selectors.accounts import first_run_is_open
from community.services.accounts import erase_person, export_person
from community.services.first_run import AlreadySetUp, set_up_site, token_is_right
from community.views.responses import private, signed_in


@require_http_methods(["GET", "POST"])
@login_required
@private
def profile(request: HttpRequest) -> HttpResponse:
    """Name, handle, country, language, currency, time zone."""
    user = User.objects.get(pk=signed_in(request).pk)
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Your profile is saved."))
        response = redirect("community:profile")
        remember(response, country=user.country or None, currency=user.currency or None)
        return response
    return render(request, "community/profile.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
@login_required
@private
def personal_data(request: HttpRequest) -> HttpResponse:
    """What one can do with one's own data."""
    return render(request, "community/personal_data.html", {"form": EraseForm(user=signed_in(request))})


@require_http_methods(["POST"])
@login_required
@private
def export(request: HttpRequest) -> HttpResponse:
    """Everything I gave, as a JSON file."""
    document = {"exported_at": timezone.now().isoformat(), **export_person(user=signed_in(request))}
    return HttpResponse(
        json.dumps(document, ensure_ascii=False, indent=2),
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="my-data.json"'},
    )


@sensitive_post_parameters("password")
@require_http_methods(["POST"])
@login_required
@private
def erase(request: HttpRequest) -> HttpResponse:
    """The account is gone afterwards; the password is asked for, since this cannot be undone."""
    form = EraseForm(request.POST, user=signed_in(request))
    if not form.is_valid():
        return render(request, "community/personal_data.html", {"form": form}, status=422)
    user = User.objects.get(pk=signed_in(request).pk)
    logout(request)
    erase_person(user=user)
    return render(request, "community/erased.html")


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
@private
def first_run(request: HttpRequest) -> HttpResponse:
    """The set-up page: open while nobody runs the site, to whoever can prove to hold the machine."""
    if not first_run_is_open():
        raise Http404
    token = request.POST.get("token") or request.GET.get("token", "")
    if not (_is_at_the_machine(request) or token_is_right(token)):
        return render(request, "community/first_run_token.html", {"wrong": bool(token)}, status=403)
    form = FirstRunForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            operator = set_up_site(**form.cleaned_data)
        except AlreadySetUp:
            raise Http404 from None
        login(request, operator, backend="community.backends.PasswordBackend")
        return HttpResponseRedirect(reverse("wagtailadmin_home"))
    context = {"form": form, "token": token}
    return render(request, "community/first_run.html", context, status=422 if form.errors else 200)


def _is_at_the_machine(request: HttpRequest) -> bool:
    """Whether the browser runs on this machine. Behind a proxy all seem to, so those do not count."""
    forwarded = any(name in request.headers for name in ("Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"))
    if forwarded or not settings.BASE_IS_LOOPBACK:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
