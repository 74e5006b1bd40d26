"""No paid link goes live without its disclosure (promise P3)."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from wagtail.actions.publish_page_revision import PublishPageRevisionAction

import pytest
import time_machine

from guides.models import GuidePage
from tests.factories.catalogue import make_offer, make_product
from tests.factories.guides import make_guide, make_review, pick

pytestmark = pytest.mark.django_db


@pytest.fixture
def unconfirmed() -> GuidePage:
    return make_guide(products=[make_offer().product], facts_confirmed=False, live=False)


def test_publishing_unconfirmed_is_refused(unconfirmed: GuidePage):
    with pytest.raises(ValidationError):
        unconfirmed.save_revision().publish()


def test_publishing_past_the_pages_own_method_is_refused(unconfirmed: GuidePage):
    with pytest.raises(ValidationError):
        PublishPageRevisionAction(unconfirmed.save_revision()).execute(skip_permission_checks=True)


def test_scheduling_unconfirmed_is_refused(unconfirmed: GuidePage):
    unconfirmed.go_live_at = timezone.now() + dt.timedelta(days=1)
    with pytest.raises(ValidationError):
        unconfirmed.save_revision().publish()


def test_a_schedule_that_was_smuggled_in_is_refused_when_due(unconfirmed: GuidePage):
    revision = unconfirmed.save_revision()
    revision.approved_go_live_at = timezone.now() + dt.timedelta(hours=1)
    revision.save()
    with time_machine.travel(timezone.now() + dt.timedelta(hours=2)), pytest.raises(ValidationError):
        call_command("publish_scheduled")


def test_saving_a_live_row_unconfirmed_is_refused(unconfirmed: GuidePage):
    unconfirmed.live = True
    with pytest.raises(ValidationError):
        unconfirmed.save()


def test_a_draft_may_stay_unconfirmed(unconfirmed: GuidePage):
    unconfirmed.save_revision()
    assert not GuidePage.objects.get(pk=unconfirmed.pk).live


def test_a_draft_of_a_live_page_may_stay_unconfirmed():
    guide = make_guide(products=[make_offer().product])
    guide.facts_confirmed = False
    guide.save_revision()
    assert GuidePage.objects.get(pk=guide.pk).facts_confirmed


def test_a_guide_without_paid_links_needs_no_confirmation():
    assert make_guide(facts_confirmed=False).live


def test_a_rejected_pick_is_no_paid_link():
    assert make_guide(body=[pick(make_product(), role="rejected")], facts_confirmed=False).live


def test_a_reviewed_product_is_a_paid_link():
    with pytest.raises(ValidationError):
        make_review(product=make_product(), facts_confirmed=False)


def test_a_gift_without_its_giver_is_not_settled():
    with pytest.raises(ValidationError):
        make_guide(disclosure=[("gift", {"by": "", "what": "The kettle"})])


@pytest.mark.parametrize(
    "href", ["/go/abc", "http://testserver/go/abc", "//testserver/go/abc", "/es/go/abc", "HTTPS://testserver/go/abc"]
)
def test_a_tracked_link_in_plain_text_is_refused(href: str):
    with pytest.raises(ValidationError):
        make_guide(body=[("text", f'<p><a href="{href}">Buy</a></p>')])
