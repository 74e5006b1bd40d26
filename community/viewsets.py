"""People in the Wagtail admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import UserViewSet as WagtailUserViewSet

from community.models import User


class PersonFormMixin(forms.ModelForm):
    """One name instead of a first and a last."""

    display_name = forms.CharField(required=True, max_length=80, label=_("Name"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("first_name", "last_name"):
            self.fields.pop(name, None)


class PersonCreationForm(PersonFormMixin, UserCreationForm):
    """A new person."""

    class Meta(UserCreationForm.Meta):
        model = User
        fields = {"email", "display_name", "is_superuser", "groups"}


class PersonEditForm(PersonFormMixin, UserEditForm):
    """A known person."""

    class Meta(UserEditForm.Meta):
        model = User
        fields = {"email", "display_name", "is_superuser", "groups", "is_active"}


class UserViewSet(WagtailUserViewSet):
    """Wagtail's, with our forms."""

    template_prefix = "wagtailusers/users/"

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return PersonEditForm if for_update else PersonCreationForm
