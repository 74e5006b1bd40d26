from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

import pytest

from affiliates.catalogue.models import Delivery, Feed, FeedRun, Offer, Product, Reading, SourcePolicy
from affiliates.catalogue.services import feeds
from affiliates.catalogue.services.feeds import FeedRefused, Progress, import_feed
from affiliates.catalogue.signals import offers_changed
from affiliates.parties.models import Merchant
from cms.core import generation
from tests.factories.catalogue import make_feed, make_offer, make_policy, make_product
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(days=1)
HEAD = "id\ttitle\tlink\tavailability\tprice\tbrand\tgtin\tmpn\tshipping"


def row(number: int, price: str = "10.00 EUR", *, merchant: str = "acme", stock: str = "in stock", **other: str) -> str:
    fields = {"brand": "", "gtin": "", "mpn": "", "shipping": "DE:::3.90 EUR", "title": f"Thing {number}", **other}
    cells = [f"A-{number}", fields["title"], f"https://{merchant}.example/p/{number}", stock, price]
    return "\t".join([*cells, fields["brand"], fields["gtin"], fields["mpn"], fields["shipping"]])


def feed(merchant: Merchant, rows: Sequence[str], *, now: dt.datetime = NOON, **options: Any) -> FeedRun:
    data = "\n".join([HEAD, *rows, ""]).encode()
    return import_feed(merchant=merchant, source=io.BytesIO(data), format="google", now=now, **options)


def everything() -> list[list[dict[str, Any]]]:
    """All that a feed can change, except when it was seen."""
    times = {"price_seen_at", "last_seen_at"}
    return [
        [{k: v for k, v in values.items() if k not in times} for values in model.objects.order_by("pk").values()]
        for model in (Product, Offer, Delivery, Reading)
    ]


def killed_at(step: str, count: int) -> Progress:
    """A progress that ends the import there."""

    def die(at_step: str, at_count: int) -> None:
        if (at_step, at_count) == (step, count):
            raise KeyboardInterrupt

    return die


@pytest.fixture
def acme() -> Merchant:
    return make_merchant("acme")


def test_each_row_becomes_an_offer_with_product_delivery_and_reading(acme: Merchant) -> None:
    run = feed(acme, [row(1), row(2)])
    assert (run.status, run.rows, run.created) == ("done", 2, 2)
    assert [len(rows) for rows in everything()] == [2, 2, 1, 2]


def test_the_same_feed_again_changes_nothing(acme: Merchant) -> None:
    rows = [row(1, gtin="4006381333931"), row(2, brand="Acme", mpn="K2"), row(3)]
    feed(acme, rows)
    before = everything()
    run = feed(acme, rows, now=LATER)
    assert (run.unchanged, run.created, run.updated) == (3, 0, 0)
    assert everything() == before


def test_the_same_feed_again_renews_the_time_of_its_prices(acme: Merchant) -> None:
    feed(acme, [row(1)])
    feed(acme, [row(1)], now=LATER)
    assert Offer.objects.get().price_seen_at == LATER


def test_an_import_starts_new_pages_even_where_only_times_changed(acme: Merchant, monkeypatch) -> None:
    feed(acme, [row(1)])
    bumped: list[bool] = []
    monkeypatch.setattr(generation, "bump", lambda: bumped.append(True))
    feed(acme, [row(1)], now=LATER)
    assert bumped


def test_a_changed_price_is_one_more_reading(acme: Merchant) -> None:
    feed(acme, [row(1), row(2)])
    run = feed(acme, [row(1, "9.00 EUR"), row(2)], now=LATER)
    assert (run.updated, run.unchanged) == (1, 1)
    assert list(Reading.objects.filter(offer__external_id="A-1").values_list("price_minor", flat=True)) == [1000, 900]


def test_a_changed_title_is_no_reading(acme: Merchant) -> None:
    feed(acme, [row(1)])
    feed(acme, [row(1, title="Better thing")], now=LATER)
    assert (Offer.objects.get().title, Reading.objects.count()) == ("Better thing", 1)


def test_changed_deliveries_replace_the_old_ones(acme: Merchant) -> None:
    feed(acme, [row(1)])
    feed(acme, [row(1, shipping="AT:::5.00 EUR,CH:::9.00 EUR")], now=LATER)
    stated = Delivery.objects.filter(profile=Offer.objects.get().delivery_profile)
    assert sorted(stated.values_list("country", flat=True)) == ["AT", "CH"]


def test_a_partial_feed_leaves_what_it_lacks(acme: Merchant) -> None:
    feed(acme, [row(1), row(2)])
    run = feed(acme, [row(1)], now=LATER)
    assert run.gone == 0
    assert Offer.objects.present().count() == 2


def test_a_complete_feed_says_that_what_it_lacks_is_gone(acme: Merchant) -> None:
    feed(acme, [row(1), row(2)])
    run = feed(acme, [row(1)], now=LATER, complete=True)
    assert run.gone == 1
    assert Offer.objects.get(external_id="A-2").gone_at == LATER


def test_a_complete_feed_says_nothing_of_other_merchants(acme: Merchant) -> None:
    feed(make_merchant("other"), [row(1, merchant="other")])
    assert feed(acme, [row(1)], now=LATER, complete=True).gone == 0


def test_a_complete_feed_does_not_lack_what_it_lists_badly(acme: Merchant) -> None:
    rows = [row(number) for number in range(1, 51)]
    feed(acme, [*rows, row(51)])
    run = feed(acme, [row(1, "free"), *rows[1:]], now=LATER, complete=True)
    assert (run.gone, run.bad) == (1, 1)
    assert Offer.objects.get(external_id="A-1").gone_at is None


def test_a_badly_listed_offer_keeps_the_time_of_its_price(acme: Merchant) -> None:
    rows = [row(number) for number in range(1, 51)]
    feed(acme, rows)
    feed(acme, [row(1, "free"), *rows[1:]], now=LATER, complete=True)
    offer = Offer.objects.get(external_id="A-1")
    assert (offer.price_seen_at, offer.last_seen_at) == (NOON, NOON)


def test_a_row_that_does_not_say_whose_it_is_keeps_all_from_being_gone(acme: Merchant) -> None:
    rows = [row(number) for number in range(1, 61)]
    feed(acme, rows)
    run = feed(acme, [*rows[:50], "A-60\tThing", row(61)], now=LATER, complete=True)
    assert (run.status, run.gone) == ("done", 0)
    assert run.reason == "Nothing was marked gone: 1 bad rows do not say which listing they are."


def test_a_complete_run_that_was_killed_marked_nothing_gone(acme: Merchant, monkeypatch) -> None:
    monkeypatch.setattr("affiliates.catalogue.services.feeds.BATCH", 2)
    rows = [row(number) for number in range(8)]
    feed(acme, rows)
    with pytest.raises(KeyboardInterrupt):
        feed(acme, rows[:6], now=LATER, complete=True, progress=killed_at("apply", 4))
    assert Offer.objects.present().count() == 8
    assert feed(acme, rows[:6], now=LATER + dt.timedelta(hours=1), complete=True).gone == 2


def test_a_run_that_was_killed_while_it_read_changed_nothing(acme: Merchant, monkeypatch) -> None:
    monkeypatch.setattr("affiliates.catalogue.services.feeds.BATCH", 2)
    feed(acme, [row(1)])
    before = everything()
    with pytest.raises(KeyboardInterrupt):
        feed(acme, [row(number, "9 EUR") for number in range(6)], progress=killed_at("read", 4), now=LATER)
    assert everything() == before


def test_a_number_with_a_nul_is_a_bad_row(acme: Merchant) -> None:
    run = feed(acme, [row(1).replace("A-1", "A\x00"), *(row(number) for number in range(2, 60))])
    (fault,) = run.faults
    assert (fault["row"], fault["id"], fault["reason"]) == (1, "A\ufffd", "holds a NUL character")


def test_a_sale_that_began_since_is_a_reading_though_the_row_says_the_same(acme: Merchant) -> None:
    sale = f"{HEAD}\tsale_price\tsale_price_effective_date\n{row(1)}\t8.00 EUR\t2026-11-21T00:00Z/2026-11-30T00:00Z\n"
    for now in (NOON, LATER, LATER + dt.timedelta(hours=1)):
        import_feed(merchant=acme, source=io.BytesIO(sale.encode()), format="google", now=now)
    assert list(Reading.objects.values_list("price_minor", flat=True)) == [1000, 800]


def test_the_site_uses_what_a_run_that_waited_already_knows(acme: Merchant) -> None:
    waiting = FeedRun.objects.create(merchant=acme, format="google", status="queued", source="upload.tsv")
    run = feed(acme, [row(1)], run=waiting)
    assert (run.pk, FeedRun.objects.get().status, run.source) == (waiting.pk, "done", "upload.tsv")


def test_a_run_says_where_it_is_and_that_somebody_is_at_it(acme: Merchant, monkeypatch) -> None:
    monkeypatch.setattr("affiliates.catalogue.services.feeds.BATCH", 2)
    monkeypatch.setattr("affiliates.catalogue.services.feeds.HEARTBEAT_SECONDS", 0.0)
    seen: list[tuple[str, int, int, bool]] = []

    def look(step: str, count: int) -> None:
        run = FeedRun.objects.get()
        seen.append((run.phase, run.phase_done, run.phase_total, run.heartbeat_at is not None))

    feed(acme, [row(number) for number in range(4)], progress=look)
    assert seen[-1] == ("apply", 2, 4, True)


def test_the_good_rows_tell_of_themselves_with_their_batch_or_not_at_all(acme: Merchant) -> None:
    def fail(sender: object, offer_ids: list[int], **_: object) -> None:
        raise RuntimeError("no room")

    offers_changed.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            feed(acme, [row(1)])
    finally:
        offers_changed.disconnect(fail)
    assert not Offer.objects.exists()


def test_what_was_gone_can_come_back(acme: Merchant) -> None:
    feed(acme, [row(1), row(2)])
    feed(acme, [row(1)], now=LATER, complete=True)
    run = feed(acme, [row(1), row(2)], now=LATER + dt.timedelta(days=1))
    assert (run.updated, Offer.objects.present().count()) == (1, 2)


def test_few_bad_rows_are_named_and_the_good_ones_apply(acme: Merchant) -> None:
    run = feed(acme, [row(number, "free" if number == 7 else "10.00 EUR") for number in range(1, 51)])
    assert (run.created, run.bad) == (49, 1)
    (fault,) = run.faults
    assert (fault["row"], fault["id"], fault["field"]) == (7, "A-7", "price")


def test_a_bad_row_leaves_its_offer_as_it_was(acme: Merchant) -> None:
    rows = [row(number) for number in range(1, 51)]
    feed(acme, rows)
    feed(acme, [row(1, "free"), *rows[1:]], now=LATER)
    offer = Offer.objects.get(external_id="A-1")
    assert (offer.price_minor, offer.price_seen_at) == (1000, NOON)


def test_more_than_two_percent_bad_rows_change_nothing(acme: Merchant) -> None:
    feed(acme, [row(1)])
    before = everything()
    with pytest.raises(FeedRefused, match="2 of 50 rows are bad") as refused:
        feed(acme, [row(number, "free" if number < 3 else "9 EUR") for number in range(1, 51)], now=LATER)
    assert everything() == before
    assert refused.value.run.status == "refused"


def test_a_broken_file_changes_nothing_and_says_why(acme: Merchant) -> None:
    feed(acme, [row(1)])
    before = everything()
    with pytest.raises(FeedRefused, match="ends in the middle"):
        feed(acme, [row(1, "9 EUR"), "A-2\tThing"], now=LATER)
    assert everything() == before
    assert FeedRun.objects.filter(status="refused", reason__contains="ends in the middle").exists()


def test_an_address_elsewhere_is_a_bad_row(acme: Merchant) -> None:
    make_merchant("other")
    with pytest.raises(FeedRefused) as refused:
        feed(acme, [row(1, merchant="other")])
    assert refused.value.run.faults[0]["reason"] == "'other.example' is not a host of this merchant"


def test_a_source_without_history_leaves_none(acme: Merchant) -> None:
    policy = make_policy("strict", may_keep_history=False)
    feed(acme, [row(1)], policy=policy)
    feed(acme, [row(1, "9 EUR")], policy=policy, now=LATER)
    assert (Offer.objects.get().price_minor, Reading.objects.count()) == (900, 0)


def test_another_policy_is_a_change(acme: Merchant) -> None:
    feed(acme, [row(1)])
    run = feed(acme, [row(1)], policy=make_policy("strict", may_keep_history=False), now=LATER)
    assert (run.updated, Offer.objects.get().policy.slug) == (1, "strict")


def test_those_above_hear_of_new_changed_and_gone_offers_only(acme: Merchant) -> None:
    feed(acme, [row(1), row(2), row(3)])
    heard: list[int] = []

    def hear(sender: object, offer_ids: list[int], **_: object) -> None:
        heard.extend(offer_ids)

    offers_changed.connect(hear)
    try:
        feed(acme, [row(1), row(2, "9 EUR"), row(4)], now=LATER, complete=True)
    finally:
        offers_changed.disconnect(hear)
    names = Offer.objects.filter(pk__in=heard).order_by("external_id").values_list("external_id", flat=True)
    assert list(names) == ["A-2", "A-3", "A-4"]


def test_the_address_of_a_feed_is_not_kept_since_it_may_hold_a_key(acme: Merchant) -> None:
    run = feed(acme, [row(1)], source_name="https://feeds.example/apikey/s3cret/feed.tsv?key=s3cret")
    assert run.source == "https://feeds.example"


def test_more_rows_than_a_batch_are_all_imported(acme: Merchant, monkeypatch) -> None:
    monkeypatch.setattr("affiliates.catalogue.services.feeds.BATCH", 4)
    rows = [row(number) for number in range(10)]
    assert feed(acme, rows).created == 10
    assert feed(acme, rows, now=LATER).unchanged == 10


def test_a_run_that_was_killed_is_completed_by_the_next(acme: Merchant, monkeypatch) -> None:
    monkeypatch.setattr("affiliates.catalogue.services.feeds.BATCH", 2)
    rows = [row(number) for number in range(6)]
    with pytest.raises(KeyboardInterrupt):
        feed(acme, rows, progress=killed_at("apply", 4))
    run = feed(acme, rows, now=LATER)
    assert (run.created, run.unchanged, Offer.objects.count()) == (2, 4, 6)


def test_imported_products_are_found_by_their_words(acme: Merchant) -> None:
    feed(acme, [row(1, title="Whispering kettle")])
    assert [str(product) for product in Product.objects.all().search("whispering")] == ["Whispering kettle"]


class TestIdentity:
    """Which product a row is of."""

    def test_one_gtin_is_one_product_at_two_shops(self, acme: Merchant) -> None:
        feed(acme, [row(1, gtin="036000291452")])
        feed(make_merchant("other"), [row(9, merchant="other", gtin="0036000291452")])
        assert Product.objects.get().offers.count() == 2

    def test_brand_and_number_of_the_maker_are_an_identity(self, acme: Merchant) -> None:
        feed(acme, [row(1, brand="Halden", mpn="K-1")])
        feed(make_merchant("other"), [row(9, merchant="other", brand="HALDEN", mpn="K-1")])
        assert Product.objects.count() == 1

    def test_a_number_of_the_maker_without_brand_is_none(self, acme: Merchant) -> None:
        feed(acme, [row(1, mpn="K-1"), row(2, mpn="K-1")])
        assert Product.objects.count() == 2

    def test_the_same_number_under_another_gtin_is_another_product(self, acme: Merchant) -> None:
        feed(acme, [row(1, brand="Halden", mpn="K-1", gtin="4006381333931")])
        feed(acme, [row(2, brand="Halden", mpn="K-1", gtin="036000291452")])
        assert Product.objects.count() == 2

    def test_a_merged_product_leads_to_the_one_it_was_merged_into(self, acme: Merchant) -> None:
        standing = make_product(brand="Halden", mpn="K-2")
        make_product(brand="Halden", mpn="K-1", merged_into=standing)
        feed(acme, [row(1, brand="Halden", mpn="K-1")])
        assert Offer.objects.get().product == standing

    def test_a_merged_products_number_does_not_change_the_others_gtin(self, acme: Merchant) -> None:
        standing = make_product(gtin="0036000291452", brand="Halden", mpn="K-2")
        make_product(brand="Halden", mpn="K-1", merged_into=standing)
        feed(acme, [row(1, brand="Halden", mpn="K-1", gtin="4006381333931")])
        standing.refresh_from_db()
        assert (standing.gtin, Offer.objects.get().product.gtin) == ("0036000291452", "4006381333931")

    def test_a_product_learns_the_gtin_it_lacked(self, acme: Merchant) -> None:
        feed(acme, [row(1, brand="Halden", mpn="K-1")])
        feed(make_merchant("other"), [row(9, merchant="other", brand="Halden", mpn="K-1", gtin="4006381333931")])
        assert Product.objects.get().gtin == "4006381333931"

    def test_rows_without_identity_are_products_of_their_own(self, acme: Merchant) -> None:
        feed(acme, [row(1, title="Kettle"), row(2, title="Kettle")])
        assert len(set(Product.objects.values_list("slug", flat=True))) == 2

    def test_a_number_that_now_means_another_thing_moves_its_offer(self, acme: Merchant) -> None:
        other = make_product(gtin="0036000291452")
        feed(acme, [row(1, gtin="4006381333931")])
        feed(acme, [row(1, gtin="036000291452")], now=LATER)
        assert Offer.objects.get().product == other

    def test_two_rows_of_one_feed_can_be_one_product(self, acme: Merchant) -> None:
        feed(acme, [row(1, gtin="4006381333931"), row(2, gtin="4006381333931")])
        assert Product.objects.get().offers.count() == 2

    def test_the_brand_before_a_title_is_not_the_name(self, acme: Merchant) -> None:
        feed(acme, [row(1, brand="Halden", title="Halden Still Kettle")])
        assert (Product.objects.get().name, str(Product.objects.get())) == ("Still Kettle", "Halden Still Kettle")

    def test_known_offers_keep_their_product(self, acme: Merchant) -> None:
        offer = make_offer(merchant=acme, external_id="A-1")
        feed(acme, [row(1)])
        assert Offer.objects.get().product == offer.product


def test_queries_do_not_grow_with_the_rows(acme: Merchant, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(60):
        feed(acme, [row(number, gtin="") for number in range(300)])


def test_the_default_policy_is_made_once(acme: Merchant) -> None:
    feed(acme, [row(1)])
    feed(acme, [row(1)], now=LATER)
    assert SourcePolicy.objects.count() == 1


def test_an_import_that_began_earlier_vouches_for_nothing_seen_since(acme: Merchant) -> None:
    feed(acme, [row(1)])
    Offer.objects.update(price_minor=1500, price_seen_at=LATER)
    feed(acme, [row(1)], now=NOON + dt.timedelta(hours=1))
    offer = Offer.objects.get()
    assert (offer.price_minor, offer.price_seen_at) == (1500, LATER)


def test_an_import_that_began_earlier_changes_nothing_read_since(acme: Merchant) -> None:
    feed(acme, [row(1)], now=LATER)
    feed(acme, [row(1, "99.00 EUR")], now=NOON)
    assert Offer.objects.get().price_minor == 1000


def test_two_complete_imports_side_by_side_leave_what_both_list(acme: Merchant) -> None:
    def an_older_one(step: str, count: int) -> None:
        if step == "apply":
            feed(acme, [row(1), row(2)], now=NOON, complete=True)

    feed(acme, [row(1), row(2)], now=LATER, complete=True, progress=an_older_one)
    assert Offer.objects.filter(gone_at__isnull=True).count() == 2


@pytest.fixture
def two_feeds(acme: Merchant) -> list[Feed]:
    """Two complete feeds of one shop, each imported once."""
    feeds = [make_feed(acme, name=name, is_complete=True) for name in ("Home", "Garden")]
    for number, one in enumerate(feeds, 1):
        feed(acme, [row(number)], run=run_of(one), complete=True)
    return feeds


def run_of(source: Feed) -> FeedRun:
    return FeedRun(merchant=source.merchant, feed=source, source="")


def present() -> list[str]:
    return list(
        Offer.objects.filter(gone_at__isnull=True).order_by("external_id").values_list("external_id", flat=True)
    )


def test_what_one_complete_feed_lacks_another_may_list(two_feeds: list[Feed]) -> None:
    assert present() == ["A-1", "A-2"]


def test_what_a_complete_feed_listed_and_lacks_now_is_gone(two_feeds: list[Feed]) -> None:
    feed(two_feeds[0].merchant, [row(3)], now=LATER, run=run_of(two_feeds[0]), complete=True)
    assert present() == ["A-2", "A-3"]


def test_what_moved_to_another_feed_stays(two_feeds: list[Feed]) -> None:
    home, garden = two_feeds
    feed(home.merchant, [row(1), row(2)], now=LATER, run=run_of(garden), complete=True)
    feed(home.merchant, [row(3)], now=LATER + dt.timedelta(hours=1), run=run_of(home), complete=True)
    assert present() == ["A-1", "A-2", "A-3"]


def test_a_file_imported_by_hand_as_complete_speaks_for_the_whole_shop(two_feeds: list[Feed]) -> None:
    feed(two_feeds[0].merchant, [row(2)], now=LATER, complete=True)
    assert present() == ["A-2"]


def test_a_complete_file_lacks_nothing_that_was_entered_by_hand(acme: Merchant) -> None:
    make_offer(merchant=acme, external_id="H-1", source_kind=Offer.SourceKind.HAND, seen_at=NOON)
    feed(acme, [row(1)], now=LATER, complete=True)
    assert present() == ["A-1", "H-1"]


def test_a_file_with_more_rows_than_any_catalogue_is_refused(acme: Merchant, monkeypatch) -> None:
    monkeypatch.setattr(feeds, "MOST_ROWS", 2)
    with pytest.raises(FeedRefused, match="more than 2 products"):
        feed(acme, [row(1), row(2), row(3)])
    assert not Offer.objects.exists()


def test_every_bad_row_of_a_file_that_is_taken_is_named(acme: Merchant, monkeypatch) -> None:
    monkeypatch.setattr(feeds, "REFUSED_FAULTS_KEPT", 1)
    run = feed(acme, [*(row(n) for n in range(150)), row(200, "free"), row(201, "free")])
    assert [fault["id"] for fault in run.faults] == ["A-200", "A-201"]


def test_an_import_vouches_for_nothing_that_a_look_at_the_page_changed_meanwhile(acme: Merchant) -> None:
    feed(acme, [row(1)])

    def a_look(step: str, count: int) -> None:
        if step == "read":
            Offer.objects.update(price_minor=1500, row_hash="")

    feed(acme, [row(1)], now=LATER, progress=a_look)
    assert Offer.objects.get().price_seen_at == NOON
