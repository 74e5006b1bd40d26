"""What import-linter cannot see: foreign keys by string and templates that include each other."""

from __future__ import annotations

import re
from pathlib import Path

from django.apps import apps
from django.contrib.auth import get_user_model

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Bottom to top; an app may refer to itself and to what stands before it.
ORDER = ["core", "community", "parties", "catalogue", "tracking", "earnings", "networks", "brands", "guides"]
ORDER += ["home", "search", "backup", "demo"]
FOLDERS = {label: Path(apps.get_app_config(label).path) for label in ORDER}
TAGS = re.compile(r"{%\s*(?:include|extends)\s+[\"']([^\"']+)[\"']")


@pytest.mark.parametrize("label", ORDER)
def test_foreign_keys_point_downwards(label: str) -> None:
    above = set(ORDER[ORDER.index(label) + 1 :])
    wrong = [
        f"{model.__name__}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if field.is_relation
        and field.concrete
        and field.related_model
        and field.related_model is not get_user_model()
        and field.related_model._meta.app_label in above
    ]
    assert not wrong


@pytest.mark.parametrize("label", ORDER)
def test_templates_include_only_their_own_and_lower_apps(label: str) -> None:
    above = set(ORDER[ORDER.index(label) + 1 :])
    folder = FOLDERS[label] / "templates"
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in folder.rglob("*.html")
        for name in TAGS.findall(path.read_text())
        if name.split("/")[0] in above
    ]
    assert not wrong
