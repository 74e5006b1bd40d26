"""What is done to the offers and feeds that were ticked in a list."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from affiliates.catalogue.models import Feed, Offer
from affiliates.catalogue.services.feed_fetching import fetch_soon
from affiliates.catalogue.services.health import look_soon
from affiliates.parties.views import OperatorBulkAction


class LookAtOffers(OperatorBulkAction):
    """The worker looks where they lead before anything else."""

    display_name = _("Look now")
    action_type = "look"
    aria_label = _("Have the pages of the selected offers looked at now")
    action_priority = 10
    models = [Offer]
    title = _("Look at the shops' pages")
    question = _("The worker will look at once where these offers lead:")

    @classmethod
    def execute_action(cls, objects: list[Offer], **kwargs: Any) -> tuple[int, int]:
        return look_soon(offers=objects, now=timezone.now()), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        words = ngettext(
            "%(count)s offer is looked at next.", "%(count)s offers are looked at next.", num_parent_objects
        )
        return words % {"count": num_parent_objects}


class FetchFeeds(OperatorBulkAction):
    """The worker fetches them in its next round, whatever the shops say of their age."""

    display_name = _("Fetch now")
    action_type = "fetch"
    aria_label = _("Fetch the selected feeds now")
    action_priority = 10
    models = [Feed]
    title = _("Fetch feeds")
    question = _("The worker will fetch these feeds in its next round; those that are switched off stay as they are:")

    @classmethod
    def execute_action(cls, objects: list[Feed], **kwargs: Any) -> tuple[int, int]:
        now = timezone.now()
        return sum(fetch_soon(feed=feed, now=now) for feed in objects), 0

    def get_success_message(self, num_parent_objects: int, num_child_objects: int) -> str:
        words = ngettext("%(count)s feed is fetched next.", "%(count)s feeds are fetched next.", num_parent_objects)
        return words % {"count": num_parent_objects}
