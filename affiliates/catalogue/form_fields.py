"""Fields of our own for the catalogue's forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from affiliates.catalogue.domain.variants import LONGEST_NAME, LONGEST_VALUE, MOST_PAIRS, normal_name

Pairs = list[tuple[str, str]]
#: What most variants are told apart by; others can be written.
USUAL_NAMES = ("colour", "size", "material", "region model", "year")
_SPARE_ROWS = 3


class VariantWidget(forms.Widget):
    """Rows of a name and a value, some of them empty; works without JavaScript."""

    template_name = "catalogue/widgets/variant.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        pairs: Pairs = list(value.items()) if isinstance(value, Mapping) else list(value or [])
        spare = min(_SPARE_ROWS, MOST_PAIRS - len(pairs))
        context["rows"] = [
            {"name": f"{name}-{number}-name", "value": f"{name}-{number}-value", "pair": pair}
            for number, pair in enumerate([*pairs, *[("", "")] * spare])
        ]
        context["usual_names"] = USUAL_NAMES
        context["longest"] = {"name": LONGEST_NAME, "value": LONGEST_VALUE}
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Pairs:
        rows = [(data.get(f"{name}-{n}-name", ""), data.get(f"{name}-{n}-value", "")) for n in range(MOST_PAIRS)]
        return [(key.strip(), value.strip()) for key, value in rows if key.strip() or value.strip()]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-0-name" not in data

    def id_for_label(self, id_: str) -> str:
        """No single row is the field's own."""
        return ""


class VariantField(forms.Field):
    """What tells a product from its sisters, as a dictionary; each name once, each with a value."""

    widget = VariantWidget
    default_error_messages = {
        "lacking": _("Write both the name and the value, such as colour and white."),
        "twice": _("“%(name)s” stands there twice."),
        "long": _("“%(text)s…” is too long."),
    }

    def clean(self, value: Pairs | None) -> dict[str, str]:
        found: dict[str, str] = {}
        seen: set[str] = set()
        for name, text in value or []:
            if not (name and text):
                raise forms.ValidationError(self.error_messages["lacking"], code="lacking")
            if len(name) > LONGEST_NAME or len(text) > LONGEST_VALUE:
                raise forms.ValidationError(
                    self.error_messages["long"], code="long", params={"text": (name + " " + text)[:40]}
                )
            if normal_name(name) in seen:
                raise forms.ValidationError(self.error_messages["twice"], code="twice", params={"name": name})
            seen.add(normal_name(name))
            found[name] = text
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return list((initial or {}).items()) != [tuple(pair) for pair in data or []]
