"""What the tour shows each role, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Step:
    """One thing to do, and where."""

    text: Text
    path: str


@dataclass(frozen=True)
class RoleTour:
    """A role's five minutes; `login` is the demo log-in, empty for a reader without an account."""

    name: Text
    login: str
    promise: Text
    steps: tuple[Step, ...]


def tour_steps() -> tuple[RoleTour, ...]:
    """The tour of every role, in the order of the main job."""
    return (
        RoleTour(
            _("Reader"),
            "",
            _("See what a guide knows about an offer, and what it admits it does not know."),
            (
                Step(_("Open a guide and choose your country in the header: the offers follow you."), "/guides/"),
                Step(_("Follow a product to its shop. The shop is a demo; buy something there."), "/guides/"),
                Step(_("Refund a third of the order and watch the commission shrink to the cent."), "/guides/"),
                Step(_("Log in as the reader and see what the creators you follow wrote."), "/following/"),
            ),
        ),
        RoleTour(
            _("Creator"),
            "creator",
            _("Every cent can be traced to a click, a rule and an order."),
            (
                Step(_("Open the earnings: clicks counted and not counted, with the reason."), "/cms/earnings/"),
                Step(_("Open an order and read why it was credited to you."), "/cms/earnings/"),
                Step(_("Edit a guide of your own. Another creator's is not even found."), "/cms/pages/"),
            ),
        ),
        RoleTour(
            _("Brand"),
            "brand",
            _("Your own commission report, from the same record the creator sees."),
            (
                Step(_("Filter the report by creator, guide and state."), "/brands/"),
                Step(_("Open an order and read the explanation, then take the CSV with you."), "/brands/"),
            ),
        ),
        RoleTour(
            _("Finance"),
            "finance",
            _("One proposes, another approves, and a sent payout is never sent again."),
            (
                Step(
                    _("Open the batch that awaits its second approval: your own proposal you cannot approve."),
                    "/cms/payouts/",
                ),
                Step(_("Log in as finance2 and approve it, then mark it as sent."), "/cms/payouts/"),
            ),
        ),
        RoleTour(
            _("Editor"),
            "editor",
            _("What waits for a decision, with its reasons."),
            (Step(_("Approve or reject the comment that was held for review."), "/cms/moderation/"),),
        ),
        RoleTour(
            _("Operator"),
            "operator",
            _("The whole house."),
            (
                Step(_("Look at merchants, programmes and their dated rules."), "/cms/"),
                Step(_("Read the API's description, then make a key with create_api_key."), "/api/v1/openapi.json"),
            ),
        ),
    )
