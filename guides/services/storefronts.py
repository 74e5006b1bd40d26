"""A creator's corner of the page tree, with the rights to it."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib.auth.models import Permission
from django.db import transaction
from wagtail.models import GroupPagePermission, Locale

from community.models import Creator
from guides.models import CreatorIndexPage, CreatorPage


@transaction.atomic
def open_storefront(
    *, creator: Creator, languages: Sequence[str] = ("en",), taglines: dict[str, str] | None = None,
    bios: dict[str, str] | None = None,
) -> list[CreatorPage]:  # fmt: skip
    """Afterwards the creator has a live storefront in each language and may write below it, and nowhere else.

    Trusted creators may publish; others submit to the editors. May be repeated: existing storefronts stay as they
    are, rights are brought up to date.
    """
    pages = []
    for language in languages:
        locale = Locale.objects.get(language_code=language)
        page = CreatorPage.objects.filter(creator=creator, locale=locale).first()
        if page is None:
            page = _add(creator, locale, (taglines or {}).get(language, ""), (bios or {}).get(language, creator.bio))
        _give_rights(creator, page)
        pages.append(page)
    return pages


def _add(creator: Creator, locale: Locale, tagline: str, bio: str) -> CreatorPage:
    index = CreatorIndexPage.objects.get(locale=locale)
    page = CreatorPage(
        title=creator.display_name, slug=creator.handle, creator=creator, locale=locale, summary=tagline[:320],
        bio=bio[:1200], owner=creator.user, social_image=creator.portrait,
    )  # fmt: skip
    if first := CreatorPage.objects.filter(creator=creator).first():
        page.translation_key = first.translation_key
    index.add_child(instance=page)
    page.save_revision(user=None).publish(skip_permission_checks=True)
    return page


def _give_rights(creator: Creator, page: CreatorPage) -> None:
    names = ["add_page", "change_page", *(["publish_page"] if creator.is_trusted else [])]
    wanted = Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=names)
    GroupPagePermission.objects.filter(group=creator.group, page=page).exclude(permission__in=wanted).delete()
    for permission in wanted:
        GroupPagePermission.objects.get_or_create(group=creator.group, page=page, permission=permission)
