"""What a price did over time, in words and as a chart; and the honest word for a deal."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from affiliates.catalogue.domain.price_history import Deal, Span
from affiliates.catalogue.selectors.price_history import PriceHistory, ShopHistory
from cms.core.charts import StepLine, step_chart
from cms.core.formats import format_money, short_day

register = template.Library()

#: So many gaps are named, the latest; a shop whose page is rarely read has dozens.
MOST_GAPS = 3


@register.filter
def deal_words(deal: Deal, currency: str) -> str:
    """Both numbers that a deal is held against."""
    return _("%(asked)s is the lowest in 30 days and %(percent)s %% under the 90-day median of %(median)s.") % {
        "asked": format_money(deal.asked_minor, currency),
        "percent": deal.percent_under,
        "median": format_money(deal.median_minor, currency),
    }


@register.filter
def history_sentence(shop: ShopHistory) -> str:
    """The last ninety days of a shop's price in one sentence."""
    known = shop.summary
    facts = {
        "low": format_money(known.low_minor, shop.currency),
        "high": format_money(known.high_minor, shop.currency),
        "median": format_money(known.median_minor, shop.currency),
        "shop": shop.shop,
    }
    if known.low_minor == known.high_minor:
        return _("%(low)s at %(shop)s all through the last 90 days, as far as it was seen.") % facts
    return (
        _("Between %(low)s and %(high)s at %(shop)s in the last 90 days; half of the time at most %(median)s.") % facts
    )


@register.filter
def gap_words(shop: ShopHistory) -> str:
    """What the sentence rests on: readings, changes, and the times in which nobody looked."""
    known = shop.summary
    readings = ngettext("%(count)s reading", "%(count)s readings", known.readings) % {"count": known.readings}
    changes = ngettext("%(count)s change of price", "%(count)s changes of price", shop.changes) % {
        "count": shop.changes
    }
    words = _("%(readings)s and %(changes)s in these 90 days.") % {"readings": readings, "changes": changes}
    if not known.gaps:
        return f"{words} {_('No gap longer than 48 hours.')}"
    count = len(known.gaps)
    times = [f"{short_day(start)} – {short_day(end)}" for start, end in known.gaps[-MOST_GAPS:]]
    listed = ", ".join(times) if count <= MOST_GAPS else _("the last of them %(times)s") % {"times": ", ".join(times)}
    gaps = ngettext(
        "%(count)s gap in which nobody looked: %(times)s.", "%(count)s gaps in which nobody looked: %(times)s.", count
    ) % {"count": count, "times": listed}
    return f"{words} {gaps}"


@register.simple_tag
def history_chart(history: PriceHistory, currency: str) -> SafeString:
    """The shops of one currency as steps over the time they were seen."""
    shops = history.by_currency[currency]
    first = min(span.start for shop in shops for span in shop.spans)
    length = (history.end - first).total_seconds() or 1
    values = [span.minor for shop in shops for span in shop.spans]

    def place(span: Span) -> tuple[tuple[float, int], tuple[float, int]]:
        start, end = ((at - first).total_seconds() / length for at in (span.start, span.end))
        return (start, span.minor), (end, span.minor)

    lines = [StepLine(_pieces(shop, place), shop.shop) for shop in shops]
    median = shops[0].summary.median_minor
    names = ", ".join(shop.shop for shop in shops)
    return step_chart(
        lines,
        title=_("Price in %(currency)s at %(shops)s") % {"currency": currency, "shops": names},
        description=" ".join(history_sentence(shop) for shop in shops),
        low_text=format_money(min(values), currency),
        high_text=format_money(max(values), currency),
        first_label=short_day(first, with_year=True),
        last_label=short_day(history.end, with_year=True),
        middle=(median, _("90-day median %(price)s") % {"price": format_money(median, currency)})
        if len(shops) == 1
        else None,
    )


def _pieces(shop: ShopHistory, place: object) -> tuple[tuple[tuple[float, int], ...], ...]:
    pieces: list[list[tuple[float, int]]] = []
    before: Span | None = None
    for span in shop.spans:
        if before is None or span.start > before.end:
            pieces.append([])
        pieces[-1] += place(span)  # type: ignore[operator]
        before = span
    return tuple(tuple(piece) for piece in pieces)
