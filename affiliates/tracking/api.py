"""Clicks and links over the API. A key sees its own side only."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from ninja import Router, Schema, Status

from affiliates.parties.keys import KeyAuth, require_scope
from affiliates.tracking.models import Click, Link
from affiliates.tracking.selectors.clicks import clicks_seen_by
from affiliates.tracking.selectors.links import earning_links, links_of
from affiliates.tracking.services.links import LinkRefused, create_link_for_url
from cms.core.paging import cursor_page
from cms.core.problems import Problem

router = Router(tags=["clicks"])

#: What each refusal of an address means, for people.
REFUSALS = {
    "malformed": "This is not a web address.",
    "scheme": "The address must begin with https:// or http://.",
    "credentials": "The address must not contain a user name or password.",
    "port": "The address must not name a port.",
    "unknown_host": "This host belongs to no merchant here.",
    "no_programme": "The merchant has no programme that you have joined or could join.",
}


class ClickOut(Schema):
    click_id: str
    at: dt.datetime
    link: str
    creator: str | None
    guide: str | None
    guide_title: str | None
    block: str
    merchant: str
    country: str
    device: str
    referrer_host: str
    verdict: str
    reason: str | None
    rules_version: str


class ClickList(Schema):
    results: list[ClickOut]
    next: str | None


class LinkIn(Schema):
    url: str
    label: str = ""


class LinkOut(Schema):
    code: str
    url: str
    destination: str
    label: str
    merchant: str
    product: str | None
    is_active: bool
    #: Whether its creator is in the merchant's programme now: what is clicked outside it earns nothing.
    earns: bool
    created_at: dt.datetime


class LinkList(Schema):
    results: list[LinkOut]
    next: str | None


@router.get("/clicks", auth=KeyAuth(), response=ClickList, summary="Own clicks, newest first")
def list_clicks(request: HttpRequest, since: str = "", until: str = "") -> dict[str, Any]:
    key = require_scope(request, "clicks:read")
    clicks = clicks_seen_by(merchant_id=key.merchant_id, creator_id=key.creator_id, everyone=key.is_operator)
    clicks = clicks.between(_moment("since", since), _moment("until", until))
    rows, following = cursor_page(request, clicks, order=("-at", "-id"))
    return {"results": [_click(click) for click in rows], "next": following}


@router.get("/links", auth=KeyAuth(), response=LinkList, summary="Own links, newest first")
def list_links(request: HttpRequest) -> dict[str, Any]:
    key = require_scope(request, "links:read")
    links = links_of(key.creator_id) if key.creator_id else Link.objects.select_related("merchant", "offer__product")
    rows, following = cursor_page(request, links, order=("-id",))
    earning = earning_links(rows)
    return {"results": [_link(link, earning) for link in rows], "next": following}


@router.post("/links", auth=KeyAuth(), response={201: LinkOut, 200: LinkOut}, summary="A link to a merchant's address")
def make_link(request: HttpRequest, body: LinkIn) -> Status[Any]:
    key = require_scope(request, "links:write")
    if key.creator is None:
        raise Problem(403, "Forbidden", "Links belong to creators; use a creator's key.")
    try:
        made = create_link_for_url(creator=key.creator, url=body.url, label=body.label)
    except LinkRefused as refusal:
        detail = f"{refusal.reason}: {REFUSALS[refusal.reason]}"
        raise Problem(400, "Bad request", errors=[{"pointer": "/url", "detail": detail}]) from refusal
    return Status(201 if made.is_new else 200, _link(made.link, earning_links([made.link])))


def _moment(name: str, text: str) -> dt.datetime | None:
    if not text:
        return None
    try:
        # A plus sign that was not escaped arrives as a space.
        moment = dt.datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        raise Problem(
            400,
            "Bad request",
            errors=[{"pointer": f"?{name}", "detail": "Write a time such as 2026-11-22T09:00:00Z."}],
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _click(click: Click) -> dict[str, Any]:
    placement = click.placement
    return {
        "click_id": click.click_id,
        "at": click.at,
        "link": click.link.code,
        "creator": click.creator.handle if click.creator else None,
        "guide": placement.ref if placement else None,
        "guide_title": placement.title if placement else None,
        "block": click.block,
        "merchant": click.merchant.slug,
        "country": click.country,
        "device": click.device,
        "referrer_host": click.referrer_host,
        "verdict": "valid" if click.verdict.is_valid else "invalid",
        "reason": click.verdict.reason or None,
        "rules_version": click.verdict.rules_version,
    }


def _link(link: Link, earning: set[int]) -> dict[str, Any]:
    return {
        "code": link.code,
        "url": f"{settings.BASE_URL}/go/{link.code}",
        "destination": link.offer.url if link.offer else link.url,
        "label": link.label,
        "merchant": link.merchant.slug,
        "product": link.offer.product.slug if link.offer else None,
        "is_active": link.is_active,
        "earns": link.pk in earning,
        "created_at": link.created_at,
    }
