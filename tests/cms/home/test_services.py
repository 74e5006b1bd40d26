"""The page tree a site starts with."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.test import Client

from wagtail.models import Locale, Page, Site, Workflow, WorkflowPage

import pytest

from cms.home.models import HomePage
from cms.home.services import ensure_site_tree
from guides.models import CreatorIndexPage, GuideIndexPage, TopicIndexPage
from tests.factories.community import make_operator

pytestmark = pytest.mark.django_db

SHELVES = (GuideIndexPage, TopicIndexPage, CreatorIndexPage)


def _bare_site() -> None:
    """A database as Wagtail's own migrations leave it: one page that says welcome."""
    Site.objects.all().delete()
    for page in Page.objects.filter(depth=2):
        page.delete()
    root = Page.objects.get(depth=1)
    kind = ContentType.objects.get_for_model(Page)
    welcome = root.add_child(
        instance=Page(
            title="Welcome to your new Wagtail site!", slug="home", content_type=kind, locale=Locale.get_default()
        )
    )
    Site.objects.create(hostname="localhost", root_page=welcome, is_default_site=True)


def _tree() -> list[tuple[str, str, int]]:
    return list(Page.objects.order_by("path").values_list("path", "title", "pk"))


def test_a_migrated_site_has_its_front_page(client: Client) -> None:
    make_operator()
    assert client.get("/").status_code == 200


def test_a_second_time_changes_nothing() -> None:
    ensure_site_tree()
    before = _tree()
    ensure_site_tree()
    assert _tree() == before


def test_a_second_time_makes_no_second_workflow() -> None:
    ensure_site_tree()
    before = Workflow.objects.count(), WorkflowPage.objects.count()
    ensure_site_tree()
    assert (Workflow.objects.count(), WorkflowPage.objects.count()) == before


def test_wagtails_welcome_page_makes_room() -> None:
    _bare_site()
    ensure_site_tree()
    assert not Page.objects.filter(title__icontains="Wagtail").exists()
    assert Site.objects.get(is_default_site=True).root_page.specific_class is HomePage


def test_the_site_answers_at_its_own_address() -> None:
    _bare_site()
    ensure_site_tree()
    assert Site.objects.get(is_default_site=True).root_url == "http://testserver"


def test_every_language_has_its_shelves() -> None:
    for locale in Locale.objects.filter(language_code__in=["en", "es"]):
        home = HomePage.objects.get(locale=locale)
        assert [model.objects.child_of(home).count() for model in SHELVES] == [1, 1, 1]


def test_spanish_stands_below_es_and_is_a_translation(client: Client) -> None:
    make_operator()
    english, spanish = (HomePage.objects.get(locale__language_code=code) for code in ("en", "es"))
    assert english.translation_key == spanish.translation_key
    assert spanish.url == "/es/"
    assert '<html lang="es"' in client.get("/es/").content.decode()


@pytest.mark.parametrize("slug", ["guides", "topics", "creators"])
def test_a_shelf_has_the_same_address_in_each_language(client: Client, slug: str) -> None:
    assert client.get(f"/{slug}/").status_code == 200
    assert client.get(f"/es/{slug}/").status_code == 200


def test_what_somebody_renamed_keeps_its_name() -> None:
    shelf = GuideIndexPage.objects.first()
    assert shelf is not None
    shelf.title = "Everything we wrote"
    shelf.save()
    ensure_site_tree()
    assert GuideIndexPage.objects.get(pk=shelf.pk).title == "Everything we wrote"


def test_a_missing_shelf_comes_back() -> None:
    TopicIndexPage.objects.filter(locale__language_code="es").first().delete()  # type: ignore[union-attr]
    ensure_site_tree()
    assert TopicIndexPage.objects.filter(locale__language_code="es").count() == 1


def test_what_is_submitted_goes_to_the_editors_in_every_language() -> None:
    ensure_site_tree()
    for home in HomePage.objects.all():
        [task] = home.get_workflow().tasks
        assert [group.name for group in task.specific.groups.all()] == ["Editors"]


@pytest.mark.parametrize("address", ["/nothing/", "/guides/nothing/", "/creators/nobody/guide/", "/es/nada/", "/home/"])
def test_an_address_that_leads_nowhere_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404
