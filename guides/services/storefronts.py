"""A creator's corner of the page tree, with the rights to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.utils.translation import gettext

from wagtail.models import GroupPagePermission, Locale, Page, PageLogEntry, Revision

from affiliates.tracking.models import Placement
from community.models import Creator
from guides.models import CreatorIndexPage, CreatorPage


@transaction.atomic
def open_storefront(
    *,
    creator: Creator,
    languages: Sequence[str] = ("en",),
    taglines: Mapping[str, str] | None = None,
    bios: Mapping[str, str] | None = None,
) -> list[CreatorPage]:
    """Afterwards the creator has a live storefront in each language and may write below it, and nowhere else.

    Trusted creators may publish; others submit to the editors. May be repeated: existing storefronts keep their
    words, and take the given ones only where they have none of their own. Rights are brought up to date.
    """
    pages = []
    for language in languages:
        tagline, bio = (taglines or {}).get(language, ""), (bios or {}).get(language, "")
        locale = Locale.objects.get(language_code=language)
        page = CreatorPage.objects.filter(creator=creator, locale=locale).first()
        if page is None:
            page = _add(creator, locale, tagline, bio)
        else:
            _fill_in(page, creator, tagline, bio)
        _give_rights(creator, page)
        pages.append(page)
    return pages


@transaction.atomic
def welcome_creator(*, creator: Creator) -> list[CreatorPage]:
    """Afterwards a new creator has a storefront in their own language, or in the site's where it has not theirs.

    May be repeated. Does nothing while the site has no shelf for creators.
    """
    spoken = creator.user.language
    language = spoken if spoken in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    if not CreatorIndexPage.objects.filter(locale__language_code=language).exists():
        return []
    return open_storefront(creator=creator, languages=[language])


@transaction.atomic
def renew_rights(*, creator: Creator) -> None:
    """Afterwards the creator's rights are those of their present trust, in all their storefronts. May be repeated."""
    for page in CreatorPage.objects.filter(creator=creator):
        _give_rights(creator, page)


def _add(creator: Creator, locale: Locale, tagline: str, bio: str) -> CreatorPage:
    index = CreatorIndexPage.objects.get(locale=locale)
    page = CreatorPage(
        title=creator.display_name,
        slug=creator.handle,
        creator=creator,
        locale=locale,
        summary=tagline[:320],
        bio=(bio or creator.bio)[:1200],
        owner=creator.user,
        social_image=creator.portrait,
    )
    if first := CreatorPage.objects.filter(creator=creator).first():
        page.translation_key = first.translation_key
    index.add_child(instance=page)
    page.save_revision(user=None).publish(skip_permission_checks=True)
    return page


def _fill_in(page: CreatorPage, creator: Creator, tagline: str, bio: str) -> None:
    wants_tagline = bool(tagline) and not page.summary
    wants_bio = bool(bio) and page.bio in ("", creator.bio) and page.bio != bio[:1200]
    if wants_tagline or wants_bio:
        page.summary = tagline[:320] if wants_tagline else page.summary
        page.bio = bio[:1200] if wants_bio else page.bio
        page.save_revision(user=None).publish(skip_permission_checks=True)


def _give_rights(creator: Creator, page: CreatorPage) -> None:
    names = ["add_page", "change_page", *(["publish_page"] if creator.is_trusted else [])]
    wanted = Permission.objects.filter(content_type__app_label="wagtailcore", codename__in=names)
    GroupPagePermission.objects.filter(group=creator.group, page=page).exclude(permission__in=wanted).delete()
    for permission in wanted:
        GroupPagePermission.objects.get_or_create(group=creator.group, page=page, permission=permission)


@transaction.atomic
def close_storefronts(*, creator: Creator) -> None:
    """Afterwards nothing of an erased creator can be read: no page is live, and their storefront names nobody.

    The pages stay, for the clicks and orders that came through them. May be repeated.
    """
    for page in CreatorPage.objects.filter(creator=creator):
        tree = list(page.get_descendants(inclusive=True))
        for below in tree:
            if below.live:
                below.specific.unpublish(log_action=False)
        keys = [below.pk for below in tree]
        Page.objects.filter(pk__in=keys).update(latest_revision=None, live_revision=None)
        Revision.page_revisions.filter(object_id__in=[str(key) for key in keys]).delete()
        PageLogEntry.objects.filter(page__in=keys).delete()
        page.refresh_from_db()
        page.title = page.draft_title = gettext("Former creator")
        page.slug = f"erased-{creator.pk}"
        page.summary = page.bio = page.seo_title = page.search_description = ""
        page.social_image = None
        page.save()
    Placement.objects.filter(creator=creator).update(path="")
    if connection.vendor == "sqlite":
        # The index only marks old words as gone; merging its parts is what removes them.
        with connection.cursor() as cursor:
            table = "wagtailsearch_indexentry_fts"
            cursor.execute(f"INSERT INTO {table}({table}) VALUES ('optimize')")  # noqa: S608
