"""`/go/<code>` as an ordinary Django view, for tests and development. A running site answers it earlier."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from affiliates.tracking.handler import runtime
from affiliates.tracking.models import ReaderKey
from affiliates.tracking.selectors.shop_warnings import warnings_of
from community.models import User


@csrf_exempt
def go(request: HttpRequest, code: str) -> HttpResponse:
    """What the handler ahead of Django answers."""
    environ = {**request.META, "PATH_INFO": f"/go/{code}"}
    environ.setdefault("QUERY_STRING", "")
    status, headers, body = runtime.handler().answer(environ)
    return HttpResponse(body, status=int(status[:3]), headers={k: v for k, v in headers if k != "Content-Length"})


@require_http_methods(["GET", "POST"])
@login_required
@never_cache
def joined_clicks(request: HttpRequest) -> HttpResponse:
    """Whether one's clicks are joined across devices: off until the reader says so, and off again as easily."""
    user = cast(User, request.user)
    if request.method == "POST":
        if request.POST.get("join") == "on":
            ReaderKey.objects.get_or_create(user=user, defaults={"agreed_at": timezone.now()})
            messages.success(request, _("Your clicks are joined from now on."))
        else:
            ReaderKey.objects.filter(user=user).delete()
            messages.success(request, _("Your clicks are no longer joined; nothing says whose the earlier ones were."))
        return redirect("joined_clicks")
    context = {"joined": ReaderKey.objects.filter(user=user).first(), "warnings": warnings_of(user.pk)}
    return render(request, "tracking/joined_clicks.html", context)


def traffic_advice(request: HttpRequest) -> JsonResponse:
    """Asks Chrome's prefetch proxy to leave this site alone: a link fetched ahead is a click nobody made."""
    advice = [{"user_agent": "prefetch-proxy", "google_prefetch_proxy_eap": {"fraction": 0.0}}]
    return JsonResponse(advice, safe=False, content_type="application/trafficadvice+json")
