"""The demo's people: log-ins, readers, creators and who acts for a brand."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.hashers import make_password

from affiliates.parties.models import Merchant, MerchantMember, Program
from affiliates.parties.services import join_program
from cms.demo.domain.shapes import Content
from cms.demo.logins import DEMO_PASSWORD
from community.models import Creator, User
from community.selectors.roles import EDITORS, FINANCE, OPERATORS
from community.services.accounts import create_user
from community.services.creators import create_creator
from guides.services.storefronts import open_storefront

GROUPS = {"operator": [OPERATORS], "editor": [EDITORS], "finance": [FINANCE]}
BRAND_ROLES = {"brand_manager": MerchantMember.Role.MANAGER, "brand_viewer": MerchantMember.Role.VIEWER}


def make_people(content: Content) -> dict[str, User]:
    """Afterwards everybody can log in and stands in their place. May be repeated."""
    # One hash for all: hashing a dozen times would cost seconds at every first start.
    password = make_password(DEMO_PASSWORD)
    people = {}
    for person in content.people:
        user = User.objects.filter(email=person.email).first()
        if user is None:
            user = create_user(
                email=person.email,
                password=None,
                display_name=person.name,
                handle=person.handle or None,
                groups=GROUPS.get(person.role, ()),
                verified=True,
                country=person.country,
                language=person.language,
            )
            User.objects.filter(pk=user.pk).update(password=password)
        people[person.key] = user
        if person.role in BRAND_ROLES:
            merchant = Merchant.objects.get(slug=person.merchant)
            MerchantMember.objects.get_or_create(
                merchant=merchant, user=user, defaults={"role": BRAND_ROLES[person.role]}
            )
    return people


def make_creators(content: Content, people: dict[str, User], *, joined_at: dt.datetime) -> None:
    """Afterwards each creator has a storefront in each of their languages and joined every open programme then."""
    accounts = {person.creator: people[person.key] for person in content.people if person.creator}
    for profile in content.creators:
        bios = dict(profile.bio)
        first = next(iter(bios.values()))
        creator = Creator.objects.filter(handle=profile.handle).first() or create_creator(
            user=accounts[profile.handle],
            handle=profile.handle,
            display_name=profile.name,
            bio=bios.get("en", first)[:600],
            country=profile.country,
            is_trusted=profile.trusted,
        )
        open_storefront(creator=creator, languages=profile.languages, taglines=profile.tagline, bios=bios)
        for program in Program.objects.filter(is_open=True, is_active=True):
            join_program(program=program, creator=creator, now=joined_at)
