from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class GuidesConfig(AppConfig):
    name = "guides"
    label = "guides"

    def ready(self) -> None:
        # Receivers know the models, which exist only now.
        import_module("guides.receivers").connect()
        form = import_module("guides.forms").ArticlePageForm
        for model in ("GuidePage", "ReviewPage"):
            self.get_model(model).base_form_class = form
