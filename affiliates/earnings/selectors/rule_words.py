"""Commission rules in words: what one pays and when, and why it did not price a line."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from affiliates.earnings.domain.commission_rules import CAP, FLAT_IN_OTHER_CURRENCY, NO_RULE
from affiliates.earnings.models import CommissionRule
from affiliates.earnings.selectors.answers import plain
from cms.core.formats import format_money, territories

#: As many products as a sentence names.
FIRST_PRODUCTS = 5


def rate_in_words(rule: CommissionRule, currency: str) -> str:
    """What it pays: "10 %" or "€2.00 a line"."""
    if rule.percent is not None:
        return _("%(rate)s %%") % {"rate": plain(rule.percent)}
    return _("%(amount)s a line") % {"amount": format_money(rule.flat_minor or 0, currency)}


def conditions_in_words(rule: CommissionRule, currency: str) -> list[str]:
    """When it pays that, and up to what; empty where it holds for everything. Creator and group are to be loaded."""
    words = []
    if rule.effect == CommissionRule.Effect.REPLACES:
        words.append(_("a boost instead of the other rules"))
    elif rule.effect == CommissionRule.Effect.ADDS:
        words.append(_("a boost on top of the other rules"))
    if rule.creator:
        words.append(_("for %(creator)s") % {"creator": rule.creator})
    if rule.group:
        words.append(_("for the group %(group)s") % {"group": rule.group})
    if rule.products:
        numbers = sorted(rule.product_numbers)
        shown = ", ".join(numbers[:FIRST_PRODUCTS]) + (" …" if len(numbers) > FIRST_PRODUCTS else "")
        words.append(_("for the products %(products)s") % {"products": shown})
    if rule.category:
        words.append(_("in the category %(category)s") % {"category": rule.category})
    if rule.coupon:
        words.append(_("with the code %(code)s") % {"code": rule.coupon})
    if rule.customer:
        words.append(_("for %(customers)s") % {"customers": rule.get_customer_display()})
    if rule.country:
        name = territories(get_language() or "en").get(rule.country, rule.country)
        words.append(_("delivered to %(country)s") % {"country": name})
    if rule.basket_min_minor is not None:
        words.append(_("orders of at least %(amount)s") % {"amount": format_money(rule.basket_min_minor, currency)})
    if rule.basket_max_minor is not None:
        words.append(_("orders under %(amount)s") % {"amount": format_money(rule.basket_max_minor, currency)})
    for minor, text in (
        (rule.order_minor, _("at most %(amount)s an order")),
        (rule.creator_month_minor, _("at most %(amount)s a creator a month")),
        (rule.budget_minor, _("at most %(amount)s in all")),
    ):
        if minor is not None:
            words.append(text % {"amount": format_money(minor, currency)})
    if rule.ends_at is not None:
        words.append(_("until %(day)s") % {"day": date_format(rule.ends_at, "j F Y")})
    return words


def rule_in_words(rule: CommissionRule, currency: str) -> str:
    """What it pays and when, in one line."""
    conditions = conditions_in_words(rule, currency)
    rate = rate_in_words(rule, currency)
    return f"{rate}: {', '.join(conditions)}" if conditions else rate


def lost_in_words(why: str) -> str:
    """Why a rule did not price a line, or a line earns nothing or less. Every code of the domain has a sentence."""
    return rule_reasons().get(why, why)


def rule_reasons() -> dict[str, str]:
    """The sentence for each code of `domain/commission_rules.py`."""
    return {
        NO_RULE: _("No rule of the programme covers this line."),
        FLAT_IN_OTHER_CURRENCY: _("The rule pays a fixed amount in another currency than the order's."),
        CAP: _("The rule's cap or budget was reached."),
        "not_yet": _("It began after the order was placed."),
        "ended": _("It had ended when the order was placed."),
        "creator": _("It is for another creator."),
        "group": _("It is for a group that the creator was not in when the order was placed."),
        "products": _("It is for other products."),
        "category": _("It is for another category."),
        "coupon": _("It is for orders with another code."),
        "customer": _("It is for other customers."),
        "country": _("It is for another country of delivery."),
        "basket_min": _("The order is worth too little for it."),
        "basket_max": _("The order is worth too much for it."),
        "currency": _("Its cap or order value is an amount of another currency than the order's."),
        "replaced": _("A boost takes its place."),
        "nothing_to_add_to": _("There is no rule of its kind that it could be paid on top of."),
        "beaten:creator": _("A rule for the creator is more specific."),
        "beaten:group": _("A rule for the creator's group is more specific."),
        "beaten:products": _("A rule for the product is more specific."),
        "beaten:category": _("A rule for a narrower category is more specific."),
        "beaten:coupon": _("A rule for the code is more specific."),
        "beaten:customer": _("A rule for this kind of customer is more specific."),
        "beaten:country": _("A rule for the country is more specific."),
        "beaten:basket_min": _("A rule for orders of more worth is more specific."),
        "beaten:basket_max": _("A rule for a narrower range of order values is more specific."),
        "beaten:version": _("A newer rule is as specific."),
    }
