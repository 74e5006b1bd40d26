from __future__ import annotations

from importlib import import_module
from typing import Any

from django.apps import AppConfig


class GuidesConfig(AppConfig):
    name = "guides"
    label = "guides"

    def ready(self) -> None:
        # Receivers know the models, which exist only now.
        import_module("guides.receivers").connect()
        forms = import_module("guides.forms")
        page_forms = {
            "GuidePage": forms.ArticlePageForm,
            "ReviewPage": forms.ArticlePageForm,
            "CreatorPage": forms.OwnThingsForm,
        }
        for name, form in page_forms.items():
            model: Any = self.get_model(name)
            model.base_form_class = form
