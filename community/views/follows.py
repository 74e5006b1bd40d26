"""Following things, and the page that shows what came of it."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from community.follows import FollowKind, kind_of
from community.selectors.follows import (
    PAGE_SIZE,
    followed_things,
    follower_count,
    following_feed,
    is_following,
)
from community.services.follows import follow as follow_thing
from community.services.follows import unfollow as unfollow_thing
from community.views.responses import Request, private, safe_path, signed_in, to_login


def _wanted(data: Any) -> tuple[FollowKind, Model]:
    kind = kind_of(data.get("kind", ""))
    thing = kind.find(data.get("ref", "")[:200]) if kind else None
    if kind is None or thing is None:
        raise Http404
    return kind, thing


def _address(kind: FollowKind, thing: Model) -> str:
    return f"{reverse('community:follow')}?{urlencode({'kind': kind.key, 'ref': kind.ref(thing)})}"


@require_http_methods(["GET", "POST"])
@private
def follow(request: Request) -> HttpResponse:
    """The follow button: a fragment for htmx, else a page of its own; a POST follows or unfollows."""
    kind, thing = _wanted(request.POST if request.method == "POST" else request.GET)
    here = _address(kind, thing)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return to_login(request, here)
        act = unfollow_thing if request.POST.get("action") == "unfollow" else follow_thing
        act(user=signed_in(request), kind=kind, thing=thing)
        if not request.htmx:
            return HttpResponseRedirect(safe_path(request, request.POST.get("next"), here))
    context = {
        "kind": kind.key,
        "ref": kind.ref(thing),
        "label": kind.label(thing),
        "address": kind.address(thing),
        "here": here,
        "following": is_following(request.user, kind, thing),
        "followers": follower_count(kind, thing),
        "next": safe_path(request, request.GET.get("next"), kind.address(thing)),
    }
    template = "community/_follow_button.html" if request.htmx else "community/follow.html"
    return render(request, template, context)


@require_GET
@private
def following(request: Request) -> HttpResponse:
    """What those I follow did, strictly newest first."""
    if not request.user.is_authenticated:
        return render(request, "community/following.html", {"lines": [], "followed": []})
    lines = following_feed(signed_in(request), before=_read_cursor(request.GET.get("before", "")))
    more, lines = len(lines) > PAGE_SIZE, lines[:PAGE_SIZE]
    context = {
        "lines": lines,
        "followed": followed_things(signed_in(request)),
        "next_cursor": _cursor(lines[-1].activity.at, lines[-1].activity.pk) if more else "",
    }
    return render(request, "community/following.html", context)


def _cursor(at: dt.datetime, pk: int) -> str:
    return base64.urlsafe_b64encode(f"{at.isoformat()} {pk}".encode()).decode().rstrip("=")


def _read_cursor(text: str) -> tuple[dt.datetime, int] | None:
    try:
        at, pk = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split(" ")
        moment = dt.datetime.fromisoformat(at)
        return (moment, int(pk)) if moment.tzinfo else None
    except ValueError:
        return None
