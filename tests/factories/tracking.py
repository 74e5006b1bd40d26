"""Links, placements and clicks for tests."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from wagtail.models import Page

from affiliates.catalogue.models import Offer
from affiliates.parties.models import Merchant, Program
from affiliates.tracking.domain import codes, payloads
from affiliates.tracking.domain.agents import device_class
from affiliates.tracking.domain.validity import RULES_VERSION, Reason
from affiliates.tracking.models import Click, ClickTally, ClickVerdict, Link, Placement
from affiliates.tracking.services import click_store
from affiliates.tracking.services.journal import Journal
from community.models import Creator
from tests.factories.parties import make_enrolment

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"


def make_link(
    *,
    merchant: Merchant,
    creator: Creator | None = None,
    offer: Offer | None = None,
    url: str = "",
    **fields: Any,
) -> Link:
    """A link to an offer, or to an address of the merchant; its creator joined the merchant's programme long ago."""
    program = Program.objects.filter(merchant=merchant, is_active=True).first()
    if creator is not None and program is not None and not program.enrolments.filter(creator=creator).exists():
        make_enrolment(program, creator)
    if offer is None and not url:
        host = merchant.hosts.order_by("pk").first()
        url = f"https://{host.host if host else 'shop.example'}/thing"
    return Link.objects.create(merchant=merchant, creator=creator, offer=offer, url=url, **fields)


def make_placement(*, creator: Creator | None = None, page: Page | None = None, title: str = "A guide") -> Placement:
    """Where a link stands; without a page, as after the page's deletion."""
    return Placement.objects.create(creator=creator, page=page, title=title, path="/creators/somebody/a-guide/")


def make_click(
    *,
    link: Link,
    at: dt.datetime | None = None,
    reason: str = "",
    placement: Placement | None = None,
    country: str = "DE",
    agent: str = BROWSER,
    visitor_key: str = "v" * 32,
    **fields: Any,
) -> Click:
    """A stored click with its verdict and its place in the tallies, as the loader would have left them."""
    at = at or timezone.now()
    click = Click.objects.create(
        click_id=fields.pop("click_id", None) or codes.click_id(),
        at=at,
        link=link,
        creator=link.creator,
        merchant=link.merchant,
        offer=link.offer,
        placement=placement,
        country=country,
        device=device_class(agent),
        agent=agent,
        method=fields.pop("method", "GET"),
        visitor_key=visitor_key,
        network_class="public4",
        **fields,
    )
    ClickVerdict.objects.create(
        click=click,
        is_valid=not reason,
        reason=Reason(reason),
        counted_at=None if reason else at,
        rules_version=RULES_VERSION,
        judged_at=at,
    )
    key = click_store.TallyKey(
        at.astimezone(dt.UTC).date().isoformat(),
        link.pk,
        placement.pk if placement else None,
        link.offer.product_id if link.offer else None,
        country,
        reason,
        link.creator_id,
        link.merchant_id,
    )
    click_store.add_to_tallies({key: 1})
    return click


def payload(link: Link | int, **facts: Any) -> bytes:
    """A click as the handler would journal it; every fact can be given."""
    fields: dict[str, Any] = {
        "click_id": codes.click_id(),
        "at": 1_790_000_000_000_000,
        "link": link if isinstance(link, int) else link.pk,
        "method": "GET",
        "flags": "",
        "visitor": "v" * 32,
        "network": "public4",
        "place": "",
        "country": "DE",
        "languages": "",
        "referrer_host": "",
        "agent": BROWSER,
    }
    return payloads.encode(**{**fields, **facts})


def journal_clicks(*written: bytes) -> None:
    """Put payloads into the journal of this test, in one closed segment."""
    journal = Journal(Path(settings.JOURNAL_DIR))
    for one in written:
        assert journal.append(one)
    journal.close()


def tallied(**filters: Any) -> dict[str, int]:
    """reason → clicks in the tallies."""
    found: dict[str, int] = {}
    for tally in ClickTally.objects.filter(count__gt=0, **filters):
        found[tally.reason] = found.get(tally.reason, 0) + tally.count
    return found


def active_program(merchant: Merchant) -> Program:
    """The merchant's programme."""
    return Program.objects.get(merchant=merchant, is_active=True)
