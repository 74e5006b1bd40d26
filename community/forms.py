"""What people fill in."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cms.core.formats import currencies, territories
from cms.core.sanitize import LONGEST, clean_text
from community.domain.handles import handle_fault, skeleton
from community.models import Creator, User

HANDLE_FAULTS = {
    "length": _("A handle has 3 to 40 characters."),
    "shape": _("Use small letters, digits and single hyphens, with at least one letter."),
    "reserved": _("This handle is reserved. Please choose another."),
}


def _countries() -> list[tuple[str, Any]]:
    return [("", _("Not said")), *territories(get_language() or "en").items()]


def _currencies() -> list[tuple[str, Any]]:
    named = currencies(get_language() or "en").items()
    return [("", _("As the country’s")), *((code, f"{code} · {name}") for code, name in named)]


def _time_zones() -> list[tuple[str, Any]]:
    places = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/")))
    return [("", "UTC"), *((zone, zone.replace("_", " ")) for zone in places)]


def clean_name(name: str) -> str:
    """A name on one line without unseen characters."""
    return " ".join(clean_text(name).split())


class HoneypotMixin(forms.Form):
    """A field that people do not see and programs fill in."""

    website = forms.CharField(
        required=False,
        label=_("Leave this empty"),
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    @property
    def is_trapped(self) -> bool:
        """Whether something filled in what nobody sees."""
        return bool(self.data.get("website"))


class CommentForm(HoneypotMixin):
    """A comment or an answer."""

    text = forms.CharField(
        label=_("Your comment"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("*emphasis*, **strong**, `code`, lists with “- ”, quotes with “> ”. Links are looked at first."),
    )
    parent = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)


class EditCommentForm(forms.Form):
    """New words for an old comment."""

    text = forms.CharField(label=_("Your comment"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 6}))


class ProfileForm(forms.ModelForm):
    """What others see of a person, and for whom pages are made."""

    class Meta:
        model = User
        fields: ClassVar[list[str]] = [
            "display_name",
            "handle",
            "country",
            "language",
            "currency",
            "timezone",
        ]
        help_texts: ClassVar[dict[str, Any]] = {
            "display_name": _("Stands beside your comments."),
            "handle": _("Small letters, digits and hyphens. Nobody else can have one that looks the same."),
            "timezone": _("Dates in your reports and mails."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Read before validation, which writes what was typed into the instance.
        self._handle_now = self.instance.handle
        self.fields["country"] = forms.ChoiceField(choices=_countries, required=False, label=_("Country"))
        self.fields["currency"] = forms.ChoiceField(choices=_currencies, required=False, label=_("Currency"))
        self.fields["language"] = forms.ChoiceField(choices=settings.LANGUAGES, required=False, label=_("Language"))
        self.fields["timezone"] = forms.ChoiceField(choices=_time_zones, required=False, label=_("Time zone"))
        self.fields["display_name"].widget.attrs["autocomplete"] = "name"
        if Creator.objects.filter(user=self.instance).exists():
            self.fields["handle"].disabled = True
            self.fields["handle"].help_text = _("A creator’s handle is an address that others link to. It stays.")

    def clean_display_name(self) -> str:
        return clean_name(self.cleaned_data["display_name"])

    def clean_handle(self) -> str | None:
        if self.fields["handle"].disabled:
            return self._handle_now
        handle = (self.cleaned_data["handle"] or "").strip().lower()
        if not handle:
            return None
        if handle != self._handle_now and (fault := handle_fault(handle)):
            raise forms.ValidationError(HANDLE_FAULTS[fault])
        others = User.objects.exclude(pk=self.instance.pk)
        if others.filter(handle_skeleton=skeleton(handle)).exists():
            raise forms.ValidationError(_("This handle, or one that looks like it, is taken."))
        return handle


class EraseForm(forms.Form):
    """The last word before an account is gone."""

    confirmed = forms.BooleanField(label=_("Erase my account and everything I wrote"))
    password = forms.CharField(
        label=_("Password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if not user.has_usable_password():
            del self.fields["password"]

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("That is not your password."))
        return password


class FirstRunForm(forms.Form):
    """Who runs the site, what it is called, where it is at home."""

    site_name = forms.CharField(label=_("Name of the site"), max_length=80)
    display_name = forms.CharField(
        label=_("Your name"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    email = forms.EmailField(label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label=_("Password"), widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), strip=False
    )
    country = forms.ChoiceField(label=_("Default country"), help_text=_("Serves readers whose country nobody knows."))
    currency = forms.ChoiceField(label=_("Default currency"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["country"].choices = _countries()[1:]  # type: ignore[attr-defined]
        # The list's first country is nobody's guess; the site's own defaults are a sensible one.
        self.fields["country"].initial, self.fields["currency"].initial = "DE", "EUR"
        self.fields["currency"].choices = _currencies()[1:]  # type: ignore[attr-defined]

    def clean_site_name(self) -> str:
        return clean_name(self.cleaned_data["site_name"])

    def clean_display_name(self) -> str:
        return clean_name(self.cleaned_data["display_name"])

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, User(email=self.data.get("email", "")))
        return password


class SignupForm(forms.Form):
    """What allauth's sign-up asks beyond address and password."""

    display_name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("Stands beside your comments. You can change it at any time."),
    )

    def clean_display_name(self) -> str:
        return clean_name(self.cleaned_data["display_name"])

    def signup(self, request: Any, user: User) -> None:
        """The adapter has stored the name already."""


class RejectForm(forms.Form):
    """Why a comment is turned down; its author reads this."""

    reason = forms.CharField(label=_("Reason"), max_length=300)
