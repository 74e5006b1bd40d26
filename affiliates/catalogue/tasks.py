"""What the worker does for the catalogue. Nothing is decided here."""

from __future__ import annotations

from django.utils import timezone

from affiliates.catalogue.services.problem_mail import answer_reporters
from affiliates.catalogue.services.problems import answer_checked_tickets


def answer_tickets() -> int:
    """Settle the readers' reports whose check has come in."""
    return answer_checked_tickets(now=timezone.now())


def mail_reporters() -> int:
    """Tell readers what became of their reports."""
    return answer_reporters(now=timezone.now())
