"""What the worker does for the catalogue. Nothing is decided here."""

from __future__ import annotations

from django.utils import timezone

from affiliates.catalogue.selectors.problems import (
    answers_owed,
    checks_awaited,
    decisions_to_tell,
    late_tickets,
    suspensions_to_tell,
)
from affiliates.catalogue.services.expiry import end_expired_offers, expired_offers
from affiliates.catalogue.services.health import check_due_offers, checks_due, make_missing_health, speed_up_mentioned
from affiliates.catalogue.services.problem_mail import answer_reporters, tell_of_late_answers, tell_shops
from affiliates.catalogue.services.problems import answer_checked_tickets
from affiliates.catalogue.services.retention import (
    clear_old_checks,
    prune_runs,
    readings_to_roll_up,
    roll_up_readings,
    rows_to_clear,
)
from affiliates.catalogue.services.shop_pictures import (
    fetch_shop_pictures,
    forget_forbidden_pictures,
    pictures_waiting,
    queue_shop_pictures,
)
from affiliates.catalogue.services.suggestions import products_to_match, suggest_matches


def answer_tickets() -> int:
    """Settle the readers' reports whose check has come in."""
    return answer_checked_tickets(now=timezone.now())


def mail_reporters() -> int:
    """Tell readers what became of their reports."""
    return answer_reporters(now=timezone.now())


def mail_shops() -> int:
    """Tell shops of suspensions and of decisions on their offers."""
    return tell_shops(now=timezone.now())


def shops_waiting() -> int:
    """Suspensions and decisions that shops have not been told of."""
    return suspensions_to_tell().count() + decisions_to_tell().count()


def watch_answers() -> int:
    """Tell the operator of answers that are late."""
    return tell_of_late_answers(now=timezone.now())


def late_answers() -> int:
    """Reports whose answer is late."""
    return late_tickets(timezone.now()).count()


def roll_up() -> int:
    """Roll up old readings, a portion at a time."""
    return roll_up_readings(now=timezone.now())


def clear_checks() -> int:
    """Clear away old checks and imports, and deliveries nobody states."""
    now = timezone.now()
    return clear_old_checks(now=now) + prune_runs(now=now)


def readings_waiting() -> int:
    """Readings old enough to be rolled up."""
    return readings_to_roll_up(now=timezone.now())


def old_rows_waiting() -> int:
    """Checks and imports old enough to go."""
    return rows_to_clear(now=timezone.now())


def propose_matches() -> int:
    """Propose products that may be one, a portion at a time."""
    return suggest_matches(now=timezone.now())


def check_offers() -> int:
    """Look at the offers that are due, a few at a time."""
    return check_due_offers(now=timezone.now())


def queue_checks() -> int:
    """Give new offers their place in the queue of checks."""
    now = timezone.now()
    return make_missing_health(now=now) + speed_up_mentioned(now=now)


def end_offers() -> int:
    """Take offers out whose merchant's end for them has come."""
    return end_expired_offers(now=timezone.now())


def offers_to_end() -> int:
    """Offers past their end that are still listed."""
    return expired_offers(now=timezone.now())


def queue_pictures() -> int:
    """Give products their place in the queue for their shop's picture."""
    return queue_shop_pictures(now=timezone.now())


def fetch_pictures() -> int:
    """Fetch a few shops' pictures, and take away those that are forbidden by now."""
    now = timezone.now()
    return forget_forbidden_pictures(now=now) + fetch_shop_pictures(now=now)


def shop_pictures_waiting() -> int:
    """Shops' pictures to be fetched or taken away."""
    return pictures_waiting(now=timezone.now())


def tickets_waiting() -> int:
    """Reports whose check is awaited."""
    return checks_awaited()


def answers_waiting() -> int:
    """Readers who have not been told yet."""
    return answers_owed()


def checks_waiting() -> int:
    """Offers whose time to be looked at has come."""
    return checks_due(now=timezone.now())


def matches_waiting() -> int:
    """Products nobody has held against the others."""
    return products_to_match()
