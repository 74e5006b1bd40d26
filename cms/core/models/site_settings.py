"""What an operator decides once for a site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from cms.core import generation


@register_setting(icon="cog")
class SiteSettings(BaseSiteSetting):
    """Tagline, and the country and currency that serve where a reader's are unknown."""

    tagline = models.CharField(_("tagline"), max_length=160, blank=True)
    default_country = models.CharField(
        _("default country"),
        max_length=2,
        default="DE",
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Two capital letters, such as DE."))],
        help_text=_("Serves readers whose country is unknown. They are not told that anything ships to them."),
    )
    default_currency = models.CharField(
        _("default currency"),
        max_length=3,
        default="EUR",
        validators=[RegexValidator(r"^[A-Z]{3}$", _("Three capital letters, such as EUR."))],
    )
    contact_email = models.EmailField(_("contact address"), blank=True)
    amazon_associates = models.BooleanField(
        _("Amazon Associates in use"),
        default=False,
        help_text=_("Its terms allow a site no price tracking and no price alerts: both are then off everywhere."),
    )
    amazon_consent = models.CharField(
        _("Amazon's written consent"),
        max_length=300,
        blank=True,
        help_text=_("When and by whom Amazon agreed to price tracking on this site. Empty: tracking stays off."),
    )

    class Meta:
        verbose_name = _("site")

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        # Every page shows some of it.
        generation.bump()


@dataclass(frozen=True, slots=True)
class SiteDefaults:
    """What the default site's operator decided, as pages need it again and again."""

    country: str
    currency: str
    tagline: str
    contact_email: str
    may_track_prices: bool


def site_defaults() -> SiteDefaults:
    """The default site's settings, kept in memory for a generation of pages. At most two queries."""

    def read() -> SiteDefaults:
        found = SiteSettings.objects.filter(site__is_default_site=True).first() or SiteSettings()
        amazon = SiteSettings.objects.filter(amazon_associates=True).values_list("amazon_consent", flat=True)
        return SiteDefaults(
            found.default_country,
            found.default_currency,
            found.tagline,
            found.contact_email,
            # One site with Amazon's links is enough: visitors do not see where one ends and another begins.
            not any(not consent.strip() for consent in amazon),
        )

    return generation.kept("site-defaults", read)
