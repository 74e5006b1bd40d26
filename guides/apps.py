from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class GuidesConfig(AppConfig):
    name = "guides"
    label = "guides"

    def ready(self) -> None:
        # Receivers know the models, which exist only now.
        import_module("guides.receivers").connect()
        forms = import_module("guides.forms")
        for model in ("GuidePage", "ReviewPage"):
            setattr(self.get_model(model), "base_form_class", forms.ArticlePageForm)  # noqa: B010  (models know no forms)
        self.get_model("CreatorPage").base_form_class = forms.OwnThingsForm
