"""What is checked when an article is saved or published in the admin."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from wagtail.admin.forms import WagtailAdminPageForm

from community.selectors.roles import creator_of, may_moderate
from guides.services.references import foreign_references


class ArticlePageForm(WagtailAdminPageForm):
    """Drafts may be incomplete; what is published has its disclosure. Foreign things are refused at once."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean()
        self._check_references(data)
        if not self.is_deferred_validation and not self.errors:
            self.instance.body = data.get("body", self.instance.body)
            self.instance.facts_confirmed = data.get("facts_confirmed", False)
            try:
                self.instance.check_disclosure()
            except ValidationError as error:
                self.add_error("facts_confirmed", error.message_dict["facts_confirmed"][0])
        return data

    def _check_references(self, data: dict[str, Any]) -> None:
        user = self.for_user
        creator = creator_of(user)
        if user is None or creator is None or may_moderate(user):
            return
        for name in ("body", "hero_image", "social_image", "disclosure", "product"):
            if name in data and name in self.fields:
                setattr(self.instance, name, data[name])
        for reference in foreign_references(self.instance, creator):
            field = reference.where.split(":")[0]
            message = _("%(where)s points to something that is not yours to use: choose one of your own.")
            self.add_error(field if field in self.fields else None, message % {"where": reference.where})
