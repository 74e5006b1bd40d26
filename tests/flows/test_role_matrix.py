"""Who may open what. A row an address, a column a role; the cell is the answer.

`in` is 200; `out` is a refusal of whatever kind (404 where existence would tell, 403, or a way to the log-in or the
person's own place).
"""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client

import pytest

from affiliates.parties.models import MerchantMember
from community.models import User
from tests.factories.community import make_creator, make_editor, make_finance, make_operator, make_user
from tests.factories.parties import make_member, make_merchant

pytestmark = pytest.mark.django_db


def _brand() -> User:
    person = make_user()
    make_member(make_merchant(), person, MerchantMember.Role.VIEWER)
    return person


PEOPLE: dict[str, Callable[[], User] | None] = {
    "anonymous": None,
    "reader": make_user,
    "creator": lambda: make_creator().user,
    "editor": make_editor,
    "finance": make_finance,
    "brand": _brand,
    "operator": make_operator,
}
#: Address → the roles that are let in.
ADDRESSES: dict[str, set[str]] = {
    "/": set(PEOPLE),
    "/guides/": set(PEOPLE),
    "/es/guides/": set(PEOPLE),
    "/topics/": set(PEOPLE),
    "/creators/": set(PEOPLE),
    "/search/?q=kettle": set(PEOPLE),
    "/api/v1/guides": set(PEOPLE),
    "/api/v1/openapi.json": set(PEOPLE),
    "/account/profile/": set(PEOPLE) - {"anonymous"},
    "/cms/": {"creator", "editor", "finance", "operator"},
    "/cms/earnings/": {"creator"},
    "/cms/moderation/": {"editor", "operator"},
    "/cms/earnings/statements/": {"creator"},
    "/cms/payouts/": {"finance", "operator"},
    "/cms/programmes/": {"creator"},
    "/cms/money/rules/": {"finance", "operator"},
    "/cms/programme-creators/": {"finance", "operator"},
    "/cms/money/months/": {"finance", "operator"},
    "/cms/money/ledger/": {"finance", "operator"},
    "/cms/money/bank/": {"finance", "operator"},
    "/cms/money/suspense/": {"finance", "operator"},
    "/cms/bank-mappings/": {"finance", "operator"},
    "/cms/money/tax/": {"finance", "operator"},
    "/cms/network-reports/": {"finance", "operator"},
    "/cms/network-reports/upload/": {"finance", "operator"},
    "/cms/network-reports/differences/": {"finance", "operator"},
    "/cms/report-mappings/": {"finance", "operator"},
    "/cms/users/": {"operator"},
    "/cms/settings/core/siteSettings/".lower(): {"operator"},
    "/cms/reports/site-history/": {"editor", "finance", "operator"},
    "/cms/reports/jobs/": {"operator"},
    "/cms/feeds/": {"operator"},
    "/cms/feed-mappings/": {"operator"},
    "/cms/feed-imports/": {"operator"},
    "/cms/feed-imports/upload/": {"operator"},
    "/brands/": {"brand"},
    "/brands/report.csv": {"brand"},
    "/brands/creators/": {"brand"},
    "/api/v1/conversions/A-1": set(),
    "/api/v1/reports/commissions": set(),
    "/api/v1/clicks": set(),
}


@pytest.mark.parametrize("role", PEOPLE)
def test_each_role_opens_its_own_places_and_no_other(role: str, client: Client) -> None:
    make_user()  # a site without people leads to its set-up page
    if make := PEOPLE[role]:
        client.force_login(make())
    opened = {address for address in ADDRESSES if client.get(address, follow=False).status_code == 200}
    # Settings lead to the one site's page first.
    if client.get("/cms/settings/core/sitesettings/").status_code == 302 and role == "operator":
        opened.add("/cms/settings/core/sitesettings/")
    assert opened == {address for address, roles in ADDRESSES.items() if role in roles}
