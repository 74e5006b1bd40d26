"""The ties an author names: gifts, fees, own goods. The sentence is made from these, not written."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail import blocks


class GiftBlock(blocks.StructBlock):
    """A product given free of charge."""

    by = blocks.CharBlock(label=_("given by"), max_length=120)
    what = blocks.CharBlock(label=_("what"), max_length=160)

    class Meta:
        icon = "pick"
        label = _("Gift")


class FeeBlock(blocks.StructBlock):
    """Money for the text itself."""

    by = blocks.CharBlock(label=_("paid by"), max_length=120)

    class Meta:
        icon = "form"
        label = _("Fee")


class OwnGoodsBlock(blocks.StructBlock):
    """The author sells it or owns a part of who does."""

    by = blocks.CharBlock(label=_("company"), max_length=120)
    what = blocks.CharBlock(label=_("what"), max_length=160)

    class Meta:
        icon = "user"
        label = _("Own goods")


class DisclosureFacts(blocks.StreamBlock):
    """Every tie but commission, which the links themselves show."""

    gift = GiftBlock()
    fee = FeeBlock()
    own = OwnGoodsBlock()

    class Meta:
        required = False
