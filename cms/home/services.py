"""The page tree a site starts with."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from wagtail.models import GroupApprovalTask, Locale, Page, Site, Workflow, WorkflowPage, WorkflowTask

from cms.home.models import HomePage
from community.selectors.roles import EDITORS
from guides.models import CreatorIndexPage, GuideIndexPage, TopicIndexPage

WORKFLOW = "Editor review"


@transaction.atomic
def ensure_site_tree() -> HomePage:
    """Afterwards there is a front page with its shelves in every language, and the editors review what is submitted.

    May be repeated: what is there stays. Replaces the page that Wagtail starts with.
    """
    home = HomePage.objects.filter(locale__language_code=settings.LANGUAGE_CODE, depth=2).first()
    if home is None:
        home = _first_home()
    for code, _name in settings.LANGUAGES:
        locale, _made = Locale.objects.get_or_create(language_code=code)
        with translation.override(code):
            _shelves(_home_in(home, locale))
    _review(home)
    return home


def _first_home() -> HomePage:
    locale, _made = Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root", locale=locale))
    for welcome in root.get_children().filter(content_type__app_label="wagtailcore", content_type__model="page"):
        welcome.delete()
    root = Page.objects.get(pk=root.pk)
    home = HomePage(title="Vitrina", slug="home", locale=locale)
    root.add_child(instance=home)
    base = urlsplit(settings.BASE_URL)
    Site.objects.update_or_create(
        is_default_site=True,
        defaults={
            "hostname": base.hostname or "localhost",
            "port": base.port or (443 if base.scheme == "https" else 80),
            "root_page": home,
            "site_name": "Vitrina",
        },
    )
    return home


def _home_in(home: HomePage, locale: Locale) -> HomePage:
    if home.locale_id == locale.pk:
        return home
    if (other := home.get_translation_or_none(locale)) is not None:
        return other  # type: ignore[no-any-return]
    other = HomePage(
        title="Vitrina", slug=f"home-{locale.language_code}", locale=locale, translation_key=home.translation_key
    )
    Page.get_first_root_node().add_child(instance=other)
    return other


def _shelves(home: HomePage) -> None:
    default = HomePage.objects.get(translation_key=home.translation_key, locale__language_code=settings.LANGUAGE_CODE)
    shelves = (
        (GuideIndexPage, "guides", _("Guides"), _("Every guide and review, newest first.")),
        (TopicIndexPage, "topics", _("Topics"), _("What the guides are about.")),
        (CreatorIndexPage, "creators", _("Creators"), _("The people who test, compare and write.")),
    )
    for model, slug, title, summary in shelves:
        if model.objects.child_of(home).exists():
            continue
        page = model(title=title, slug=slug, summary=summary, locale=home.locale)
        if first := model.objects.child_of(default).first():
            page.translation_key = first.translation_key
        home.add_child(instance=page)


def _review(home: HomePage) -> None:
    workflow, _made = Workflow.objects.get_or_create(name=WORKFLOW)
    task = GroupApprovalTask.objects.filter(name=WORKFLOW).first() or GroupApprovalTask.objects.create(name=WORKFLOW)
    task.groups.set(Group.objects.filter(name=EDITORS))
    WorkflowTask.objects.get_or_create(workflow=workflow, task=task)
    for page in HomePage.objects.filter(translation_key=home.translation_key):
        WorkflowPage.objects.update_or_create(page=page, defaults={"workflow": workflow})
