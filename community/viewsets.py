"""People in the Wagtail admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wagtail.admin.forms.models import WagtailAdminModelForm
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.users.forms import UserCreationForm, UserEditForm
from wagtail.users.views.users import UserViewSet as WagtailUserViewSet

from community.domain.handles import handle_fault, skeleton
from community.forms import HANDLE_FAULTS
from community.models import Creator, User
from community.services.creators import change_creator, create_creator


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


class CreatorCreationForm(WagtailAdminModelForm):
    """A person becomes a creator."""

    class Meta:
        model = Creator
        fields = ["user", "handle", "display_name", "bio", "country", "is_trusted", "portrait"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nobody_s = User.objects.filter(creator__isnull=True, is_active=True)
        self.fields["user"].queryset = nobody_s  # type: ignore[attr-defined]

    def clean_handle(self) -> str:
        handle: str = self.cleaned_data["handle"].lower()
        if fault := handle_fault(handle):
            raise forms.ValidationError(HANDLE_FAULTS[fault])
        person = self.cleaned_data.get("user")
        others = User.objects.exclude(pk=person.pk) if person else User.objects.all()
        if others.filter(handle_skeleton=skeleton(handle)).exists():
            raise forms.ValidationError(_("This handle, or one that looks like it, is taken."))
        return handle

    def save(self, commit: bool = True) -> Creator:
        data = self.cleaned_data
        portrait = data.pop("portrait")
        self.instance = create_creator(**data, portrait_id=portrait.pk if portrait else None)
        return self.instance


class CreatorEditForm(WagtailAdminModelForm):
    """What an operator may change of a creator. The handle is an address and stays."""

    class Meta:
        model = Creator
        fields = ["display_name", "bio", "country", "is_trusted", "portrait"]

    def save(self, commit: bool = True) -> Creator:
        return change_creator(creator=self.instance)


class CreatorViewSet(ModelViewSet):
    """Creators in the admin."""

    model = Creator
    icon = "user"
    menu_label = _("Creators")
    menu_order = 610
    add_to_admin_menu = True
    copy_view_enabled = False
    list_display = ["display_name", "handle", "country", "is_trusted", "created_at"]
    search_fields = ["display_name", "handle"]
    form_fields = CreatorEditForm.Meta.fields

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return CreatorEditForm if for_update else CreatorCreationForm


creators = CreatorViewSet("community_creators", url_prefix="creators")
