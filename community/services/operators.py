"""Telling whoever runs the site that something needs them."""

from __future__ import annotations

import logging
import smtplib

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation

from cms.core.models import SiteSettings
from community.models import User
from community.selectors.roles import OPERATORS

logger = logging.getLogger("vitrina.operators")


def operator_addresses() -> list[str]:
    """The site's contact address, or where there is none the operators'. Two queries at most."""
    if contact := SiteSettings.objects.exclude(contact_email="").values_list("contact_email", flat=True).first():
        return [contact]
    people = User.objects.filter(groups__name=OPERATORS, is_active=True).order_by("pk")
    return list(people.values_list("email", flat=True))


def tell_operators(*, subject: str, body: str) -> bool:
    """Mail it, and write it into the log, where it stays if no mail can be sent; returns whether a mail went out.

    Not to be repeated: each call is a mail. Subject and body are in the site's own language and hold no secrets.
    """
    logger.error("%s", subject)
    addresses = operator_addresses()
    if not addresses:
        return False
    with translation.override(settings.LANGUAGE_CODE):
        message = EmailMessage(subject=" ".join(subject.split()), body=body, to=addresses)
    try:
        return message.send() == 1
    except (OSError, smtplib.SMTPException) as error:
        logger.error("The mail to the operators could not be sent: %s", type(error).__name__)
        return False
