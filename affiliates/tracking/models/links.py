"""Tracking links: who earns, and where the reader is taken."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.tracking.domain.codes import link_code


class LinkQuerySet(models.QuerySet["Link"]):
    """What one asks of links."""

    def active(self) -> LinkQuerySet:
        """Links that still take the reader somewhere, as far as the link itself is concerned."""
        return self.filter(is_active=True)

    def of(self, creator_id: int | None) -> LinkQuerySet:
        """A creator's links; the house's own where there is no creator."""
        return self.filter(creator_id=creator_id) if creator_id else self.filter(creator__isnull=True)

    def ensure_for_offers(self, offer_merchants: dict[int, int], creator_id: int | None) -> dict[int, str]:
        """offer id → code, making what is missing. One query, three where something was missing.

        `offer_merchants` maps each offer to its merchant. May be repeated, also by two at once.
        """
        codes = self.codes_for_offers(offer_merchants, creator_id)
        missing = [offer for offer in offer_merchants if offer not in codes]
        if missing:
            Link.objects.bulk_create(
                [Link(creator_id=creator_id, offer_id=offer, merchant_id=offer_merchants[offer]) for offer in missing],
                ignore_conflicts=True,
            )
            codes |= self.codes_for_offers(missing, creator_id)
        return codes

    def codes_for_offers(self, offer_ids: Iterable[int], creator_id: int | None) -> dict[int, str]:
        """offer id → code of the links that exist. One query."""
        rows = self.of(creator_id).filter(offer_id__in=list(offer_ids)).values_list("offer_id", "code")
        return {int(offer_id): code for offer_id, code in rows if offer_id is not None}


class Link(models.Model):
    """A creator (or, without one, the house) × an offer or an address. Never deleted, only switched off."""

    code = models.CharField(_("code"), max_length=40, unique=True, default=link_code, editable=False)
    creator = models.ForeignKey(
        "community.Creator",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="links",
        verbose_name=_("creator"),
    )
    offer = models.ForeignKey(
        "catalogue.Offer",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="links",
        verbose_name=_("offer"),
    )
    merchant = models.ForeignKey(
        "parties.Merchant", on_delete=models.PROTECT, related_name="links", verbose_name=_("merchant")
    )
    url = models.URLField(
        _("address"),
        max_length=2000,
        blank=True,
        help_text=_("Where the link leads when it is not to an offer."),
    )
    label = models.CharField(_("label"), max_length=120, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True, db_index=True)

    objects = LinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        indexes = [models.Index(fields=("creator", "-id"), name="link_of_creator")]
        constraints = [
            models.UniqueConstraint(
                fields=("creator", "offer"),
                name="a_creator_has_one_link_to_an_offer",
                violation_error_message=_("This creator already has a link to this offer."),
            ),
            models.UniqueConstraint(
                fields=("offer",),
                condition=models.Q(creator__isnull=True),
                name="the_house_has_one_link_to_an_offer",
                violation_error_message=_("There already is a house link to this offer."),
            ),
            models.CheckConstraint(
                condition=models.Q(offer__isnull=False) ^ ~models.Q(url=""),
                name="a_link_leads_to_an_offer_or_to_an_address",
                violation_error_message=_("A link leads either to an offer or to an address."),
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.code
