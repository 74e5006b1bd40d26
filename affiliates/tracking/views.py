"""`/go/<code>` as an ordinary Django view, for tests and development. A running site answers it earlier."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from affiliates.tracking.handler import runtime


@csrf_exempt
def go(request: HttpRequest, code: str) -> HttpResponse:
    """What the handler ahead of Django answers."""
    environ = {**request.META, "PATH_INFO": f"/go/{code}"}
    environ.setdefault("QUERY_STRING", "")
    status, headers, body = runtime.handler().answer(environ)
    return HttpResponse(body, status=int(status[:3]), headers={k: v for k, v in headers if k != "Content-Length"})


def traffic_advice(request: HttpRequest) -> JsonResponse:
    """Asks Chrome's prefetch proxy to leave this site alone: a link fetched ahead is a click nobody made."""
    advice = [{"user_agent": "prefetch-proxy", "google_prefetch_proxy_eap": {"fraction": 0.0}}]
    return JsonResponse(advice, safe=False, content_type="application/trafficadvice+json")
